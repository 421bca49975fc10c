"""A gate on another host, as the office knows it, and the lease by which it decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple, Protocol

from counterfoil.gate.lease import LEASE_S
from counterfoil.kernel.errors import Code, Conflict
from counterfoil.kernel.ids import GateId

HISTORY: Final = "history"
"""A gate knows of something that its office has not told, or lacks what it has."""
BOOKS: Final = "books"
"""A gate was told the same, and something else stands in its books."""


class Called(NamedTuple):
    """How an office is called.

    Attributes:
        prefix: how its tokens begin.
        address: its base URL; empty if it has none.
    """

    prefix: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Gate:
    """One gate.

    Attributes:
        name: what its operator calls it.
        position: up to where it has said that it follows the feed.
        renewals: how many leases it was given; a lease is named by it.
        holds: whether the lease that it was given last may still run.
        heard_at: when it was last heard of; None if it never was.
        grace_s: the longest grace that it was ever given.
        told_at: when the office last knew all that it had decided; None if it never did.
        untold: so many bytes of its journal it said that it still has to tell.
        missed, doubted: batches that never came, and rows that are in no trail. They only grow.
        differs: in what it was another than the office when last it said; empty if in nothing.
        differed_at: when that was last found; None if it never was.
    """

    id: GateId
    name: str
    enrolled_at: datetime
    position: int = 0
    renewals: int = 0
    holds: bool = False
    heard_at: datetime | None = None
    grace_s: int = 0
    told_at: datetime | None = None
    untold: int = 0
    missed: int = 0
    doubted: int = 0
    differs: str = ""
    differed_at: datetime | None = None

    def untold_for(self, now: datetime) -> timedelta:
        """Return for how long it may have decided something that the office does not know.

        It decides nothing any more when its last lease is over.
        """
        if self.heard_at is None:
            return timedelta()
        decided = min(now, self.heard_at + timedelta(seconds=LEASE_S))
        return max(decided - (self.told_at or self.enrolled_at), timedelta())


class Heard(NamedTuple):
    """What a gate has said.

    Attributes:
        host: which host it is on, as it names that.
        position: up to where it follows the feed.
        lease: whether it would go on deciding.
        at: when that was heard.
        grace_s: for how long it may let reads pass after the lease that it is given for this.
        level: whether it knows of no longer grace: it has heard all that there is.
    """

    host: int
    position: int
    lease: bool
    at: datetime
    grace_s: int = 0
    level: bool = False


class Others(NamedTuple):
    """What one host of an office is told of the others.

    Attributes:
        holding: how many of them may hold a lease.
        latest: the latest time that any of them has ever believed; None if there was none.
        live: the latest of those who may hold a lease.
        theirs: what time the database says that it is; None where it is no host of its own.
    """

    holding: int
    latest: datetime | None
    live: datetime | None
    theirs: datetime | None


class Lease(NamedTuple):
    """A lease that may still run.

    Attributes:
        position: up to where its gate has said that it follows the feed.
        name: tells it from the one that the gate is given next.
        until: the tick at which it is over.
    """

    position: int
    name: float
    until: float


class Leases(Protocol):
    """The leases of all gates, as all processes know them that give one or wait for one.

    Who gives one writes it down before they read what they tell along with it. So whoever commits
    first and looks afterwards sees it, or it tells of their commit.
    """

    def hear(self, gate: GateId, heard: Heard) -> bool:
        """Take note of where a gate stands, and give it a lease if it may have one; say whether.

        Raises:
            Conflict: if the credential was brought to two hosts, and the other one may decide yet.
        """
        ...

    def running(self) -> dict[GateId, Lease]:
        """Return the leases that may run."""
        ...

    def lingering(self) -> list[tuple[int, float]]:
        """Return who may let reads pass after a lease: where each stands, and how long yet."""
        ...

    def end(self, leases: Mapping[GateId, Lease]) -> None:
        """Take note that these have run out."""
        ...

    def told_of(self, gates: Sequence[Gate]) -> list[Gate]:
        """Return gates with where they stand, and whether they hold a lease."""
        ...


def twice() -> Conflict:
    """Say that two hosts show one credential, of which one alone can decide."""
    return Conflict(
        Code.CONFLICT,
        "A gate on another host holds a lease by this credential, or is in a grace: "
        "each has its own.",
    )
