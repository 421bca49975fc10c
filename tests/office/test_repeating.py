"""What is done again and again in the background."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from counterfoil.runtime.repeating import Repeating
from infra.wait import wait_until

SOON_S = 0.01


def test_one_on_a_host(tmp_path: Path) -> None:
    """Of those that share a lock one acts; when it ends, another takes over."""
    turns: list[str] = []
    first = Repeating("it", lambda: turns.append("first"), SOON_S, tmp_path / "lock")
    second = Repeating("it", lambda: turns.append("second"), SOON_S, tmp_path / "lock")
    first.start()
    wait_until(lambda: "first" in turns, "the first to act")
    second.start()
    assert first.stop()
    wait_until(lambda: "second" in turns, "the second to take over")
    assert second.stop()
    assert turns == sorted(turns)


def test_a_turn_that_fails(capsys: pytest.CaptureFixture[str]) -> None:
    """It is told once, the next turns go on, and that they went well again is told too (R19)."""
    broken = threading.Event()
    turns: list[None] = []
    broken.set()

    def act() -> None:
        turns.append(None)
        if broken.is_set():
            raise OSError

    it = Repeating("it", act, SOON_S)
    assert it.unwell_s() == 0
    it.start()
    wait_until(lambda: len(turns) > 3, "some turns")
    unwell = it.unwell_s()
    assert unwell > 3 * SOON_S
    broken.clear()
    wait_until(lambda: it.unwell_s() < unwell, "a turn that goes well")
    assert it.stop()
    told = capsys.readouterr().out
    assert told.count("failed, and is tried again") == 1
    assert told.count("goes well again") == 1


def test_a_turn_that_does_not_end(tmp_path: Path) -> None:
    """No stop waits for it longer than it may, and no other process begins beside it."""
    began, held = threading.Event(), threading.Event()
    turns: list[str] = []

    def act() -> None:
        began.set()
        held.wait()
        turns.append("slow")

    slow = Repeating("it", act, SOON_S, tmp_path / "lock")
    other = Repeating("it", lambda: turns.append("other"), SOON_S, tmp_path / "lock")
    slow.start()
    began.wait()
    other.start()
    assert not slow.stop(within_s=SOON_S)
    held.set()
    assert slow.stop()
    wait_until(lambda: "other" in turns, "the other to act")
    assert other.stop()
    assert turns.index("slow") == 0


def test_never_started(tmp_path: Path) -> None:
    """One that never began can be ended, and does nothing."""
    assert Repeating("it", lambda: None, SOON_S, tmp_path / "lock").stop()


def test_what_need_not_rest_goes_on_at_once() -> None:
    """A turn that is long is followed by the next one with no pause in which nothing is heard."""
    turns: list[None] = []
    it = Repeating("it", lambda: turns.append(None), 3_600, rests=False)
    it.start()
    wait_until(lambda: len(turns) > 3, "some turns")
    assert it.stop()


def test_a_turn_for_who_cannot_wait() -> None:
    """Who asks is told of a turn that began after that, at once, and whether it went well."""
    broken = threading.Event()
    turns: list[None] = []

    def act() -> None:
        turns.append(None)
        if broken.is_set():
            raise OSError

    it = Repeating("it", act, 3_600)
    assert it.now(0)
    it.start()
    before = len(turns)
    assert it.now(60)
    assert len(turns) > before
    broken.set()
    assert not it.now(60)
    broken.clear()
    assert it.now(60)
    assert it.stop()


def test_many_who_cannot_wait_share_a_turn() -> None:
    """While a turn takes its time whoever asks shares the next one."""
    goes_on = threading.Event()
    turns: list[None] = []

    def act() -> None:
        turns.append(None)
        goes_on.wait()

    it = Repeating("it", act, 3_600)
    it.start()
    wait_until(lambda: len(turns) == 1, "the first turn")
    with ThreadPoolExecutor(8) as people:
        asked = [people.submit(it.now, 60) for _ in range(8)]
        assert not it.now(0.01)  # who asked before this one asks by now, as a rule
        goes_on.set()
        assert all(one.result() for one in asked)
    assert it.stop()
    assert len(turns) <= 3


def test_nobody_waits_longer_for_a_turn_than_they_like() -> None:
    """A turn that does not end holds up nobody who asks for one."""
    goes_on = threading.Event()
    it = Repeating("it", goes_on.wait, 3_600)
    it.start()
    assert not it.now(0.01)
    goes_on.set()
    assert it.now(60)
    assert it.stop()
