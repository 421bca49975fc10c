"""The replica: what this host knows of the office's books, in memory that all its processes share.

It is derived: it can be built anew from the database at any time, and equals what the feed built.
It moves by position alone, in one transaction for each step, so that a process that is killed at
any moment leaves one state of it and never half of one. It stops where it cannot follow (R3).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, cast

from counterfoil.feed.chain import UNKNOWN, ForkedError
from counterfoil.feed.event import AnyEvent, EpochRecorded
from counterfoil.feed.source import Sheets, Source
from counterfoil.gate.replica.bulk import Bulk, DamagedError
from counterfoil.gate.replica.proof import Doubt, Proof
from counterfoil.gate.replica.standing import Standing
from counterfoil.gate.replica.tally import WORD, Counting
from counterfoil.gate.replica.txn import Txn

BATCH: Final = 500


class GapError(Exception):
    """An event is missing between the replica and what it is told, so it stays where it is."""


class Replica(Standing):
    """What this process sees of it: it follows a source, or is told."""

    # -- following --------------------------------------------------------------------------

    def apply(self, position: int, event: AnyEvent) -> bool:
        """Take in one event; return whether it was new.

        Raises:
            GapError: if one before it is missing.
            UnknownEventError: if this gate cannot understand it.
        """
        return self.take([(position, event)]) == 1

    def take(
        self, events: Sequence[tuple[int, AnyEvent]], chain: Mapping[int, bytes] | None = None
    ) -> int:
        """Take in what follows, all of it or nothing; return how many of it were new.

        Args:
            events: in order, each with its position.
            chain: of the feed at the positions where it is known; at the last of them, too.

        Raises:
            GapError, UnknownEventError: as `apply` says.
            ForkedError: if they go on from another history, or something did before.
        """
        if not events:
            self.read(lambda txn: self._require_own(txn, chain or {}))
            return 0
        return self.write(lambda txn: self._take(txn, events, chain or {}))

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

        Raises:
            DamagedError: if they say it in rows that are not those of sound books.
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
            if now.sheets is not None:
                _put_all(bulk, now.sheets)
            what = Proof(now.chain, bulk.sum, now.position, is_counted=True)
            self._move(txn, now.epoch, now.position, self._entropy(16), what)
        return True

    def _follow(self, txn: Txn, source: Source) -> int:
        epoch, mine, _ = self._state_in(txn)
        events, chain = source.read_tied(mine, BATCH)
        if any(_begins_another(event, epoch) for _, event in events):
            self._replace(txn, source)
            return 0
        self._take(txn, events, chain)
        return len(events)

    def _require_own(self, txn: Txn, chain: Mapping[int, bytes]) -> None:
        """Return if what is told goes on from what is known, and nothing else was told before."""
        _, mine, generation = self._state_in(txn)
        own, told = self._proof_in(txn, mine, generation).chain, chain.get(mine)
        if (own and told and own != told) or self._doubted_in(txn) is Doubt.FORKED:
            raise ForkedError(mine)

    def _take(
        self, txn: Txn, events: Iterable[tuple[int, AnyEvent]], chain: Mapping[int, bytes]
    ) -> int:
        self._require_own(txn, chain)
        epoch, mine, generation = self._state_in(txn)
        before, counting, new = self._proof_in(txn, mine, generation), Counting(txn, self.books), 0
        writing = cast("Txn", counting)
        for position, event in events:
            if position <= mine:
                continue
            if _begins_another(event, epoch):
                message = f"the database began another life than the {epoch}th: build this anew"
                raise GapError(message)
            if position != mine + 1:
                message = f"the replica stands at {mine} and is told {position}"
                raise GapError(message)
            self.books.write(writing, event)
            mine = position
            new += 1
        if new:
            total = before.sum + counting.sum
            what = before._replace(chain=chain.get(mine, UNKNOWN), sum=total)
            self._move(txn, epoch, mine, generation, what)
        return new

    def secrets(self) -> int:
        """Return how many live secrets it knows, as a rule one of each token."""
        return int(self.read(lambda txn: txn.stat(self.books.tokens))["entries"])

    def dump(self) -> dict[str, list[tuple[bytes, bytes]]]:
        """Return all that it knows, in order: states that are equal have equal dumps."""
        return self.read(
            lambda txn: {
                name: list(txn.cursor(database)) for name, database in self.books.by_name.items()
            }
        )


def _put_all(bulk: Bulk, sheets: Sheets) -> None:
    for name, rows in sheets.rows:
        bulk.put(name, rows)
    if bulk.sum & WORD != sheets.sum:
        message = "they add up to another tally"
        raise DamagedError(message)


def _begins_another(event: AnyEvent, epoch: int) -> bool:
    """Say whether what was known before this event is of another life of the database."""
    return isinstance(event, EpochRecorded) and event.epoch != epoch
