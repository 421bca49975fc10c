"""How often: counted by all processes of a host together, and never one too many."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.gate.limits import PROBES, Counters
from counterfoil.kernel.errors import Unserved
from counterfoil.kernel.ids import TokenId
from support.gate import BASE
from support.office import StandingClock

ONE = TokenId(BASE + 1)
TWO = TokenId(BASE + 2)


@pytest.fixture
def counters(tmp_path: Path, clock: StandingClock) -> Iterator[Counters]:
    opened = Counters(tmp_path / "counters", clock)
    yield opened
    opened.close()


def test_a_process_that_stands_still_holds_up_nobody(tmp_path: Path, clock: StandingClock) -> None:
    """Whoever is to be counted meanwhile is told that they cannot be, and all others go on (R4)."""
    counters = Counters(tmp_path / "counters", clock)
    with (tmp_path / "counters").open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(Unserved):
            counters.window(ONE, 30, 3000)
    assert counters.window(ONE, 30, 3000).remaining == 29
    counters.close()


class TestWindow:
    def test_refill(self, counters: Counters, clock: StandingClock) -> None:
        """Thirty requests in three seconds, the next is refused, and a new window refills (D12)."""
        for left in range(29, -1, -1):
            count = counters.window(ONE, 30, 3000)
            assert (count.allowed, count.limit, count.remaining) == (True, 30, left)
            clock.move_on(milliseconds=50)
        count = counters.window(ONE, 30, 3000)
        assert (count.allowed, count.remaining) == (False, 0)
        assert count.retry_s == count.reset_s == pytest.approx(1.5)
        clock.move_on(seconds=1.5)
        assert counters.window(ONE, 30, 3000).remaining == 29

    def test_each_its_own(self, counters: Counters) -> None:
        """One token's requests are no other's (D12)."""
        counters.window(ONE, 1, 3000)
        assert not counters.window(ONE, 1, 3000).allowed
        assert counters.window(TWO, 1, 3000).allowed

    def test_clock_set_back(self, counters: Counters, clock: StandingClock) -> None:
        """A clock that is set back shuts nobody out."""
        clock.move_on(days=1)
        counters.window(ONE, 1, 3000)
        clock.move_on(days=-1)
        assert counters.window(ONE, 1, 3000).allowed

    def test_full_neighbourhood(self, tmp_path: Path, clock: StandingClock) -> None:
        """Where there is no room to count, the answer is no; old counters make room."""
        counters = Counters(tmp_path / "small", clock, slots=PROBES)
        for n in range(PROBES):
            assert counters.window(TokenId(BASE + n), 5, 3000).allowed
        extra = TokenId(BASE + PROBES)
        assert not counters.window(extra, 5, 3000).allowed
        assert not counters.pace(extra, 5, 5).allowed
        clock.move_on(seconds=3)
        assert counters.window(extra, 5, 3000).allowed
        counters.close()


class TestPace:
    @given(
        rate=st.floats(0.5, 200),
        burst=st.integers(1, 20),
        waits=st.lists(st.floats(0, 2), min_size=1, max_size=60),
    )
    def test_law(
        self,
        tmp_path_factory: pytest.TempPathFactory,
        rate: float,
        burst: int,
        waits: list[float],
    ) -> None:
        """In any stretch of time no more pass than the burst and what the rate brings (S8)."""
        clock = StandingClock()
        counters = Counters(tmp_path_factory.mktemp("pace") / "counters", clock)
        passed: list[float] = []
        for wait in waits:
            clock.move_on(seconds=wait)
            if counters.pace(ONE, rate, burst).allowed:
                passed.append(clock.seconds())
        counters.close()
        assert passed
        for first, start in enumerate(passed):
            for last, end in enumerate(passed[first:], first):
                assert last - first + 1 <= burst + (end - start) * rate + 1e-3

    def test_burst(self, counters: Counters, clock: StandingClock) -> None:
        """A burst passes at once, then one for each gap; the answer says when to come again."""
        counts = [counters.pace(ONE, 10, 3) for _ in range(4)]
        assert [count.allowed for count in counts] == [True, True, True, False]
        assert [count.remaining for count in counts] == [2, 1, 0, 0]
        assert counts[-1].retry_s == pytest.approx(0.1, abs=1e-5)
        assert counts[0].retry_s == 0
        clock.move_on(seconds=0.1)
        assert counters.pace(ONE, 10, 3).allowed
        assert not counters.pace(ONE, 10, 3).allowed

    def test_beside_the_window(self, counters: Counters) -> None:
        """The two limits of one token are counted apart."""
        counters.window(ONE, 1, 3000)
        assert counters.pace(ONE, 1, 1).allowed
        assert not counters.window(ONE, 1, 3000).allowed


def test_processes(tmp_path: Path) -> None:
    """Processes and threads that count together never let one too many pass (D12)."""
    code = """
import sys, threading
from pathlib import Path
from counterfoil.gate.limits import Counters
from counterfoil.kernel.clock import system_clock
counters = Counters(Path(sys.argv[1]), system_clock)
passed = []
def ask():
    for _ in range(300):
        passed.append(counters.window(10**15, 500, 3_600_000).allowed)
threads = [threading.Thread(target=ask) for _ in range(2)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(sum(passed))
"""
    tests = Path(__file__).parents[1]
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path / "counters")],
            env={**os.environ, "PYTHONPATH": str(tests)},
            stdout=subprocess.PIPE,
        )
        for _ in range(4)
    ]
    answers = [int(worker.communicate(timeout=60)[0]) for worker in workers]
    assert sum(answers) == 500
    assert min(answers) < 500


def test_speed_is_no_excuse(counters: Counters) -> None:
    """Counting costs a request little: a thousand counts in well under a second."""
    began = time.perf_counter()
    for _ in range(1000):
        counters.window(ONE, 10**6, 3000)
    assert time.perf_counter() - began < 1
