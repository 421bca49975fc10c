"""What the gates of a host have decided, for Prometheus: counted together, without a name or an id.

Each worker process counts in a place of its own in one file that all have in memory, and whoever is
asked adds them up. A place is kept by a lock: a worker that follows one which died counts on there.
"""

from __future__ import annotations

import fcntl
import mmap
import os
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from enum import IntEnum
from pathlib import Path
from typing import Final

from counterfoil.kernel.errors import CounterfoilError, Denied, Limited, Malformed, Refused

PLACES: Final = 64
_WORD: Final = 8
_BOUNDS_NS: Final = tuple(
    1_000 * us for us in (5, 10, 20, 30, 50, 75, 100, 200, 500, 1_000, 5_000, 50_000)
)


class Verdict(IntEnum):
    """What became of a question."""

    ALLOWED = 0
    OPEN = 1
    REFUSED = 2
    FORBIDDEN = 3
    MALFORMED = 4
    LIMITED = 5
    UNSERVED = 6


_OF: Final[dict[type[CounterfoilError], Verdict]] = {
    Refused: Verdict.REFUSED,
    Denied: Verdict.FORBIDDEN,
    Malformed: Verdict.MALFORMED,
    Limited: Verdict.LIMITED,
}
_TIMES: Final = len(Verdict)
_SUM: Final = _TIMES + len(_BOUNDS_NS) + 1
_WIDTH: Final = _SUM + 1


class FullError(Exception):
    """More processes count on this host than there are places."""


class Meters:
    """The counts of the gates of one host. Open it after the fork; one thread counts in it."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        size = PLACES * _WIDTH * _WORD
        if os.fstat(self._file).st_size < size:
            os.posix_fallocate(self._file, 0, size)
        self._table = mmap.mmap(self._file, size)
        self._words = memoryview(self._table).cast("Q")
        self._at = self._take_place() * _WIDTH

    def count(self, verdict: Verdict, took_ns: int) -> None:
        """Count a question, and how long it took."""
        words, at = self._words, self._at
        words[at + verdict] += 1
        words[at + _TIMES + bisect_left(_BOUNDS_NS, took_ns)] += 1
        words[at + _SUM] += took_ns

    def totals(self) -> Sequence[int]:
        """Return what all places together have counted."""
        words = self._words.tolist()
        return [sum(words[at::_WIDTH]) for at in range(_WIDTH)]

    def close(self) -> None:
        """Give the place back."""
        self._words.release()
        self._table.close()
        os.close(self._file)

    def _take_place(self) -> int:
        for place in range(PLACES):
            try:
                fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
            except OSError:
                continue
            return place
        message = f"{PLACES} processes count here already"
        raise FullError(message)


def verdict_on(error: CounterfoilError) -> Verdict:
    """Return what became of a question that was answered so."""
    return _OF.get(type(error), Verdict.UNSERVED)


def exposition(totals: Sequence[int], *, ready: bool, position: int) -> str:
    """Return it in the text format of Prometheus (version 0.0.4)."""
    return "\n".join(_lines(totals, ready=ready, position=position)) + "\n"


def _lines(totals: Sequence[int], *, ready: bool, position: int) -> Iterator[str]:
    name = "counterfoil_verifications_total"
    yield f"# HELP {name} What became of the requests that a proxy asked about."
    yield f"# TYPE {name} counter"
    for verdict in Verdict:
        labels = f'outcome="{verdict.name.lower()}",surface="gate"'
        yield f"{name}{{{labels}}} {totals[verdict]}"
    name, before = "counterfoil_verification_seconds", 0
    yield f"# HELP {name} How long a decision took, without the time on the wire."
    yield f"# TYPE {name} histogram"
    for bound, count in zip(_BOUNDS_NS, totals[_TIMES:], strict=False):
        before += count
        yield f'{name}_bucket{{le="{bound / 1e9:g}"}} {before}'
    everything = sum(totals[_TIMES:_SUM])
    yield f'{name}_bucket{{le="+Inf"}} {everything}'
    yield f"{name}_sum {totals[_SUM] / 1e9:.9f}"
    yield f"{name}_count {everything}"
    yield "# HELP counterfoil_replica_position Up to where this host has followed the feed."
    yield "# TYPE counterfoil_replica_position gauge"
    yield f"counterfoil_replica_position {position}"
    yield "# HELP counterfoil_gate_ready Whether the gate can decide by books that are kept up."
    yield "# TYPE counterfoil_gate_ready gauge"
    yield f"counterfoil_gate_ready {int(ready)}"
