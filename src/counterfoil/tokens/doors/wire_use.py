"""How a token was used, as it stands in its resource: the last time, and what was unlike it."""

from __future__ import annotations

from typing import Literal

from counterfoil.jsonapi.given import Given, Instant
from counterfoil.tokens.doors.wire_bounds import BoundFacts


class FlagFacts(Given, frozen=True):
    """What a token did that is unlike it, and since when; nobody has dismissed it yet."""

    reason: Literal["new_network", "new_client", "refusals", "leaked"]
    detail: str
    raised_at: Instant
    last_at: Instant
    count: int


class UseFacts(BoundFacts, frozen=True):
    """What a token may do at most, when it was last used here, and what was flagged of it.

    The last use is known to within a minute, and by which client and from which network it was: a
    /24, a /48, or `other`. All three are null if it never was used.
    """

    last_used_at: Instant | None
    last_client: str | None
    last_network: str | None
    flags: list[FlagFacts]
