"""What is kept of what a gate tells, and of how much it has not told yet."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec import structs
from sqlalchemy import Connection

from counterfoil.gate.lease import LEASE_S
from counterfoil.gate.record.decided import Met
from counterfoil.gate.record.usage import Counts, Seens
from counterfoil.gates.policy import BATCH
from counterfoil.gates.receive import LONGEST
from counterfoil.gates.store import rows as gates
from counterfoil.kernel.clock import micros
from counterfoil.runtime.database import Database
from support.decisions import folder_in, journal_in, rows
from support.far import Seconds
from support.gate import BASE
from support.office import START, StandingClock
from support.telling import (
    COUNT,
    Line,
    LostError,
    courier_of,
    enrolled,
    numbers,
    receiver_on,
    standing,
    written,
)
from support.trail import bodies

each_engine = pytest.mark.each_engine


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


def test_many_counts_are_taken_in_by_pieces(database: Database, tmp_path: Path) -> None:
    """Counts come in transactions of a bounded size, each of which moves the place (R4).

    So nobody waits for all of them, and what was taken in before an error does not come again.
    """
    enrolled(database)
    found: list[int] = []
    fails = [True]

    def count(_tx: Connection, counts: Counts, _seen: Seens) -> None:
        if len(found) == 3 and fails.pop():
            message = "away"
            raise OSError(message)
        found.extend(use.who[1] - BASE for use in counts if isinstance(use.who, tuple))

    journal = journal_in(tmp_path)
    for number in range(5):
        some = [structs.replace(COUNT, token=BASE + number)]
        some += [structs.replace(COUNT, digest=bytes([1, number, *divmod(n, 256), *[0] * 28]))
                 for n in range(BATCH // 2)]  # fmt: skip
        journal.append((), some)
    courier = courier_of(tmp_path, Line(receiver_on(database, count=count)))
    with pytest.raises(OSError, match="away"):
        courier.turn()
    assert found == [0, 1, 2]
    fails.append(False)
    courier.turn()
    assert found == [0, 1, 2, 3, 4]


def heard(database: Database, clock: StandingClock) -> None:
    with database.transaction() as tx:
        gates.keep_heard(tx, [replace(one, heard_at=clock()) for one in gates.gates_in(tx)])


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
