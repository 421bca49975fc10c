"""The replica: what this host knows of the office's books, in memory that all its processes share.

It is derived: it can be built anew from the database at any time, and equals what the feed built.
It moves by position alone, in one transaction for each step, so that a process that is killed at
any moment leaves one state of it and never half of one. It stops where it cannot follow (R3).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from struct import Struct
from typing import Final, TypeVar

from counterfoil.feed.event import AnyEvent, EpochRecorded
from counterfoil.feed.source import Source
from counterfoil.gate.bulk import Bulk
from counterfoil.gate.environment import MAP_BYTES, Environment
from counterfoil.gate.marker import boot_id
from counterfoil.gate.txn import Txn
from counterfoil.kernel.entropy import Entropy, system_entropy

T = TypeVar("T")

BATCH: Final = 500
LAYOUT: Final = 2
"""Of the books. Those that were written in another are unread, and built anew."""

_STATE: Final = Struct(">QQ16s")
"""epoch, position | generation"""
_STATE_KEY: Final = b"state %d" % LAYOUT
_PREFIX_KEY: Final = b"prefix"
_ADDRESS_KEY: Final = b"address"


class GapError(Exception):
    """An event is missing between the replica and what it is told, so it stays where it is."""


class Replica(Environment):
    """What this process sees of it.

    Args:
        path: a directory on a local disk.
        map_bytes: how large it may grow at first; it grows beyond that on its own.
        boot: what names this run of the kernel.
        entropy: where the generation comes from.
    """

    def __init__(
        self,
        path: Path,
        *,
        map_bytes: int = MAP_BYTES,
        boot: Callable[[], str] = boot_id,
        entropy: Entropy = system_entropy,
    ) -> None:
        super().__init__(path, map_bytes=map_bytes, boot=boot)
        self._entropy = entropy
        self.write(self._christen)

    # -- where it stands -------------------------------------------------------------------

    def position(self) -> int:
        """Return up to which position the replica has followed."""
        return self._state()[1]

    def epoch(self) -> int:
        """Return the epoch of the database it was built from; 0 if it was never built."""
        return self._state()[0]

    def generation(self) -> bytes:
        """Return the replica's generation: random, new at each rebuild."""
        return self._state()[2]

    def is_quarantined(self) -> bool:
        """Say whether nothing verifies, for the database was restored."""
        return self.read(self.books.is_quarantined)

    def prefix(self) -> str:
        """Return how the tokens of the installation begin; empty if nobody has said so yet."""
        return bytes(self.read(lambda txn: txn.get(_PREFIX_KEY, b"", self.books.meta))).decode()

    def address(self) -> str:
        """Return the base URL of the office; empty if it has none, or nobody has said so yet."""
        return bytes(self.read(lambda txn: txn.get(_ADDRESS_KEY, b"", self.books.meta))).decode()

    def call(self, prefix: str, address: str = "") -> None:
        """Say how the tokens of the installation begin, and where the office is reached.

        There are gates that know it from nowhere else.
        """
        if (self.prefix(), self.address()) != (prefix, address):
            self.write(lambda txn: self._named(txn, prefix, address))

    def _named(self, txn: Txn, prefix: str, address: str) -> None:
        txn.put(_PREFIX_KEY, prefix.encode(), db=self.books.meta)
        txn.put(_ADDRESS_KEY, address.encode(), db=self.books.meta)

    def _state(self) -> tuple[int, int, bytes]:
        return self.read(self._state_in)

    def _state_in(self, txn: Txn) -> tuple[int, int, bytes]:
        state = txn.get(_STATE_KEY, b"", db=self.books.meta)
        epoch, position, generation = _STATE.unpack(state)
        return epoch, position, generation

    # -- following --------------------------------------------------------------------------

    def apply(self, position: int, event: AnyEvent) -> bool:
        """Take in one event; return whether it was new.

        Raises:
            GapError: if one before it is missing.
            UnknownEventError: if this gate cannot understand it.
        """
        return self.take([(position, event)]) == 1

    def take(self, events: Sequence[tuple[int, AnyEvent]]) -> int:
        """Take in what follows, all of it or nothing; return how many of it were new.

        Raises:
            GapError, UnknownEventError: as `apply` says.
        """
        return self.write(lambda txn: self._take(txn, events)) if events else 0

    def catch_up(self, source: Source, at_least: int | None = None) -> int:
        """Take in all that the source has, and return the position then.

        One process at a time does so, in the transaction in which it also asks: so each event is
        taken in once, and a position that a worker was told is there when this returns (R1).

        Raises:
            GapError: if the source cannot tell what comes next, or ends before `at_least`.
            UnknownEventError: if this gate cannot understand an event.
        """
        if at_least is not None and self.position() >= at_least:
            return self.position()
        while self.write(lambda txn: self._follow(txn, source)) == BATCH:
            pass
        reached = self.position()
        if at_least is not None and reached < at_least:
            message = f"the feed ends at {reached}, before {at_least}"
            raise GapError(message)
        return reached

    def rebuild(self, source: Source) -> None:
        """Replace all that it knows by what the office's books say now.

        One transaction: until it is over, everybody sees the state before.
        """
        self.write(lambda txn: self._replace(txn, source))

    def ensure(self, source: Source) -> bool:
        """Rebuild where the feed cannot lead on; return whether that was so.

        It cannot if the replica was never built, if the database begins another life, or if it
        stands behind the replica, which is what somebody sees who put an old copy in its place.
        """
        return self.write(lambda txn: self._replace(txn, source, anyway=False))

    def _replace(self, txn: Txn, source: Source, *, anyway: bool = True) -> bool:
        """Ask for the books only now that nobody else writes: so what they say is never older."""
        epoch, position, _ = self._state_in(txn)
        with source.inventory() as now:
            if not anyway and epoch == now.epoch and position <= now.position:
                return False
            self.books.empty(txn)
            bulk = Bulk(self.books, txn, self.path)
            for event in now.records:
                bulk.write(event)
            bulk.flush()
            self._move(txn, now.epoch, now.position, self._entropy(16))
        return True

    def _follow(self, txn: Txn, source: Source) -> int:
        epoch, mine, _ = self._state_in(txn)
        events = source.read_after(mine, BATCH)
        if any(_begins_another(event, epoch) for _, event in events):
            self._replace(txn, source)
            return 0
        self._take(txn, events)
        return len(events)

    def _take(self, txn: Txn, events: Iterable[tuple[int, AnyEvent]]) -> int:
        epoch, mine, generation = self._state_in(txn)
        new = 0
        for position, event in events:
            if position <= mine:
                continue
            if _begins_another(event, epoch):
                message = f"the database began another life than the {epoch}th: build this anew"
                raise GapError(message)
            if position != mine + 1:
                message = f"the replica stands at {mine} and is told {position}"
                raise GapError(message)
            self.books.write(txn, event)
            mine = position
            new += 1
        if new:
            self._move(txn, epoch, mine, generation)
        return new

    def _move(self, txn: Txn, epoch: int, position: int, generation: bytes) -> None:
        txn.put(_STATE_KEY, _STATE.pack(epoch, position, generation), db=self.books.meta)

    def _christen(self, txn: Txn) -> None:
        if txn.get(_STATE_KEY, db=self.books.meta) is None:
            self._move(txn, 0, 0, self._entropy(16))

    def dump(self) -> dict[str, list[tuple[bytes, bytes]]]:
        """Return all that it knows, in order: states that are equal have equal dumps."""
        return self.read(
            lambda txn: {
                name: list(txn.cursor(database)) for name, database in self.books.by_name.items()
            }
        )


def _begins_another(event: AnyEvent, epoch: int) -> bool:
    """Say whether what was known before this event is of another life of the database."""
    return isinstance(event, EpochRecorded) and event.epoch != epoch
