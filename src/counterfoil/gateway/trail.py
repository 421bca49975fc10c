"""The gateway's trail: what it decides goes on record, but not in the request's time (X2).

A request pays for one addition to a list. Five times a second what stands there becomes rows and
counts, and goes into the journal of this host, from which the office fetches it. `kill -9` loses
that fifth of a second. Where an organization is strict, its rows are in the journal before the
answer leaves (R16). Where that fails the request does not pass, and no row says that it did; where
the disk was too slow to tell, a second row of the same request says that it did not.

Rows are never left out. So many wait in memory; who comes then waits until they are written, as who
is strict does, but no longer than a disk may take that answers. One thread writes for all of them.
While the journal takes nothing, nothing that needs a row is let through from there on; counts are
for convenience, and may be lost.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Final, TypeAlias, TypeVar

from counterfoil.access.caller import Caller, Method
from counterfoil.gate.asked import About, Let, Wanted
from counterfoil.gate.record.decided import ALLOWED, Decided, Exposed, counted, met
from counterfoil.gate.record.journal import Journal
from counterfoil.gate.record.usage import REFUSED_AS, Outcome, Usage, outcome_of
from counterfoil.gateway.exposures import MOST, exposed_in
from counterfoil.gateway.rows import late_s, row
from counterfoil.gateway.strangers import Strangers
from counterfoil.kernel.clock import Clock
from counterfoil.kernel.errors import Code, CounterfoilError, Malformed, Refused, Unserved
from counterfoil.runtime.repeating import Repeating

EVERY_S: Final = 0.2
"""How often what waits is written."""
COUNTS: Final = 10
"""In each so many turns the counts are written too."""
FULL: Final = 20_000
"""So many rows may wait; then nothing that needs one is let through before they are written."""
PATIENCE_S: Final = 0.5
"""So long a request waits for those that write; a disk that does not answer holds up no more."""
LATE_S: Final = 5.0
"""A gateway that has put nothing on record for so long, though it had to, is not ready."""
BATCH: Final = 1_000
"""So many rows stand in a batch at most, or half as many counts and secrets seen of each."""

_STUCK: Final = "an earlier write to the journal has not ended"
_BY_COUNT: Final = frozenset({Method.SERVICE, Method.EXCHANGED})
"""Of programs it is counted how often they came, and no more where nobody asks for it."""

K = TypeVar("K")
V = TypeVar("V")

_Put: TypeAlias = tuple[float, Let | About | None, Wanted, str, str]
"""When, what is known, what was asked, the outcome, and the request's id."""


class Trail:
    """What one process of the gateway has decided, until it is in the journal.

    A thread writes what waits, from `start` to `close`.

    Args:
        journal: of this host.
        clock: what time it is.
        prefix: how this installation's tokens begin.
        strict: whether every organization is.
        full: how many rows may wait.
    """

    def __init__(
        self,
        journal: Journal,
        clock: Clock,
        prefix: Callable[[], str],
        *,
        strict: bool = False,
        full: int = FULL,
    ) -> None:
        self._journal = journal
        self._now = clock.seconds
        self._prefix = prefix
        self._strict = strict
        self._full = full
        self._usage = Usage(clock)
        self._put: list[_Put] = []
        self._rows: list[Decided] = []
        self._undone: list[_Put] = []
        self._exposed: dict[bytes, Exposed] = {}
        self._writing = threading.Lock()
        self._turns = 0
        self._loop = Repeating("the journal of decisions", self.turn, EVERY_S)

    def start(self) -> None:
        """Begin to write what waits every so often; after the fork."""
        self._loop.start()

    def is_late(self) -> bool:
        """Say whether nothing could be put on record for a while, though something waits."""
        return self._loop.unwell_s() > LATE_S

    def let(self, let: Let, wanted: Wanted, id_: str) -> None:
        """Take in that a request may pass.

        Raises:
            Unserved: it has to be on record, and cannot be.
        """
        caller = let.caller
        if caller is None:
            return
        put, strict = self._put, self._strict or let.routed.limits.strict
        if strict or len(put) + len(self._rows) >= self._full:
            self._carefully(caller, (self._now(), let, wanted, ALLOWED, id_), strict=strict)
        else:
            put.append((self._now(), let, wanted, ALLOWED, id_))

    def meet(self, about: About, wanted: Wanted, id_: str) -> None:
        """Take in that a request may pass whose view says itself what it needs.

        Raises:
            Unserved: as `let` says.
        """
        put = self._now(), about, wanted, ALLOWED, id_
        self._carefully(about.caller, put, strict=self._strict or about.limits.strict)

    def refuse(self, error: CounterfoilError, wanted: Wanted, id_: str) -> None:
        """Take in that a request was refused, if it came with a token, in whatever place.

        Raises:
            Unserved: as `let` says.
        """
        about = error.about
        if isinstance(about, About):
            put = self._now(), about, wanted, error.code, id_
            self._carefully(about.caller, put, strict=self._strict or about.limits.strict)
        elif len(self._put) < self._full and (
            isinstance(wanted.presented, Malformed)
            or (type(wanted.presented) is str and isinstance(error, Refused))
        ):
            self._put.append((self._now(), None, wanted, error.code, id_))

    def flush(self) -> None:
        """Write all rows that wait, now; what cannot be written goes on waiting.

        Raises:
            OSError, JournalError: if it cannot be written, or another write does not end.
        """
        if not self._writing.acquire(timeout=PATIENCE_S):
            raise TimeoutError(_STUCK)
        try:
            self._write()
        finally:
            self._writing.release()

    def turn(self) -> None:
        """Write the rows that wait, and every so often the counts and what stood in addresses.

        Raises:
            OSError, JournalError: if they cannot be written.
        """
        self.flush()
        self._turns += 1
        if self._turns % COUNTS == 0:
            self._write_others()

    def close(self) -> None:
        """Write what waits, all of it."""
        self._loop.stop()
        self.flush()
        self._write_others()

    def _carefully(self, caller: Caller, put: _Put, *, strict: bool) -> None:
        """Take in what may not wait, or finds no room."""
        if self._is_full() and not self._writes():  # faster than the thread's turns
            if caller.method in _BY_COUNT and not strict and not late_s(put[1]):
                return
            raise _unrecorded()
        passes = put[3] == ALLOWED
        if strict and passes and self.is_late():
            raise _unrecorded()
        self._put.append(put)
        if strict and not self._writes():
            if passes:
                self._undone.append(put)
            raise _unrecorded()

    def _is_full(self) -> bool:
        return len(self._put) + len(self._rows) >= self._full

    def _writes(self) -> bool:
        """Have what waits written now; say whether it is, without waiting on a disk for ever."""
        return not self.is_late() and self._loop.now(PATIENCE_S)

    def _write(self) -> None:
        self._sort()
        while batch := self._rows[:BATCH]:
            self._journal.append(batch)
            del self._rows[: len(batch)]

    def _sort(self) -> None:
        """Make rows and counts of what was put."""
        put = self._put
        undone = self._undone[: len(self._undone)]
        some = put[: len(put)]  # what comes meanwhile waits for the next turn
        rows = self._take_back(undone, some)
        left_out = set(map(id, undone))
        strangers = Strangers(self._prefix(), self._usage.has_room)
        for one in some:
            if id(one) in left_out:
                continue
            at, known, wanted, outcome, id_ = one
            if isinstance(wanted.presented, Malformed):
                self._expose(wanted, id_)
                continue
            if known is None or known.caller is None:
                self._count_refused(wanted, Code(outcome), strangers)
                continue
            caller, late = known.caller, late_s(known)
            if caller.method is not Method.SESSION:
                what = Outcome.ALLOWED if outcome == ALLOWED else outcome_of(Code(outcome))
                self._usage.count(caller, None, what, wanted.agent, wanted.address)
            if late or caller.method not in _BY_COUNT or self._is_strict(known):
                rows.append(row(at, caller, known, wanted, outcome, id_, late))
        self._rows += rows
        del put[: len(some)], self._undone[: len(undone)]

    def _take_back(self, undone: Sequence[_Put], some: Sequence[_Put]) -> list[Decided]:
        """Take away the rows of what did not pass; return one more of each that is written already.

        Its disk took it when whoever asked had been told that it could not be put on record.
        """
        if not undone:
            return []
        ids = {put[4] for put in undone}
        waiting = {one.request_id for one in self._rows} | {put[4] for put in some}
        self._rows = [
            one for one in self._rows if one.request_id not in ids or one.outcome != ALLOWED
        ]
        return [_not_passed(put) for put in undone if put[4] not in waiting]

    def _is_strict(self, known: Let | About) -> bool:
        limits = known.limits if isinstance(known, About) else known.routed.limits
        return self._strict or limits.strict

    def _count_refused(self, wanted: Wanted, code: Code, strangers: Strangers) -> None:
        """Count a token that does not verify: the office knows of which token its digest is."""
        outcome, text, key = REFUSED_AS.get(code), wanted.presented, wanted.digest
        if outcome is None or key is None or not isinstance(text, str):
            return
        if outcome is not Outcome.REVOKED or strangers[text]:
            self._usage.count_refused(key, None, outcome, wanted.agent, wanted.address)

    def _expose(self, wanted: Wanted, id_: str) -> None:
        """Remember a token that stood in an address, if one did."""
        if len(self._exposed) < MOST and (
            told := exposed_in(wanted, self._prefix(), id_)
        ):  # fmt: skip
            self._exposed[told.digest] = told

    def _write_others(self) -> None:
        if self._exposed:
            self._journal.append((), exposed=[*self._exposed.values()])
            self._exposed.clear()
        self._write_counts()

    def _write_counts(self) -> None:
        counts, seen = self._usage.take(), self._usage.take_seen()
        if not counts and not seen:
            return
        try:
            while counts or seen:
                some, sights = _first(counts), _first(seen)
                self._journal.append((), counted(some), met(sights))
                for use in some:
                    del counts[use]
                for secret in sights:
                    del seen[secret]
        except BaseException:
            self._usage.give_back(counts)
            self._usage.give_back_seen(seen)
            raise


def _first(some: dict[K, V]) -> dict[K, V]:
    return dict(islice(some.items(), BATCH // 2))


def _not_passed(put: _Put) -> Decided:
    at, known, wanted, _, id_ = put
    assert known is not None  # noqa: S101 - who is nobody has no row
    assert known.caller is not None  # noqa: S101
    return row(at, known.caller, known, wanted, Code.NOT_READY, id_, late_s(known))


def _unrecorded() -> Unserved:
    return Unserved(Code.NOT_READY, "The gate can put nothing on record now.")
