"""What the token doors share: ids from addresses, and the shape of answers."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Final

from counterfoil.jsonapi.given import One, effective, etag
from counterfoil.jsonapi.parameter import Parameter, one_of
from counterfoil.jsonapi.route import Answer, Asked
from counterfoil.kernel import ids
from counterfoil.kernel.errors import Code
from counterfoil.kernel.ids import Prefix, TokenId, UserId
from counterfoil.tokens.api_token_edit import LONGEST_GRACE

GRACE: Final = Parameter(
    "grace",
    "For how many seconds the former secret goes on working; for none if it is left out.",
    {"type": "integer", "minimum": 0, "maximum": int(LONGEST_GRACE.total_seconds())},
    3600,
)
MAKING: Final = (
    Code.SCOPE_ABOVE_ROLE,
    Code.LIFETIME_ABOVE_POLICY,
    Code.INSUFFICIENT_ROLE,
    Code.NOT_FOUND,
)
"""With what it fails to make a token that would be more than it may, or of something unknown."""

EDITING: Final = (
    Code.TOKEN_FINAL,
    Code.SCOPE_ABOVE_ROLE,
    Code.EXPIRATION_CANNOT_BE_EXTENDED,
    Code.INSUFFICIENT_ROLE,
    Code.STEP_UP_REQUIRED,
)
"""With what it fails to edit a token."""


class Descendants(StrEnum):
    """What becomes of the tokens that a token made."""

    KEEP = "keep"
    REVOKE = "revoke"


DESCENDANTS: Final = one_of(
    "descendants",
    "What becomes of the tokens that it made; the policy decides if it is left out.",
    Descendants,
)


def token_id(asked: Asked) -> TokenId:
    """Return the token that the address names."""
    return TokenId(ids.read(Prefix.TOKEN, asked.params["id"]))


def shown(data: object, version: int) -> Answer:
    """Answer with one resource."""
    return Answer(200, One(data), etag(version))


def taken(data: object, version: int, position: int | None) -> Answer:
    """Answer a write that may take power away: it holds on this host from here on."""
    return Answer(200, effective(data, position), etag(version))


def user_in(asked: Asked, name: str) -> UserId | None:
    """Return the user that a parameter names."""
    id_ = asked.query.id(Prefix.USER, name)
    return None if id_ is None else UserId(id_)


def grace_of(asked: Asked) -> timedelta:
    """Return how long the former secret goes on working: `?grace=` in seconds."""
    longest = int(LONGEST_GRACE.total_seconds())
    return timedelta(seconds=asked.query.integer("grace", 0, longest) or 0)


def cascade_of(asked: Asked) -> bool | None:
    """Return whether what the token minted goes too: `?descendants=keep|revoke`; None by policy."""
    said = asked.query.one_of("descendants", Descendants)
    return None if said is None else said is Descendants.REVOKE
