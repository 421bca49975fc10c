"""A token as people read it: its state in a word, what it reaches in a few, and when it ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from counterfoil import directory
from counterfoil.access.conditions import Conditions
from counterfoil.access.surface import spell_surfaces
from counterfoil.kernel.ids import OrganizationId, UserId
from counterfoil.operation import Work
from counterfoil.secret import Kind
from counterfoil.tokens.holders import may_hold
from counterfoil.tokens.model import LIVE, State, Token
from counterfoil.tokens.request_model import Request
from counterfoil.tokens.show import Seen
from counterfoil.tokens.steps.told import tokens_told
from counterfoil.web.language import N_

SOON: Final = timedelta(days=14)
"""How long before its end a token is called expiring."""


class Standing(StrEnum):
    """What a person calls the state of a token.

    Two that rest are on, and open nothing: one whose time has not come, and one whose owner holds
    none of the roles that the policy allows personal tokens.
    """

    PENDING = "pending"
    ACTIVE = "active"
    EXPIRING = "expiring"
    RESTING = "resting"
    SUSPENDED = "suspended"
    DISABLED = "disabled"
    EXPIRED = "expired"
    REVOKED = "revoked"
    DENIED = "denied"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class Badge:
    """A state by a word, an icon and a colour, of which the word alone would do."""

    word: str
    icon: str
    tone: str


BADGES: Final = MappingProxyType(
    {
        Standing.PENDING: Badge(N_("Awaiting approval"), "clock", "warning"),
        Standing.ACTIVE: Badge(N_("Active"), "dot", "good"),
        Standing.EXPIRING: Badge(N_("Expiring"), "half", "warning"),
        Standing.RESTING: Badge(N_("Not yet in force"), "clock", "neutral"),
        Standing.SUSPENDED: Badge(N_("Suspended by the policy"), "alert", "warning"),
        Standing.DISABLED: Badge(N_("Disabled"), "pause", "neutral"),
        Standing.EXPIRED: Badge(N_("Expired"), "ring", "neutral"),
        Standing.REVOKED: Badge(N_("Revoked"), "cross", "bad"),
        Standing.DENIED: Badge(N_("Denied"), "cross", "bad"),
        Standing.LAPSED: Badge(N_("Lapsed"), "ring", "neutral"),
    }
)

ON: Final = frozenset({Standing.ACTIVE, Standing.EXPIRING, Standing.RESTING, Standing.SUSPENDED})
"""What can be switched off."""


@dataclass(frozen=True, slots=True)
class TokenView:
    """A personal token as it stands in one organization.

    Attributes:
        scopes: their names; None for all that its owner may do.
        roots: how many nodes it is restricted to; None for everywhere.
        conditions: from where, how often and from when on it works.
        request: what it last asked for, if it ever had to ask.
    """

    id: str
    name: str
    description: str
    hint: str
    standing: Standing
    scopes: tuple[str, ...] | None
    roots: int | None
    surfaces: tuple[str, ...]
    conditions: Conditions
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    spans_all: bool
    request: Request | None

    @classmethod
    def of(cls, seen: Seen, work: Work) -> TokenView:
        """Return what is shown of a token."""
        (view,) = cls.all_of([seen], work)
        return view

    @classmethod
    def all_of(cls, seen: Sequence[Seen], work: Work) -> list[TokenView]:
        """Return what is shown of some tokens."""
        barred = _barred(work)
        return [cls._of(one, work, is_barred=one.token.owner in barred) for one in seen]

    @classmethod
    def _of(cls, seen: Seen, work: Work, *, is_barred: bool) -> TokenView:
        (token,) = tokens_told(work, [seen.token])
        here = work.caller.organization
        bounds = token.grant_in(here).bounds
        return cls(
            id=str(token.id),
            name=token.name,
            description=token.description,
            hint=token.hint or "",
            standing=standing(token, here, work.now, is_barred=is_barred),
            scopes=None if bounds.scopes is None else work.vocabulary().spell(bounds.scopes),
            roots=None if bounds.roots is None else len(bounds.roots),
            surfaces=spell_surfaces(bounds.surfaces),
            conditions=bounds.conditions,
            created_at=token.created_at,
            expires_at=token.expires_at,
            revoked_at=token.revoked_at,
            spans_all=token.spans_all,
            request=seen.request,
        )

    @property
    def badge(self) -> Badge:
        """How its state looks."""
        return BADGES[self.standing]

    @property
    def is_over(self) -> bool:
        """Whether nothing will ever bring it back."""
        return self.standing not in ON | {Standing.PENDING, Standing.DISABLED}

    @property
    def asked_at(self) -> datetime | None:
        """Since when it awaits approval; None for one that does not."""
        waits = self.standing is Standing.PENDING and self.request is not None
        return self.request.created_at if waits and self.request else None

    def left(self, now: datetime) -> int | None:
        """Return how much of its life is left, in percent; None for one without an end."""
        if self.expires_at is None:
            return None
        span = max(self.expires_at - self.created_at, timedelta(seconds=1))
        return round(100 * min(max((self.expires_at - now) / span, 0), 1))


def standing(
    token: Token, here: OrganizationId, now: datetime, *, is_barred: bool = False
) -> Standing:
    """Return what the state of a token is called in an organization now."""
    grant = token.grant_in(here)
    if grant.standing in LIVE and token.expired(now):
        return Standing.EXPIRED
    if grant.standing is not State.ACTIVE:
        return Standing(grant.standing.value)
    if is_barred and token.kind is Kind.PERSONAL:
        return Standing.SUSPENDED
    if not grant.bounds.conditions.begun(now):
        return Standing.RESTING
    ends = token.expires_at
    return Standing.EXPIRING if ends is not None and ends - now < SOON else Standing.ACTIVE


def _barred(work: Work) -> frozenset[UserId]:
    """Return the members whose roles the policy allows no personal tokens."""
    here = work.caller.organization
    rules = directory.policy(work.tx, here)
    if rules.token_roles is None:
        return frozenset()
    people = directory.active_people(work.tx, here)
    return frozenset(one.user for one in people if not may_hold(rules, one))
