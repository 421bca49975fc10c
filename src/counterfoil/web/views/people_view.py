"""Members as people read them: a state, how they sign in, and what their tokens are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final

from counterfoil.directory import Person, Presence
from counterfoil.signin.accounts import Account
from counterfoil.signin.doors.accounts import source
from counterfoil.tokens import Standing as TokenStanding
from counterfoil.web.language import N_
from counterfoil.web.page import Visit
from counterfoil.web.views.token_view import BADGES, Badge, Standing

PRESENCES: Final = MappingProxyType(
    {
        Presence.ACTIVE: Badge(N_("Active"), "dot", "good"),
        Presence.INVITED: Badge(N_("Invited"), "clock", "warning"),
        Presence.SHUT_OUT: Badge(N_("Shut out"), "pause", "neutral"),
    }
)
_COUNTED: Final = (TokenStanding.ACTIVE, TokenStanding.PENDING, TokenStanding.DISABLED)


@dataclass(frozen=True, slots=True)
class PersonView:
    """A member as a row of the list.

    Attributes:
        name: what they are called here; of who has yet to accept, what their inviter called them.
        roles: names of the roles that they hold.
        source: where they are known: `local`, the names of providers, or both; empty for nowhere.
        second: whether their password asks for a code of an authenticator app.
        tokens: how many they have that count, by how each stands; None for who may not see them.
        is_service: whether it is no person, and never signs in.
    """

    id: str
    name: str
    email: str
    badge: Badge
    presence: Presence
    roles: tuple[str, ...]
    joined_at: datetime
    last_at: datetime | None
    passkeys: int
    second: bool
    source: tuple[str, ...]
    tokens: tuple[tuple[int, Badge], ...] | None
    is_service: bool
    is_me: bool

    @classmethod
    def of(cls, one: Account, visit: Visit) -> PersonView:
        """Return what is shown of a member."""
        user, member = one.person.user, one.person.member
        presence = presence_of(one.person)
        return cls(
            id=str(user.id),
            name=one.person.name,
            email=one.person.email or "",
            badge=PRESENCES[presence],
            presence=presence,
            roles=tuple(role.name for role in member.roles),
            joined_at=member.joined_at,
            last_at=one.ways.last_at,
            passkeys=one.ways.passkeys,
            second=one.ways.second,
            source=_sources(one, visit),
            tokens=_counts(one),
            is_service=user.kind == "service",
            is_me=user.id == visit.caller.user,
        )


def presence_of(person: Person) -> Presence:
    """Say whether a member may come in here."""
    if person.member.invited:
        return Presence.INVITED
    return Presence.ACTIVE if person.member.active else Presence.SHUT_OUT


def _sources(one: Account, visit: Visit) -> tuple[str, ...]:
    known = source(one)
    labels = {each.issuer: each.label for each in visit.asked.office.providers.each()}
    local = (visit.say(_LOCAL),) if known in {"local", "both"} else ()
    return (*local, *(labels.get(issuer, issuer) for issuer in one.ways.issuers))


_LOCAL: Final = N_("local")


def _counts(one: Account) -> tuple[tuple[int, Badge], ...] | None:
    if one.tokens is None:
        return None
    counted = [(one.tokens.get(each, 0), BADGES[Standing(each.value)]) for each in _COUNTED]
    return tuple((many, badge) for many, badge in counted if many)
