"""Where rows come faster than they are written, and where they cannot be written at all."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from counterfoil.gate.record.journal import Journal
from counterfoil.gateway.trail import Trail
from gateway.test_gateway_trail import service, strict
from support.decisions import folder_in, told
from support.house import House, house_in
from support.office import StandingClock
from support.shop import READ, holder


@pytest.fixture
def house(tmp_path: Path, clock: StandingClock) -> Iterator[House]:
    with house_in(tmp_path, clock) as house:
        yield house


class Away(Journal):
    """A journal that takes nothing until it is mended."""

    mended = False

    def append(self, *args: Any) -> None:
        if not self.mended:
            message = "away"
            raise OSError(message)
        super().append(*args)

    @contextmanager
    def standing(self, trail: Trail) -> Iterator[None]:
        """Have somebody write all the while, who gets no answer until the end."""
        writer = threading.Thread(target=trail.flush)
        try:
            with self._unanswered() as began:
                writer.start()
                began.wait()
                yield
        finally:
            writer.join()

    @contextmanager
    def slow(self, trail: Trail) -> Iterator[None]:
        """Have the trail's own thread write, and get no answer until the end."""
        try:
            with self._unanswered():
                trail.start()
                yield
        finally:
            trail.close()

    @contextmanager
    def _unanswered(self) -> Iterator[threading.Event]:
        began, answered = threading.Event(), threading.Event()

        def append(*args: Any) -> None:
            began.set()
            answered.wait()
            Journal.append(self, *args)

        self.append = append  # type: ignore[method-assign]
        try:
            yield began
        finally:
            answered.set()


def away(house: House, **said: Any) -> Away:
    journal = Away(folder_in(house.home), lambda size: b"a" * size)
    house.use(Trail(journal, StandingClock(), lambda: "cf", **said))
    return journal


def test_what_cannot_be_recorded_is_not_let_through(house: House) -> None:
    """While nothing can be written so many rows wait, then no person passes; none is lost (R16).

    Programs, of which nothing more than a count is kept, pass all the while.
    """
    journal = away(house, full=3)
    token, program = holder(house.replica, READ), service(house)
    assert [house.ask("GET", "/docs", token) for _ in range(5)] == ["200"] * 3 + ["503"] * 2
    assert house.ask("GET", "/admin", token) == "503"
    with pytest.raises(OSError, match="away"):
        house.trail.flush()
    assert house.ask("GET", "/docs", token) == "503"
    assert house.ask("GET", "/docs", program) == "200"
    journal.mended = True
    assert len(house.written()) == 3
    assert house.ask("GET", "/docs", token) == "200"
    assert len(house.written()) == 4


def test_who_comes_faster_than_rows_are_written_waits_for_them(house: House) -> None:
    """While the journal takes rows, none too many of them wait, and nobody is turned away (R16)."""
    away(house, full=3).mended = True
    token = holder(house.replica, READ)
    assert [house.ask("GET", "/docs", token) for _ in range(10)] == ["200"] * 10
    assert len(told(house.home)) == 9
    assert len(house.written()) == 10


def test_a_disk_that_does_not_answer_holds_up_nobody(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where one write does not end, who comes after the last row that may wait is told so (R16)."""
    monkeypatch.setattr("counterfoil.gateway.trail.PATIENCE_S", 0.01)
    journal = away(house, full=3)
    token = holder(house.replica, READ)
    assert [house.ask("GET", "/docs", token) for _ in range(3)] == ["200"] * 3
    with journal.standing(house.trail):
        assert house.ask("GET", "/docs", token) == "503"
    assert house.ask("GET", "/docs", token) == "200"
    assert len(house.written()) == 4


def test_a_strict_gate_waits_for_nothing(house: House) -> None:
    """Where every decision is on record first, none is made while it cannot be (R16)."""
    away(house, strict=True)
    for token in (holder(house.replica, READ), service(house)):
        assert house.ask("GET", "/docs", token) == "503"
    assert house.ask("GET", "/health") == "200"


def test_what_did_not_pass_is_on_no_record_as_passed(house: House) -> None:
    """Where a row has to be written first and cannot be, none says later that it passed (R16).

    A refusal is one all the same, and stays.
    """
    journal, token = away(house, strict=True), holder(house.replica, READ)
    for target in ("/docs", "/docs", "/admin", "/docs"):
        assert house.ask("GET", target, token) == "503"
    journal.mended = True
    assert [row.outcome for row in house.written()] == ["ROUTE_NOT_LISTED"]
    assert house.ask("GET", "/docs", token) == "200"
    assert [row.outcome for row in house.written()] == ["ROUTE_NOT_LISTED", "allowed"]


def test_a_disk_that_does_not_answer_holds_up_no_strict_request(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While one write does not end, who would be on record first is told so, and not kept (R16)."""
    monkeypatch.setattr("counterfoil.gateway.trail.PATIENCE_S", 0.01)
    journal, token = away(house), holder(house.replica, READ)
    assert house.ask("GET", "/docs", token) == "200"
    strict(house)
    with ThreadPoolExecutor(1) as people, journal.standing(house.trail):
        assert people.submit(house.ask, "GET", "/docs", token).result(10) == "503"
    assert [row.outcome for row in house.written()] == ["allowed"]


def test_what_a_slow_disk_took_too_late_is_said_not_to_have_passed(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who was told that it cannot be recorded did not pass, and the trail says so in the end (R16).

    The row was on its way to the disk by then; a second one of the same request corrects it.
    """
    monkeypatch.setattr("counterfoil.gateway.trail.PATIENCE_S", 0.01)
    journal, token = away(house, strict=True), holder(house.replica, READ)
    with journal.slow(house.trail), ThreadPoolExecutor(1) as people:
        assert people.submit(house.ask, "GET", "/docs", token).result(10) == "503"
    rows = house.written()
    assert [row.outcome for row in rows] == ["allowed", "NOT_READY"]
    assert len({row.request_id for row in rows}) == 1


@pytest.mark.parametrize(
    ("said", "expected"),
    [({"strict": True}, ["503", "503"]), ({"full": 1}, ["200", "503"])],
    ids=["strict", "full"],
)
def test_no_request_waits_on_the_disk_itself(
    house: House, monkeypatch: pytest.MonkeyPatch, said: dict[str, Any], expected: list[str]
) -> None:
    """Where no write ends, all who have to be on record first are told so, the first too (R16)."""
    monkeypatch.setattr("counterfoil.gateway.trail.PATIENCE_S", 0.01)
    journal, token = away(house, **said), holder(house.replica, READ)
    with journal.slow(house.trail), ThreadPoolExecutor(1) as people:
        asked = [people.submit(house.ask, "GET", "/docs", token) for _ in expected]
        assert [one.result(10) for one in asked] == expected
