"""The journal of a gate on another host comes into the trail once, whatever dies or is lost."""

from __future__ import annotations

import multiprocessing
import os
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from sqlalchemy import Connection

from counterfoil.audit import journals
from counterfoil.audit.copying import lines_in
from counterfoil.audit.fetch import Fetching
from counterfoil.audit.verify import verify
from counterfoil.feed.page import ForgedError
from counterfoil.feed.report import Report
from counterfoil.gate.decided import Counted, Decided, Met
from counterfoil.gate.lease import LEASE_S
from counterfoil.gate.shipping import Shipping
from counterfoil.gate.usage import Counts, Outcome, Seens
from counterfoil.gates import receive
from counterfoil.gates.receive import LONGEST
from counterfoil.gates.store import rows as gates
from counterfoil.gateway.courier import SILENCE_S
from counterfoil.kernel.clock import micros
from counterfoil.kernel.errors import Conflict, Malformed, Refused
from counterfoil.kernel.ids import HIGHEST, LOWEST
from counterfoil.runtime.chain import chained, spelled
from counterfoil.runtime.database import Database
from support.decisions import folder_in, journal_in, rows
from support.far import Seconds
from support.gate import ACME, BASE
from support.office import START, StandingClock, empty_database
from support.telling import (
    GATE,
    Line,
    LostError,
    courier_of,
    enrolled,
    losses,
    receiver_on,
    standing,
    uncounted,
    written,
)
from support.trail import bodies

each_engine = pytest.mark.each_engine
SPAWN = multiprocessing.get_context("spawn")
NONCE = "0" * 32


def numbers(end: int, start: int = 0) -> list[str]:
    return [str(number) for number in range(start, end)]


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


@each_engine
def test_an_entry_says_who_told_it(database: Database, tmp_path: Path) -> None:
    """An entry names the gate that told it, and has the instant of its decision (X2)."""
    enrolled(database)
    journal_in(tmp_path).append(rows("one", at=micros(START - timedelta(hours=3))))
    courier_of(tmp_path, Line(receiver_on(database))).turn()
    with database.reading() as tx:
        [found] = bodies(tx)
    assert found.note == f"told by the gate eu-1 (gat_{BASE})"
    assert found.at == micros(START - timedelta(hours=3))


@pytest.mark.parametrize(
    ("said", "kept"),
    [(timedelta(hours=1), timedelta()), (-timedelta(days=400), -timedelta(days=90))],
)
def test_a_time_that_cannot_be_is_bounded(
    database: Database, tmp_path: Path, said: timedelta, kept: timedelta
) -> None:
    """What a gate says was later than now, or long ago, stands at the bound, which is said."""
    enrolled(database)
    journal_in(tmp_path).append(rows("one", at=micros(START + said)))
    courier_of(tmp_path, Line(receiver_on(database))).turn()
    with database.reading() as tx:
        [found] = bodies(tx)
    assert found.at == micros(START + kept)
    assert str(found.note).endswith(f"which said {(START + said):%Y-%m-%dT%H:%M:%SZ}")


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


def told_by(home: Path) -> list[bytes]:
    """Return the lines of the one segment of a journal."""
    [segment] = sorted(folder_in(home).iterdir())
    return segment.read_bytes().splitlines(keepends=True)


def report_of(home: Path, **said: Any) -> Report:
    return structs.replace(Report(NONCE, Shipping(folder_in(home)).journal() or ""), **said)


def chained_anew(*bodies: bytes) -> bytes:
    """Return lines of which each fits the one before, as who knows how it is done writes them."""
    chain, raw = "", b""
    for body in bodies:
        chain = chained(chain, body)
        raw += spelled(chain, body)
    return raw


def other_row(lines: list[bytes], old: bytes, new: bytes) -> bytes:
    """Return a journal in which something else was decided, and every line fits."""
    bodies = [line.rstrip(b"\n").partition(b" ")[2] for line in lines]
    assert any(old in body for body in bodies)
    return chained_anew(*(body.replace(old, new) for body in bodies))


FORGERIES: dict[str, Callable[[list[bytes]], bytes]] = {
    "a byte is another": lambda lines: b"".join(lines).replace(b"192.0.2.7", b"192.0.2.8", 1),
    "a line is left out": lambda lines: b"".join([*lines[:2], *lines[3:]]),
    "a line stands twice": lambda lines: b"".join([*lines[:3], *lines[2:]]),
    "two lines are exchanged": lambda lines: b"".join([lines[0], lines[2], lines[1], *lines[3:]]),
    "the beginning is missing": lambda lines: b"".join(lines[1:]),
    "it is cut short": lambda lines: b"".join(lines)[:-9],
    "it is no journal": lambda _lines: b"hello\n",
    "it is not UTF-8": lambda _lines: chained_anew(b"\xff"),
    "a batch is left out and all chained anew": lambda lines: chained_anew(
        *(one.rstrip(b"\n").partition(b" ")[2] for one in (*lines[:2], *lines[3:]))
    ),
    "another journal": lambda lines: other_row(lines, b'"journal":"', b'"journal":"0'),
    "the office itself": lambda lines: other_row(lines, b'"personal"', b'"system"'),
    "no method": lambda lines: other_row(lines, b'"personal"', b'"none"'),
    "no outcome": lambda lines: other_row(lines, b'"allowed"', b'"all is well"'),
    "no id": lambda lines: other_row(lines, str(ACME).encode(), b"-1"),
    "what was never an id": lambda lines: other_row(lines, b"false,null,", b"false,5,"),
    "an id above the highest": lambda lines: other_row(
        lines, b"false,null,", f"false,{HIGHEST + 1},".encode()
    ),
    "an id beyond all": lambda lines: other_row(lines, str(ACME).encode(), b"9" * 30),
    "what no database keeps": lambda lines: other_row(lines, b"curl/8.5.0", b"\\u0000"),
    "what is too long": lambda lines: other_row(lines, b"curl/8.5.0", b"a" * 300),
    "no time": lambda lines: other_row(lines, str(micros(START)).encode(), b"9" * 40),
}


@each_engine
@pytest.mark.parametrize("forgery", FORGERIES)
def test_what_is_forged_is_refused_whole(database: Database, tmp_path: Path, forgery: str) -> None:
    """A batch that does not chain, or says what no gate says, is refused whole (R4)."""
    enrolled(database)
    for number in range(3):
        journal_in(tmp_path).append(rows(number))
    receiver = receiver_on(database)
    with pytest.raises((Conflict, Malformed)):
        receiver.take(bytes(32), report_of(tmp_path), FORGERIES[forgery](told_by(tmp_path)))
    assert written(database) == []
    receiver.take(bytes(32), report_of(tmp_path), b"".join(told_by(tmp_path)))
    assert written(database) == numbers(3)


COUNT = Counted(ACME, BASE + 7, b"", Outcome.ALLOWED, "curl/8", "192.0.2.0/24", 3, 2.5, 1.0)


@each_engine
@pytest.mark.parametrize(
    "count",
    [
        structs.replace(COUNT, organization=0),
        structs.replace(COUNT, organization=HIGHEST + 1),
        structs.replace(COUNT, token=LOWEST - 1),
        structs.replace(COUNT, token=1 << 70),
        structs.replace(COUNT, digest=b"short"),
        structs.replace(COUNT, times=0),
        structs.replace(COUNT, times=1 << 60),
        structs.replace(COUNT, client="a" * 65),
        structs.replace(COUNT, network="\0"),
    ],
)
def test_a_count_that_no_gate_makes_is_refused(
    database: Database, tmp_path: Path, count: Counted
) -> None:
    """A count that could not be kept is refused with its batch: no report makes the office fail."""
    enrolled(database)
    journal_in(tmp_path).append(rows(0), [count])
    with pytest.raises(Malformed):
        receiver_on(database).take(bytes(32), report_of(tmp_path), b"".join(told_by(tmp_path)))
    assert written(database) == []


@each_engine
def test_a_sight_that_no_gate_has_is_refused(database: Database, tmp_path: Path) -> None:
    """So is a secret that was seen which is no digest of one."""
    enrolled(database)
    journal_in(tmp_path).append(rows(0), [], [Met(b"short", 1.0, "curl", "192.0.2.0/24")])
    with pytest.raises(Malformed):
        receiver_on(database).take(bytes(32), report_of(tmp_path), b"".join(told_by(tmp_path)))


def test_the_journal_of_another_gate_is_refused(database: Database, tmp_path: Path) -> None:
    """No gate goes on with another one's journal, while that is there (S17)."""
    enrolled(database)
    enrolled(database, GATE + 1, "eu-2", b"\1" * 32)
    journal_in(tmp_path).append(rows(0))
    receiver = receiver_on(database)
    told = report_of(tmp_path), b"".join(told_by(tmp_path))
    receiver.take(bytes(32), *told)
    for report, lines in (told, (report_of(tmp_path), b"")):
        with pytest.raises(Conflict):
            receiver.take(b"\1" * 32, report, lines)
    assert written(database) == numbers(1)


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


def test_the_office_s_own_journal_is_nobody_else_s(database: Database, tmp_path: Path) -> None:
    """What the office fetches on its own host no gate on another one tells."""
    enrolled(database)
    journal = journal_in(tmp_path)
    journal.append(rows(0))
    shipping = Shipping(folder_in(tmp_path))
    Fetching(database, shipping, StandingClock(), uncounted).turn()
    journal.append(rows(1))
    with pytest.raises(Conflict):
        courier_of(tmp_path, Line(receiver_on(database))).turn()
    assert written(database) == numbers(1)


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
        process = SPAWN.Process(target=die_at, args=(step, url, tmp_path))
        process.start()
        process.join()
        assert process.exitcode == -9
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


@each_engine
def test_what_the_books_do_not_bear_out(database: Database, tmp_path: Path) -> None:
    """A row that is not borne out comes into no trail, is counted, and holds up no other (S17)."""
    enrolled(database)

    def vouch(_tx: Connection, told: Sequence[Decided]) -> list[bool]:
        return [one.request_id != "1" for one in told]

    journal_in(tmp_path).append(rows(0, 1, 2))
    courier_of(tmp_path, Line(receiver_on(database, vouch=vouch))).turn()
    assert written(database) == ["0", "2"]
    assert losses(database) == (0, 1)


def test_counts_come_with_the_rows(database: Database, tmp_path: Path) -> None:
    """Counts are taken in once, in the transaction of the rows, and no use is later than now."""
    enrolled(database)
    found: list[tuple[Counts, Seens]] = []

    def count(_tx: Connection, counts: Counts, seen: Seens) -> None:
        found.append((counts, seen))
        if len(found) == 1:
            message = "away"
            raise OSError(message)

    late = START.timestamp() + 1e6
    journal_in(tmp_path).append(
        rows(0),
        [structs.replace(COUNT, last=late, first=1.0)],
        [Met(bytes(32), late, "curl/8", "192.0.2.0/24")],
    )
    line = Line(receiver_on(database, count=count))
    courier = courier_of(tmp_path, line)
    with pytest.raises(OSError, match="away"):
        courier.turn()
    assert written(database) == []
    for _ in range(2):
        courier.turn()
    assert written(database) == numbers(1)
    [_, (counts, seen)] = found
    [told] = counts.values()
    now = START.timestamp()
    assert (told.times, told.last, told.first) == (3, now, now - LONGEST.total_seconds())
    assert [one.at for one in seen.values()] == [now]


def test_how_far_behind_a_gate_is(database: Database, tmp_path: Path, clock: StandingClock) -> None:
    """The office knows since when it was not told all that a gate may have decided."""
    enrolled(database)
    line, ticks = Line(receiver_on(database, clock)), Seconds()
    assert not standing(database).untold_for(clock())
    heard(database, clock)
    clock.move_on(minutes=5)
    assert standing(database).untold_for(clock()) == timedelta(seconds=LEASE_S)
    heard(database, clock)
    assert standing(database).untold_for(clock()) == timedelta(minutes=5)
    courier_of(tmp_path, line, ticks).turn()
    assert standing(database).untold_for(clock()) == timedelta()
    journal_in(tmp_path).append(rows(0))
    clock.move_on(minutes=1)
    heard(database, clock)
    line.fate = "deaf"
    with pytest.raises(LostError):
        courier_of(tmp_path, line, ticks).turn()
    assert (standing(database).told_at, standing(database).untold) != (clock(), 0)


def test_what_it_says_of_the_rest(database: Database, tmp_path: Path, clock: StandingClock) -> None:
    """A gate says how much more it has to tell, and is level when that is nothing."""
    enrolled(database)
    journal, line = journal_in(tmp_path), Line(receiver_on(database, clock))
    for number in range(3):
        journal.append(rows(*range(number * 1_000, number * 1_000 + 1_000)))
    size = sum(one.stat().st_size for one in folder_in(tmp_path).iterdir())
    courier_of(tmp_path, line).turn()
    left = [report.left for report, _ in line.told]
    assert left[0] == size
    assert left[0] > left[1] > left[2] > left[3] == 0
    assert len(line.level) == 1
    line.receiver.take(bytes(32), *line.told[1])
    assert standing(database).untold == 0


def heard(database: Database, clock: StandingClock) -> None:
    with database.transaction() as tx:
        gates.keep_heard(tx, [replace(one, heard_at=clock()) for one in gates.gates_in(tx)])
