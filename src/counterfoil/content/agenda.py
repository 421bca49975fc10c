"""What shall happen to an entry at a time to come, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from counterfoil.access.caller import Method
from counterfoil.kernel.errors import Code
from counterfoil.kernel.ids import NodeId, OrganizationId, TokenId, UserId


class Turn(StrEnum):
    """What a schedule does to an entry."""

    PUBLISH = "publish"
    UNPUBLISH = "unpublish"


@dataclass(frozen=True, slots=True)
class Scheduler:
    """Whose decision a schedule is: with what they may do then, or not at all.

    Attributes:
        user: in whose name; None for a token whose authority is a role.
        method: by what kind of credential they came.
        token: the credential; a session that ended leaves the person behind it.
        token_name: what it was called.
        issuer: who made an API token.
        position: where the feed stood, for cut-offs: who was shut out since, decided nothing.
    """

    user: UserId | None
    method: Method
    token: TokenId | None
    token_name: str | None
    issuer: UserId | None
    position: int


@dataclass(frozen=True, slots=True)
class Missed:
    """A turn that was refused when its time had come: it does not happen any more."""

    turn: Turn
    due_at: datetime
    at: datetime
    code: Code


@dataclass(frozen=True, slots=True)
class Schedule:
    """When an entry goes on delivery and when it is taken off again.

    A time that has come is taken out, be it that the turn happened or that it was refused.
    """

    organization: OrganizationId
    node: NodeId
    publish_at: datetime | None
    unpublish_at: datetime | None
    set_at: datetime
    by: Scheduler
    missed: Missed | None = None
    version: int = 1

    def at(self, turn: Turn) -> datetime | None:
        """Return when a turn is to come; None if it is not."""
        return self.publish_at if turn is Turn.PUBLISH else self.unpublish_at

    def due(self, now: datetime) -> tuple[Turn, datetime] | None:
        """Return what is due first, and since when; None if nothing is."""
        times = [(self.publish_at, Turn.PUBLISH), (self.unpublish_at, Turn.UNPUBLISH)]
        past = [(at, turn) for at, turn in times if at is not None and at <= now]
        return (min(past)[1], min(past)[0]) if past else None

    @property
    def is_over(self) -> bool:
        """Whether there is nothing left to do or to tell."""
        return self.publish_at is None and self.unpublish_at is None and self.missed is None

    def done(self, turn: Turn, missed: Missed | None) -> Schedule:
        """Return it without the turn whose time has come, which was missed or happened."""
        return replace(
            self,
            publish_at=None if turn is Turn.PUBLISH else self.publish_at,
            unpublish_at=None if turn is Turn.UNPUBLISH else self.unpublish_at,
            missed=missed or self.missed,
            version=self.version + 1,
        )
