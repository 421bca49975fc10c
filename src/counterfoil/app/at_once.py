"""What the operator does at the machine holds before they are told so (R1).

A server that runs beside it would hear of it soon. But where none does, a gate of this host, and
one inside an API, go on deciding by the replica that the last one left; and gates elsewhere decide
for as long as their leases run. So whoever commits by hand brings the replica and the journal of
revocations along, where there are any, and waits for the leases.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from functools import cached_property
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from counterfoil.app.effective import effective
from counterfoil.app.elsewhere import leases_of
from counterfoil.app.records import records
from counterfoil.feed.chain import ForkedError
from counterfoil.feed.event import AnyEvent
from counterfoil.feed.follow import Outbox
from counterfoil.feed.journal import segments
from counterfoil.feed.outbox import chain_at, read_head
from counterfoil.feed.receipts import NO_GATES
from counterfoil.feed.receipts import Receipts as Waiting
from counterfoil.feed.revocations import Revocations
from counterfoil.gate.replica import Replica
from counterfoil.gates import HostLeases, Receipts, has_any
from counterfoil.kernel.clock import Clock
from counterfoil.kernel.errors import Code, Unserved
from counterfoil.runtime.bell import Bell
from counterfoil.runtime.database import Database
from counterfoil.runtime.settings import Settings

_UNSETTLED: Final = (
    "This was committed, but nobody can say who else decides by what was before: what it ends "
    "is gone everywhere within two seconds. Do not ask again."
)


class AtOnce:
    """It for one installation, open in this process.

    Args:
        settings: say where the files of this host are.
        database: of the office.
        clock: what time it is.

    Nothing of it is opened, and no file begun, before something is committed.

    Attributes:
        committed: is told of each commit, and returns when this host has taken it in.
        receipts: waits for whoever else holds a lease.
    """

    def __init__(self, settings: Settings, database: Database, clock: Clock) -> None:
        self._settings = settings
        self._database = database
        self._clock = clock
        self._leaving = ExitStack()
        self.committed: Final[Callable[[int], None]] = effective(self._follow)
        self.receipts: Final[Waiting] = _Later(self._receipts)

    def close(self) -> None:
        """Give it back."""
        self._leaving.close()

    def _receipts(self) -> Waiting:
        """Return what waits for leases: of an embedded office that has no gates there are none."""
        if self._database.embedded:
            with self._database.reading() as tx:
                if not has_any(tx):
                    return NO_GATES
        leases = leases_of(self._settings, self._database)
        if isinstance(leases, HostLeases):
            self._leaving.callback(leases.close)
        heard = self._leaving.enter_context(closing(Bell(self._settings.bells_dir / "heard")))
        return Receipts(leases, heard)

    def _follow(self, position: int) -> int:
        """Bring along what follows the feed here; what was never begun is a server's to begin.

        Raises:
            ForkedError: if it has followed another history, which a server looks into as it starts.
        """
        books, there = Outbox(self._database, records), self._settings.replica_dir / "data.mdb"
        with ExitStack() as leaving:
            if segments(self._settings.revocations_dir):
                journal = Revocations(self._settings.revocations_dir, self._clock)
                leaving.callback(journal.close)
                journal.catch_up(books, position)
            if not there.exists():
                return position
            replica = leaving.enter_context(closing(Replica(self._settings.replica_dir)))
            if not replica.epoch():
                return position
            news = leaving.enter_context(closing(Bell(self._settings.bells_dir / "news")))
            self._bring(replica, books, position)
            news.ring()
            return replica.position()

    def _bring(self, replica: Replica, books: Outbox, position: int) -> None:
        with self._database.reading() as tx:
            head = read_head(tx)
        if replica.epoch() < head.epoch:
            replica.ensure(books)
        replica.catch_up(books, position)
        place = replica.place()
        with self._database.reading() as tx:
            head, told = read_head(tx), chain_at(tx, place.position)
        own = place.proof.chain
        if (
            place.epoch != head.epoch
            or place.position > head.position
            or (own and told and own != told)
        ):
            raise ForkedError(place.position)


class _Later:
    """Who is waited for, looked up once that is asked: after the first commit."""

    def __init__(self, opened: Callable[[], Waiting]) -> None:
        self._opened = opened

    @cached_property
    def _whom(self) -> Waiting:
        try:
            return self._opened()
        except (OSError, SQLAlchemyError) as error:
            raise Unserved(Code.NOT_READY, _UNSETTLED, meta={"committed": True}) from error

    @property
    def reach(self) -> str:
        """Where a change holds after it was waited for."""
        return self._whom.reach

    def concern(self, events: Sequence[AnyEvent]) -> bool:
        """Say whether one of these may have taken power away."""
        return self._whom.concern(events)

    def begin(self, position: int) -> Callable[[], None]:
        """Look who has to know; return what waits for them."""
        return self._whom.begin(position)

    def lingers_s(self, position: int) -> float:
        """Return after how many seconds no gate lets reads pass by what was before."""
        return self._whom.lingers_s(position)
