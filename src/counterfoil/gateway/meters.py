"""What the gates of a host have decided, for Prometheus: counted together, without a name or an id.

Each worker process counts in a place of its own, and whoever is asked adds them up.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from enum import IntEnum
from itertools import chain
from pathlib import Path
from typing import Final, NamedTuple

from counterfoil.gate.asked import Let
from counterfoil.gate.replica.proof import Doubt
from counterfoil.gateway.news import Found
from counterfoil.kernel.errors import CounterfoilError, Denied, Limited, Malformed, Refused
from counterfoil.runtime import exposition as said
from counterfoil.runtime.counters import Counters

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
    IN_GRACE = 7


_OF: Final[dict[type[CounterfoilError], Verdict]] = {
    Refused: Verdict.REFUSED,
    Denied: Verdict.FORBIDDEN,
    Malformed: Verdict.MALFORMED,
    Limited: Verdict.LIMITED,
}
_HEARD: Final = len(Verdict)
_TIMES: Final = _HEARD + len(Found)
_SUM: Final = _TIMES + len(_BOUNDS_NS) + 1
_WIDTH: Final = _SUM + 1
_UP, _LEVEL = 0, 1
_STATES: Final = 2
_MS: Final = 1_000


class Meters:
    """The counts of the gates of one host. Open it after the fork; one thread counts in it."""

    def __init__(self, path: Path) -> None:
        named = path.with_name(f"{path.name}-{_STATES}-{_WIDTH}")  # a layout, a file
        self._counters = Counters(named, _WIDTH, _STATES)
        self._words, self._at = self._counters.words, self._counters.at

    def count(self, verdict: Verdict, took_ns: int) -> None:
        """Count a question, and how long it took."""
        words, at = self._words, self._at
        words[at + verdict] += 1
        words[at + _TIMES + bisect_left(_BOUNDS_NS, took_ns)] += 1
        words[at + _SUM] += took_ns

    def heard(self, found: Found) -> None:
        """Count what a bus brought: the thread that follows the feed does."""
        self._words[self._at + _HEARD + found] += 1

    def bus_is_up(self, is_up: bool) -> None:  # noqa: FBT001 - a claim about the bus
        """Say whether there is a connection to the bus."""
        self._words[_UP] = is_up

    def has_bus(self) -> bool:
        """Say whether there was a connection to the bus when last it was looked for."""
        return bool(self._counters.states()[_UP])

    def begin(self, tick: float) -> None:
        """Begin to count from a tick for how long the office has not had all."""
        if not 0 < self._words[_LEVEL] <= tick * _MS:
            self.level(tick)

    def level(self, tick: float) -> None:
        """Show that the office had all that this host had decided by a tick."""
        self._words[_LEVEL] = int(tick * _MS)

    def untold_s(self, tick: float) -> float:
        """Return for how many seconds the office has not had all."""
        return max(0.0, tick - self._words[_LEVEL] / _MS)

    def totals(self) -> Sequence[int]:
        """Return what all places together have counted."""
        return self._counters.totals()

    def close(self) -> None:
        """Give the place back."""
        self._counters.close()


def verdict_of(let: Let) -> Verdict:
    """Return what became of a question that was answered by letting something pass."""
    if let.caller is None:
        return Verdict.OPEN
    return Verdict.IN_GRACE if let.late_s else Verdict.ALLOWED


def verdict_on(error: CounterfoilError) -> Verdict:
    """Return what became of a question that was answered so."""
    return _OF.get(type(error), Verdict.UNSERVED)


class Lag(NamedTuple):
    """How far a gate and its office on another host are behind each other, in seconds.

    Attributes:
        replica: since when the gate has not known that it follows the feed to its end.
        journal: since when the office has not had all that the gate decided.
    """

    replica: float
    journal: float


def exposition(
    totals: Sequence[int],
    *,
    ready: bool,
    position: int,
    has_bus: bool = False,
    lag: Lag | None = None,
    host: Iterable[str] = (),
    doubt: Doubt = Doubt.NONE,
) -> str:
    """Return it in the text format of Prometheus (version 0.0.4)."""
    lines = chain(
        _lines(totals, ready=ready, position=position),
        _news(totals, has_bus=has_bus),
        _doubts(doubt),
        _behind(lag) if lag else (),
        host,
    )
    return "\n".join(lines) + "\n"


def _doubts(doubt: Doubt) -> Iterator[str]:
    yield from said.measured(
        "counterfoil_gate_doubted",
        "Whether nothing is decided, for the office tells another history or the books are wrong.",
        (({"why": one.name.lower()}, int(doubt is one)) for one in Doubt if one),
    )


def _behind(lag: Lag) -> Iterator[str]:
    yield from said.measured(
        "counterfoil_replica_lag_seconds",
        "For how long this host has not known that it follows the feed to its end.",
        said.one(lag.replica),
    )
    yield from said.measured(
        "counterfoil_gate_journal_lag_seconds",
        "For how long the office has not had all that was decided here.",
        said.one(lag.journal),
    )


def _news(totals: Sequence[int], *, has_bus: bool) -> Iterator[str]:
    yield from said.counted(
        "counterfoil_news_total",
        "What came over NATS: new, old, or unfit, which is asked for; or not the office's.",
        (({"found": one.name.lower()}, totals[_HEARD + one]) for one in Found),
    )
    yield from said.measured(
        "counterfoil_nats_up", "Whether there is a connection to NATS.", said.one(int(has_bus))
    )


def _lines(totals: Sequence[int], *, ready: bool, position: int) -> Iterator[str]:
    yield from said.counted(
        "counterfoil_verifications_total",
        "What became of the requests that a proxy asked about.",
        (({"outcome": one.name.lower(), "surface": "gate"}, totals[one]) for one in Verdict),
    )
    yield from said.timed(
        "counterfoil_verification_seconds",
        "How long a decision took, without the time on the wire.",
        _BOUNDS_NS,
        (({}, totals[_TIMES:_SUM], totals[_SUM]),),
    )
    yield from said.measured(
        "counterfoil_replica_position",
        "Up to where this host has followed the feed.",
        said.one(position),
    )
    yield from said.measured(
        "counterfoil_gate_ready",
        "Whether the gate can decide by books that are kept up.",
        said.one(int(ready)),
    )
