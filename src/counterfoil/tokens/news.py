"""What tokens announce to higher slices beside what the gates hear of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from counterfoil.kernel.ids import OrganizationId, RequestId, TokenId
from counterfoil.secret import Kind
from counterfoil.tokens.model import State, Token


class Turn(StrEnum):
    """What became of a token."""

    REQUESTED = "requested"
    APPROVED = "approved"
    DENIED = "denied"
    CREATED = "created"
    ROTATED = "rotated"
    EXPIRING = "expiring"
    EXPIRED = "expired"
    DISABLED = "disabled"
    ENABLED = "enabled"
    REVOKED = "revoked"
    LEAKED = "leaked"
    ANOMALY = "anomaly"


@dataclass(frozen=True, slots=True)
class TokenTurned:
    """Something became of a token in an organization; `request` is what it was about, if any."""

    organization: OrganizationId
    token: TokenId
    kind: Kind
    turn: Turn
    request: RequestId | None = None


TOLD_OF: Final = frozenset({Kind.PERSONAL, Kind.SERVICE, Kind.CLIENT})
"""Sessions and exchanged tokens come and go by the thousand."""


def made(token: Token) -> list[TokenTurned]:
    """Return what is announced of a new token, wherever it speaks."""
    if token.kind not in TOLD_OF:
        return []
    return [_turned(token, one.organization, Turn.CREATED) for one in token.grants]


def turned(before: Token, after: Token) -> list[TokenTurned]:
    """Return what is announced of a change: where a token was switched off, on, or revoked."""
    if after.kind not in TOLD_OF:
        return []
    was = {one.organization: one.state for one in before.grants}
    return [
        _turned(after, one.organization, turn)
        for one in after.grants
        if (turn := _TURNS.get((was.get(one.organization, one.state), one.state))) is not None
    ]


_TURNS: Final = {
    (State.ACTIVE, State.DISABLED): Turn.DISABLED,
    (State.DISABLED, State.ACTIVE): Turn.ENABLED,
    (State.PENDING, State.REVOKED): Turn.REVOKED,
    (State.ACTIVE, State.REVOKED): Turn.REVOKED,
    (State.DISABLED, State.REVOKED): Turn.REVOKED,
}


def _turned(token: Token, organization: OrganizationId, turn: Turn) -> TokenTurned:
    return TokenTurned(organization, token.id, token.kind, turn)
