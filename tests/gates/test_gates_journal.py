"""The journal of a gate on another host comes into the trail once, whatever dies or is lost."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from counterfoil.audit import journals
from counterfoil.audit.copying import lines_in
from counterfoil.audit.verify import verify
from counterfoil.feed.page import ForgedError
from counterfoil.feed.report import Report
from counterfoil.gate.record.shipping import Shipping
from counterfoil.gates import receive
from counterfoil.gates.store import rows as gates
from counterfoil.gateway.courier import SILENCE_S
from counterfoil.kernel.errors import Refused
from counterfoil.runtime.database import Database
from support.decisions import folder_in, journal_in, rows
from support.dying import dies
from support.far import Seconds
from support.office import empty_database
from support.telling import (
    GATE,
    NONCE,
    Line,
    LostError,
    courier_of,
    enrolled,
    losses,
    numbers,
    receiver_on,
    written,
)

each_engine = pytest.mark.each_engine


@each_engine
def test_what_was_decided_is_told_once(database: Database, tmp_path: Path) -> None:
    """Each row comes into the trail once and in order, however often a gate is started (X2, R4)."""
    enrolled(database)
    line, journal = Line(receiver_on(database)), journal_in(tmp_path, segment=900)
    courier = courier_of(tmp_path, line)
    for number in range(0, 40, 2):
        journal.append(rows(number, number + 1))
        if number % 8 == 0:
            courier.turn()
        if number % 12 == 0:
            courier = courier_of(tmp_path, line)
            courier.turn()
    courier.turn()
    assert written(database) == numbers(40)
    with database.reading() as tx:
        assert verify(lines_in(tx), []).faults == []
    assert losses(database) == (0, 0)


def test_nothing_is_forgotten_before_it_is_acknowledged(database: Database, tmp_path: Path) -> None:
    """A segment goes when the office has said, signed, that it has it, and not before (R4, R7)."""
    enrolled(database)
    line, journal = Line(receiver_on(database)), journal_in(tmp_path, segment=100)
    for number in range(6):
        journal.append(rows(number))
    before = sorted(folder_in(tmp_path).iterdir())
    for fate, error in (("mute", LostError), ("deaf", LostError), ("forged", ForgedError)):
        line.fate = fate  # type: ignore[assignment]
        with pytest.raises(error):
            courier_of(tmp_path, line).turn()
        assert sorted(folder_in(tmp_path).iterdir()) == before
    line.fate = "through"
    courier_of(tmp_path, line).turn()
    assert sorted(folder_in(tmp_path).iterdir()) == before[-1:]
    assert written(database) == numbers(6)


FATE = st.sampled_from(["append", "through", "deaf", "mute", "forged", "again", "restart"])


@given(fates=st.lists(FATE, max_size=30))
def test_whatever_is_lost_each_row_is_there_once(
    tmp_path_factory: pytest.TempPathFactory, fates: list[str]
) -> None:
    """However questions and answers are lost and sent again, each row is taken in once (R4, X2)."""
    home = tmp_path_factory.mktemp("fates")
    with empty_database(f"sqlite:///{home / 'office.sqlite'}") as database:
        enrolled(database)
        line, journal, there = Line(receiver_on(database)), journal_in(home, segment=700), 0
        courier = courier_of(home, line)
        for fate in [*fates, "through", "through"]:
            if fate == "append":
                journal.append(rows(there, there + 1))
                there += 2
            elif fate == "restart":
                courier = courier_of(home, line)
            elif fate == "again":
                for report, lines in line.told[-3:]:
                    line.receiver.take(line.digest, report, lines)
            else:
                line.fate = fate  # type: ignore[assignment]
                try:
                    courier.turn()
                except (LostError, ForgedError):
                    assert fate != "through"
        assert written(database) == numbers(there)


def test_a_gate_that_was_added_anew_goes_on(database: Database, tmp_path: Path) -> None:
    """Where a gate was removed, the next one on its host tells the rest, and nothing twice (R4)."""
    enrolled(database)
    journal, line = journal_in(tmp_path), Line(receiver_on(database))
    journal.append(rows(0))
    courier_of(tmp_path, line).turn()
    with database.transaction() as tx:
        gates.shut_out(tx, GATE)
    journal.append(rows(1))
    with pytest.raises(Refused):
        courier_of(tmp_path, line).turn()
    enrolled(database, GATE + 1, "eu-1b", b"\1" * 32)
    line.digest = b"\1" * 32
    courier_of(tmp_path, line).turn()
    assert written(database) == numbers(2)


STEPS = ("advance", "move", "write", "committed")


def die_at(step: str, url: str, home: Path) -> None:
    """Take in what a gate tells, and be killed at a step of it."""

    def killed(*_: Any, **__: Any) -> None:
        os.kill(os.getpid(), 9)

    database = Database(url, pool_size=2)
    if step == "committed":
        setattr(receive, "sealed", killed)  # noqa: B010 - no name that it gives away
    else:
        usual = getattr(receive, step)

        def after(*args: Any, **said: Any) -> Any:
            usual(*args, **said)
            killed()

        setattr(receive, step, after)
    line = Line(receiver_on(database))
    report = Report(NONCE, Shipping(folder_in(home)).journal() or "")
    with database.reading() as tx:
        place = journals.marked(tx, report.journal)
    shipped = Shipping(folder_in(home)).after(place, 1_000)
    told = structs.replace(report, position=place.position, chain=place.chain)
    line.report(told, b"".join(one.raw for one in shipped))


@each_engine
@pytest.mark.parametrize("step", STEPS)
def test_an_office_that_is_killed_takes_in_each_once(
    database: Database, tmp_path: Path, step: str
) -> None:
    """Killed after any step, the office has each row once when the gate tells again (X2, R4)."""
    enrolled(database)
    journal = journal_in(tmp_path, segment=900)
    for number in range(20):
        journal.append(rows(number))
    url = database.url.render_as_string(hide_password=False)
    for round_ in range(2):
        dies(die_at, step, url, tmp_path)
        journal.append(rows(20 + round_))
    courier_of(tmp_path, Line(receiver_on(database))).turn()
    assert written(database) == numbers(22)


def test_a_restored_office_invents_nothing(tmp_path: Path) -> None:
    """An office that was put back is told what is still there; what is gone is counted (R12)."""
    lost, kept = tmp_path / "lost.sqlite", tmp_path / "kept.sqlite"
    journal, ticks = journal_in(tmp_path, segment=100), Seconds()
    with empty_database(f"sqlite:///{lost}") as database:
        enrolled(database)
        line = Line(receiver_on(database))
        journal.append(rows(0))
        courier = courier_of(tmp_path, line, ticks)
        courier.turn()
        with closing(sqlite3.connect(lost)) as now, closing(sqlite3.connect(kept)) as copy:
            now.backup(copy)
        for number in range(1, 6):
            journal.append(rows(number))
            courier.turn()
    database = Database(f"sqlite:///{kept}")
    try:
        line.receiver = receiver_on(database)
        ticks.pass_(SILENCE_S)
        courier.turn()
        journal.append(rows(6))
        courier.turn()
        assert written(database) == ["0", "5", "6"]
        assert losses(database) == (4, 0)
    finally:
        database.close()
