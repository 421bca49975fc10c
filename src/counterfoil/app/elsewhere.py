"""What an office has for gates on other hosts: their leases, what waits for them, and two bells."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final, Protocol, TypeAlias

from counterfoil.app.effective import effective
from counterfoil.app.metering import Metering
from counterfoil.app.remembered import Remembered
from counterfoil.feed.source import Source
from counterfoil.gate.lease import Lease, host_of
from counterfoil.gate.replica import Replica
from counterfoil.gates import HostLeases, Keeper, Probe, Receipts, SharedLeases, graces, has_any
from counterfoil.kernel.clock import Clock
from counterfoil.kernel.entropy import system_entropy
from counterfoil.runtime.bell import Bell
from counterfoil.runtime.database import Database
from counterfoil.runtime.going import Going
from counterfoil.runtime.repeating import Repeating
from counterfoil.runtime.settings import Settings

Leases: TypeAlias = HostLeases | SharedLeases

FOLLOW_S: Final = 0.1
"""How often to look for what the operator has written beside a server."""
SHARED_S: Final = 0.03
"""How often to look for what other hosts have written, which wait until this one knows."""
EVERY_S: Final = 0.25
"""How often to look for what the leases ask for: a commit, or to write down that one has ended."""


class Reach(Protocol):
    """Brings this host to a position of the feed, and says on the way that its gate has moved."""

    def __call__(self, position: int, *, moved: Callable[[], None]) -> int:
        """Return where the gate stands then."""
        ...


class Elsewhere:
    """It in one process. Open it after the fork.

    Args:
        settings: say where the files of this host are.
        database: of the office.
        replica: of this host.
        books: what it follows.
        reach: brings this host to a position of the feed.
        timer: counts how long gates take to know of a commit.
        clock: what time it is.

    Attributes:
        every_s: how often to look for what others have written.
        news: rings when this host has followed the feed further.
        heard: rings when a gate has said how far it has come.
        remembered: what this host was told last.
        committed: is told of each commit, and returns when this host has taken it in.
    """

    def __init__(
        self,
        settings: Settings,
        database: Database,
        replica: Replica,
        books: Source,
        reach: Reach,
        *,
        timer: Metering,
        clock: Clock,
    ) -> None:
        self.replica: Final = replica
        self.every_s: Final = FOLLOW_S if database.embedded else SHARED_S
        self._books = books
        self.remembered: Final = Remembered(replica, books)
        self.leases: Final = leases_of(settings, database)
        self.news: Final = Bell(settings.bells_dir / "news")
        self.heard: Final = Bell(settings.bells_dir / "heard")
        self.committed: Final = effective(timer.timing(partial(reach, moved=self.news.ring)))
        self.receipts: Final = Receipts(self.leases, self.heard, settled=timer.settled)
        self._lease = None if database.embedded else Lease(settings.office_lease_file)
        self._keeper: Keeper | None = None
        if self._lease is not None and isinstance(self.leases, SharedLeases):
            self._keeper = Keeper(self.leases, self._lease, clock, system_entropy)
            self._keeper.listen()  # before anything is verified here
        self._going = Going(settings.leases_lock) if database.embedded else None
        self.loop: Final = Repeating(
            "the leases",
            _turn(database, self.leases, self._going),
            EVERY_S,
            settings.leases_lock if database.embedded else None,
        )

    def follow(self) -> None:
        """Take in what others have written, and have the gates told of it."""
        before = self.replica.position()
        reached = self.replica.catch_up(self._books)
        if self._keeper is not None:
            self._keeper.turn(reached, partial(self.replica.catch_up, self._books))
        if reached != before:
            self.news.ring()

    def rebuild(self) -> None:
        """Build the replica of this host anew."""
        self.replica.rebuild(self._books)

    def close(self) -> None:
        """Give it back."""
        self.news.close()
        self.heard.close()
        if self._going is not None:
            self._going.close()
        if self._lease is not None:
            self._lease.close()
        if isinstance(self.leases, HostLeases):
            self.leases.close()


def leases_of(settings: Settings, database: Database) -> Leases:
    """Open the leases: where the database is embedded, this host alone gives any."""
    if not database.embedded:
        return SharedLeases(database, here=host_of(settings.office_lease_file))

    def enrolled() -> bool:
        with database.reading() as tx:
            return has_any(tx)

    def longest() -> list[int]:
        with database.reading() as tx:
            return [grace_s for *_, grace_s in graces(tx)]

    return HostLeases(settings.leases_file, enrolled, graces=longest)


def _turn(database: Database, leases: Leases, going: Going | None) -> Callable[[], None]:
    """Return what one process of a host does for the leases; each, where they are shared.

    An office alone has none itself. The gates beside it see by what it says that it goes on.
    """
    if isinstance(leases, SharedLeases):
        return leases.turn
    probe = Probe(database, leases)

    def turn() -> None:
        if going is not None:
            going.say()
        probe.turn()

    return turn
