"""What an office tells Prometheus: what its processes counted, and how the installation stands.

Nothing here has the name or the id of anybody. A request pays for one addition; how many tokens
there are is counted in the background, by one process of a host.
"""

from __future__ import annotations

import threading
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, count, product
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from counterfoil import __version__, gates, tokens
from counterfoil.access.surface import Surface
from counterfoil.app import audited
from counterfoil.feed.outbox import last_at, read_head
from counterfoil.gate.hostclock import lines as clock_lines
from counterfoil.gate.replica import Replica
from counterfoil.kernel.clock import Clock
from counterfoil.kernel.errors import (
    FAMILY,
    Code,
    CounterfoilError,
    Denied,
    Limited,
    Malformed,
    Refused,
)
from counterfoil.runtime import ballast
from counterfoil.runtime import exposition as said
from counterfoil.runtime.counters import Counters
from counterfoil.runtime.database import Database
from counterfoil.runtime.repeating import Repeating
from counterfoil.runtime.settings import Settings
from counterfoil.webhooks.model import State

PUBLISH_S: Final = 1.0
"""How often a process shows the others what it has counted."""
COUNT_S: Final = 60.0
"""How often the tokens are counted."""
_REST: Final = 50
"""For so many times as long as counting them took, they are not counted again."""

_OUTCOMES: Final = ("allowed", "forbidden", "limited", "refused", "malformed", "unserved")
_ALLOWED, _UNSERVED = 0, 5
_INSIDE: Final[dict[type[CounterfoilError], int]] = {Denied: 1, Limited: 2}
_AT_THE_DOOR: Final = {**_INSIDE, Refused: 3, Malformed: 4}
_KINDS: Final = ("personal", "service", "exchanged")
_BOUNDS_NS: Final = tuple(
    1_000_000 * ms for ms in (1, 2, 5, 10, 20, 50, 100, 250, 500, 1_000, 2_000)
)

_SURFACES: Final = tuple(Surface)
_PLACE: Final = {surface: at * len(_OUTCOMES) for at, surface in enumerate(_SURFACES)}
_TIMES: Final = len(_SURFACES) * len(_OUTCOMES)
_SUM: Final = _TIMES + len(_BOUNDS_NS) + 1
_FAR_TIMES: Final = _SUM + 1
_FAR_SUM: Final = _FAR_TIMES + len(_BOUNDS_NS) + 1
_SENT: Final = _FAR_SUM + 1
_RESULTS: Final = tuple(State)
_WIDTH: Final = _SENT + len(_RESULTS)

_STANDINGS: Final = tuple(product(_KINDS, tokens.Standing))
_WAITING: Final = len(_STANDINGS)
_KNOWN: Final = _WAITING + 1
_STATES: Final = _KNOWN + 1
_PLACES: Final = 256


class Count:
    """A number to which any thread adds at once; one alone looks at it."""

    __slots__ = ("_looks", "add")

    def __init__(self) -> None:
        self.add = count().__next__  # which no other thread comes between
        self._looks = 0

    def look(self) -> int:
        """Return how often it was added to."""
        value = self.add() - self._looks
        self._looks += 1
        return value


class Metering:
    """The numbers of one process of an office. Open it after the fork."""

    def __init__(
        self, settings: Settings, database: Database, replica: Replica, clock: Clock
    ) -> None:
        self._settings = settings
        self._database = database
        self._replica = replica
        self._clock = clock
        path = settings.office_meters_file
        self._file = path.with_name(f"{path.name}-{_STATES}-{_WIDTH}")  # a layout, a file
        self._counters = Counters(self._file, _WIDTH, _STATES, _PLACES)
        begun = self._counters.words[self._counters.at : self._counters.at + _TIMES].tolist()
        self._verified = [(Count(), before) for before in begun]
        self._adds = [one.add for one, _ in self._verified]
        self._adding = threading.Lock()
        self._committed = threading.local()
        self._rests_until = 0.0
        self.loops: Final = (
            Repeating("the numbers", self.publish, PUBLISH_S),
            Repeating("the count of tokens", self.count_tokens, COUNT_S, settings.meters_lock),
        )

    def verified(self, surface: Surface, refused: Code | None, failed: Code | None) -> None:
        """Count a credential: why it was refused, or why the request of a good one failed."""
        outcome = _ALLOWED
        if refused is not None:
            outcome = _AT_THE_DOOR.get(FAMILY[refused], _UNSERVED)
        elif failed is not None:
            outcome = _INSIDE.get(FAMILY[failed], _ALLOWED)
        self._adds[_PLACE[surface] + outcome]()

    def timing(self, follow: Callable[[int], int]) -> Callable[[int], int]:
        """Return the same, which counts how long gates take to know of a commit."""

        def timed(position: int) -> int:
            began = self._committed.at = time.perf_counter_ns()
            reached = follow(position)
            took = time.perf_counter_ns() - began
            self._add((_TIMES + bisect_left(_BOUNDS_NS, took), 1), (_SUM, took))
            return reached

        return timed

    def settled(self) -> None:
        """Count how long the gates on other hosts took to know of this thread's last commit."""
        now = time.perf_counter_ns()
        took = now - getattr(self._committed, "at", now)
        self._add((_FAR_TIMES + bisect_left(_BOUNDS_NS, took), 1), (_FAR_SUM, took))

    def delivered(self, state: State) -> None:
        """Count a try to tell a webhook."""
        self._add((_SENT + _RESULTS.index(state), 1))

    def publish(self) -> None:
        """Show the other processes what this one has counted."""
        for at, (one, before) in enumerate(self._verified, self._counters.at):
            self._counters.words[at] = before + one.look()

    def count_tokens(self) -> None:
        """Count all tokens and what waits for approval, unless that was long and not long ago."""
        began = time.monotonic()
        if began < self._rests_until:
            return
        with self._database.reading() as tx:
            found = tokens.counted_everywhere(tx, self._clock())
            waiting = tokens.open_everywhere(tx)
        words = self._counters.words
        for at, key in enumerate(_STANDINGS):
            words[at] = found.get(key, 0)
        words[_WAITING], words[_KNOWN] = waiting, 1
        now = time.monotonic()
        self._rests_until = now + _REST * (now - began)

    def close(self) -> None:
        """Show what was counted, and give the place back."""
        self.publish()
        self._counters.close()

    def exposition(self) -> bytes:
        """Return all of it, as this host knows it."""
        totals, states = self._counters.totals(), self._counters.states()
        lines = chain(
            _verifications(totals),
            _commits(totals),
            _deliveries(totals),
            _tokens(states) if states[_KNOWN] else (),
            self._feed(),
            ballast.measured(self._settings.data_dir),
            clock_lines(self._clock),
            said.measured(
                "counterfoil_build_info", "The program.", (({"version": __version__}, 1),)
            ),
        )
        return ("\n".join(lines) + "\n").encode()

    def _feed(self) -> Iterator[str]:
        """Yield how far the gates of this host have followed; nothing where nobody can say."""
        reached = self._replica.position()
        try:
            with self._database.reading() as tx:
                head, latest = read_head(tx).position, last_at(tx)
                far = gates.gates_in(tx)
                trail = list(audited.numbers(self._settings, tx, self._clock()))
        except SQLAlchemyError:
            return
        behind = reached < head and latest is not None
        lag = (self._clock() - latest).total_seconds() if behind and latest else 0.0
        for name, told, value in (
            ("feed_position", "Up to where the office has written the feed.", head),
            ("replica_position", "Up to where this host has followed the feed.", reached),
            ("replica_lag_seconds", "How old the newest change is that is not here yet.", lag),
        ):
            yield from said.measured(f"counterfoil_{name}", told, said.one(value))
        now = self._clock()
        yield from trail
        yield from said.measured(
            "counterfoil_gate_journal_lag_seconds",
            "For how long not all is known here that a gate on another host decided.",
            (({"gate": one.name}, one.untold_for(now).total_seconds()) for one in far),
        )
        yield from said.measured(
            "counterfoil_gate_differs",
            "Whether a gate on another host knows another history, or has other books.",
            (({"gate": one.name}, int(bool(one.differs))) for one in far),
        )

    def _add(self, *more: tuple[int, int]) -> None:
        with self._adding:
            for at, value in more:
                self._counters.words[self._counters.at + at] += value


def _verifications(totals: Sequence[int]) -> Iterator[str]:
    labels = (
        {"outcome": outcome, "surface": str(surface)}
        for surface, outcome in product(_SURFACES, _OUTCOMES)
    )
    yield from said.counted(
        "counterfoil_verifications_total",
        "What became of the credentials that were shown.",
        zip(labels, totals, strict=False),
    )


def _commits(totals: Sequence[int]) -> Iterator[str]:
    yield from said.timed(
        "counterfoil_revocation_propagation_seconds",
        "From a commit, a revocation or another, until the gates of this host know of it; and "
        "those on other hosts, each of which has said so, or has no lease any more.",
        _BOUNDS_NS,
        (
            ({"gates": "here"}, totals[_TIMES:_SUM], totals[_SUM]),
            ({"gates": "elsewhere"}, totals[_FAR_TIMES:_FAR_SUM], totals[_FAR_SUM]),
        ),
    )


def _deliveries(totals: Sequence[int]) -> Iterator[str]:
    results = ({"result": str(one)} for one in _RESULTS)
    yield from said.counted(
        "counterfoil_webhook_deliveries_total",
        "What became of each try to tell a webhook; what is waiting is tried again.",
        zip(results, totals[_SENT:], strict=True),
    )


def _tokens(states: Sequence[int]) -> Iterator[str]:
    labels = ({"kind": kind, "state": str(state)} for kind, state in _STANDINGS)
    yield from said.measured(
        "counterfoil_tokens",
        "How many tokens there are, counted every minute at most.",
        zip(labels, states, strict=False),
    )
    yield from said.measured(
        "counterfoil_approvals_pending",
        "How many requests wait for somebody who approves.",
        said.one(states[_WAITING]),
    )
