"""A token as people read it: its state in a word, what it reaches in a few, and when it ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from counterfoil.access.conditions import Conditions
from counterfoil.access.surface import spell_surfaces
from counterfoil.kernel.ids import OrganizationId
from counterfoil.operation import Work
from counterfoil.tokens.model import LIVE, State, Token
from counterfoil.tokens.request_model import Request
from counterfoil.tokens.show import Seen
from counterfoil.tokens.steps.told import tokens_told
from counterfoil.web.language import N_

SOON: Final = timedelta(days=14)
"""How long before its end a token is called expiring."""


class Standing(StrEnum):
    """What a person calls the state of a token."""

    PENDING = "pending"
    ACTIVE = "active"
    EXPIRING = "expiring"
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
        Standing.DISABLED: Badge(N_("Disabled"), "pause", "neutral"),
        Standing.EXPIRED: Badge(N_("Expired"), "ring", "neutral"),
        Standing.REVOKED: Badge(N_("Revoked"), "cross", "bad"),
        Standing.DENIED: Badge(N_("Denied"), "cross", "bad"),
        Standing.LAPSED: Badge(N_("Lapsed"), "ring", "neutral"),
    }
)


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
        (token,) = tokens_told(work, [seen.token])
        here = work.caller.organization
        bounds = token.grant_in(here).bounds
        return cls(
            id=str(token.id),
            name=token.name,
            description=token.description,
            hint=token.hint or "",
            standing=_standing(token, here, work.now),
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
        return self.standing not in {
            Standing.PENDING, Standing.ACTIVE, Standing.EXPIRING, Standing.DISABLED,
        }  # fmt: skip


def _standing(token: Token, here: OrganizationId, now: datetime) -> Standing:
    state = token.state_in(here)
    if state in LIVE and token.expired(now):
        return Standing.EXPIRED
    ends = token.expires_at
    if state is State.ACTIVE and ends is not None and ends - now < SOON:
        return Standing.EXPIRING
    return Standing(state.value)
