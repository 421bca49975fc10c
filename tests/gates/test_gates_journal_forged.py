"""What no gate tells, or not this one, is refused whole: the trail takes in nothing of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs
from sqlalchemy import Connection

from counterfoil.audit.fetch import Fetching
from counterfoil.feed.report import Report
from counterfoil.gate.record.decided import Counted, Decided, Met
from counterfoil.gate.record.shipping import Shipping
from counterfoil.gates import policy
from counterfoil.kernel.clock import micros
from counterfoil.kernel.errors import Conflict, Malformed
from counterfoil.kernel.ids import HIGHEST, LOWEST
from counterfoil.runtime.chain import chained, spelled
from counterfoil.runtime.database import Database
from counterfoil.tokens import vouched
from support.decisions import folder_in, journal_in, rows
from support.gate import ACME
from support.office import START, StandingClock
from support.telling import (
    COUNT,
    GATE,
    NONCE,
    Line,
    courier_of,
    enrolled,
    losses,
    numbers,
    receiver_on,
    uncounted,
    unexposed,
    written,
)

each_engine = pytest.mark.each_engine


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


def test_the_office_s_own_journal_is_nobody_else_s(database: Database, tmp_path: Path) -> None:
    """What the office fetches on its own host no gate on another one tells."""
    enrolled(database)
    journal = journal_in(tmp_path)
    journal.append(rows(0))
    shipping = Shipping(folder_in(tmp_path))
    Fetching(database, shipping, StandingClock(), count=uncounted, expose=unexposed).turn()
    journal.append(rows(1))
    with pytest.raises(Conflict):
        courier_of(tmp_path, Line(receiver_on(database))).turn()
    assert written(database) == numbers(1)


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


@pytest.mark.parametrize("api", [0, 10**16 - 1])
def test_an_api_that_is_none_holds_up_no_journal(
    database: Database, tmp_path: Path, api: int
) -> None:
    """What a proxy calls an API may be none: such a row is doubted, and what follows comes (R4)."""
    enrolled(database)
    journal_in(tmp_path).append([*rows(0, api=api), *rows(1)])
    courier_of(tmp_path, Line(receiver_on(database, vouch=vouched))).turn()
    assert losses(database) == (0, 2)
    journal_in(tmp_path).append(rows(2))
    courier_of(tmp_path, Line(receiver_on(database))).turn()
    assert written(database) == ["2"]


def test_a_batch_that_is_too_much_for_one_transaction(database: Database, tmp_path: Path) -> None:
    """Nobody has all others wait for what stands in one batch: no gate writes so much into it."""
    enrolled(database)
    many = [structs.replace(COUNT, token=LOWEST + number) for number in range(policy.BATCH)]
    journal_in(tmp_path).append(rows(0), many)
    with pytest.raises(Malformed, match="batch"):
        receiver_on(database).take(bytes(32), report_of(tmp_path), b"".join(told_by(tmp_path)))
    assert written(database) == []
