"""Requests: what somebody wants for a token of theirs, and what was decided (CONTRACT: approval).

    open ──> approved | denied | cancelled | lapsed

A token has at most one open request in each organization. Whoever edits what they asked for cancels
the request and opens another, so that nobody approves what they did not read (S22).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from counterfoil.kernel.errors import Code, Conflict
from counterfoil.kernel.ids import OrganizationId, RequestId, TokenId, UserId
from counterfoil.kernel.sentence import sentence
from counterfoil.tokens.bounds import Bounds


class RequestKind(StrEnum):
    """What approving a request does."""

    NEW = "new"
    """It makes a pending token active."""
    WIDEN = "widen"
    """It gives an active token wider bounds; until then the old ones are in force (X14)."""


class RequestState(StrEnum):
    """What became of a request."""

    OPEN = "open"
    APPROVED = "approved"
    DENIED = "denied"
    CANCELLED = "cancelled"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class Asking:
    """What an approver is to read: what is wanted for a token, until when, and why."""

    kind: RequestKind
    bounds: Bounds
    expires_at: datetime | None
    justification: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for a token, and what was decided.

    Attributes:
        requester: who asks; the token is theirs.
        bounds: what the token would be allowed; with `expires_at`, what an approver reads.
        justification: why they ask, in their words.
        lapses_at: when it closes by itself (A10b).
        agreed_by: who approved it first, where two must: it asks for no more than they gave since.
        narrowed: whether they gave less than was asked.
        decided_by: who approved, denied or cancelled it; None for the clock.
        reason: why it was decided so, in the approver's words; a denial has one (A10a).
    """

    id: RequestId
    organization: OrganizationId
    token: TokenId
    requester: UserId
    kind: RequestKind
    bounds: Bounds
    expires_at: datetime | None
    created_at: datetime
    lapses_at: datetime
    justification: str = ""
    state: RequestState = RequestState.OPEN
    agreed_by: UserId | None = None
    agreed_at: datetime | None = None
    narrowed: bool = False
    decided_by: UserId | None = None
    decided_at: datetime | None = None
    reason: str | None = None
    version: int = 1

    def open_at(self, now: datetime) -> Request:
        """Return this request, if it still waits.

        Raises:
            Conflict: REQUEST_CLOSED if it was decided, or has waited too long.
        """
        state = self.state
        if state is RequestState.OPEN and now >= self.lapses_at:
            state = RequestState.LAPSED
        if state is not RequestState.OPEN:
            raise Conflict(
                Code.REQUEST_CLOSED,
                sentence("The request is %(state)s.", state=sentence(state)),
                meta={"state": str(state)},
            )
        return self

    def shortened(self, expires_at: datetime | None) -> Request:
        """Return it asking for this end, if that is earlier: whoever read the later reads anew.

        It lapses then at the latest.
        """
        ends = [one for one in (self.expires_at, expires_at) if one is not None]
        end = min(ends, default=None)
        lapses_at = min(self.lapses_at, end or self.lapses_at)
        return replace(self, expires_at=end, lapses_at=lapses_at, version=self.version + 1)

    def agreed(
        self,
        by: UserId | None,
        bounds: Bounds,
        expires_at: datetime | None,
        now: datetime,
        reason: str | None = None,
    ) -> Request:
        """Return it with a first approval, asking for what that gives: the second reads this."""
        less = (bounds, expires_at) != (self.bounds, self.expires_at)
        narrower = replace(self, bounds=bounds, agreed_by=by, agreed_at=now, reason=reason)
        return replace(narrower, narrowed=self.narrowed or less).shortened(expires_at)

    def decided(
        self, state: RequestState, by: UserId | None, now: datetime, reason: str | None = None
    ) -> Request:
        """Return it closed, for good."""
        return replace(
            self, state=state, decided_by=by, decided_at=now, reason=reason,
            version=self.version + 1,
        )  # fmt: skip
