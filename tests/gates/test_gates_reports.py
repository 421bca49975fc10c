"""What whoever has one gate's credential can do with reports, and what they cannot."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest
from msgspec import structs
from sqlalchemy import Connection

from counterfoil.audit import journals
from counterfoil.feed.report import Report
from counterfoil.gate.record.decided import Batch, Counted, Decided, Exposed, Met
from counterfoil.gate.record.journal import FORMAT, Opening
from counterfoil.gate.record.usage import Outcome
from counterfoil.gates.store import rows as gates
from counterfoil.gates.turns import Turns
from counterfoil.kernel.errors import Conflict, Malformed
from counterfoil.runtime.chain import chained, spelled
from counterfoil.runtime.database import Database
from support.decisions import rows
from support.gate import ACME
from support.office import StandingClock
from support.shop import SHOP
from support.telling import GATE, enrolled, losses, numbers, receiver_on, written

each_engine = pytest.mark.each_engine
NONCE = "0" * 32
SEEN = Exposed(bytes(32), SHOP, "/items/17", "7" * 32, "192.0.2.7", "curl/8")
COUNT = Counted(ACME, 7, b"", Outcome.ALLOWED, "curl/8", "192.0.2.0/24", 3, 2.5, 1.0)


def report_named(journal: str, *batches: Batch) -> tuple[Report, bytes]:
    """Return the whole of a journal as a gate tells it, whatever it is called."""
    opening = Opening(FORMAT, journal, 0, "")
    lines, chain = b"", ""
    for line in (opening, *batches):
        body = msgspec.json.encode(line)
        chain = chained(chain, body)
        lines += spelled(chain, body)
    return Report(NONCE, journal), lines


@pytest.mark.parametrize(
    "batches",
    [
        [Batch(1, rows(*range(1_001))), Batch(2, rows(*range(1_000)))],
        [Batch(1, (), [COUNT] * 40_001)],
        [Batch(1, (), (), [Met(bytes(32), 1.0, "curl", "192.0.2.0/24")] * 40_001)],
        [Batch(1, exposed=[SEEN] * 101)],
    ],
)
def test_more_than_a_gate_ever_tells(database: Database, batches: list[Batch]) -> None:
    """A report of more than a gate of ours tells at a time is refused whole (S42)."""
    enrolled(database)
    with pytest.raises(Malformed):
        receiver_on(database).take(bytes(32), *report_named("0" * 32, *batches))
    assert written(database) == []


def test_a_long_report_lets_others_in(database: Database) -> None:
    """A report is taken in by the thousand rows, and others commit in between (R18, S42).

    A second one of the same gate is refused meanwhile.
    """
    enrolled(database)
    found: list[int] = []

    def meanwhile(_seconds: float) -> None:
        found.append(len(written(database)))
        enrolled(database, GATE + len(found), f"other {len(found)}", bytes([len(found)]) * 32)
        with pytest.raises(Conflict):
            receiver.take(bytes(32), *told)

    told = report_named("0" * 32, *(Batch(n, rows(*range(500))) for n in (1, 2, 3, 4)))
    receiver = receiver_on(database, turns=Turns(sleep=meanwhile))
    receiver.take(bytes(32), *told)
    assert found == [1_000, 2_000]
    receiver.take(bytes(32), *told)
    assert len(written(database)) == 2_000


def test_what_stood_in_an_address_is_told_with_the_gate_s_name(database: Database) -> None:
    """It is heard as a gate's word, by its name; and the same report again is no other place."""
    enrolled(database)
    told: list[tuple[Exposed, str]] = []
    receiver = receiver_on(database, expose=lambda one, by: told.append((one, by)))
    report = report_named("0" * 32, Batch(1, rows(0), exposed=[SEEN]))
    receiver.take(bytes(32), *report)
    assert told == [(SEEN, "eu-1")]
    assert written(database) == numbers(1)


@pytest.mark.parametrize(
    "wrong",
    [
        structs.replace(SEEN, digest=b"short"),
        structs.replace(SEEN, api=-1),
        structs.replace(SEEN, path="x" * 201),
        structs.replace(SEEN, path="\0"),
        structs.replace(SEEN, agent="x" * 257),
        structs.replace(SEEN, request_id="7" * 65),
    ],
)
def test_what_no_gate_tells_of_an_address(database: Database, wrong: Exposed) -> None:
    """What could not be kept is refused before anybody is told (S42)."""
    enrolled(database)
    receiver = receiver_on(database, expose=lambda *_said: pytest.fail("somebody was told"))
    with pytest.raises(Malformed):
        receiver.take(bytes(32), *report_named("0" * 32, Batch(1, rows(0), exposed=[wrong])))
    assert written(database) == []


def test_a_journal_without_a_name(database: Database) -> None:
    """Lines of a journal without a name are refused, and who has none yet is level (S17)."""
    enrolled(database)
    enrolled(database, GATE + 1, "eu-2", b"\1" * 32)
    receiver = receiver_on(database)
    with pytest.raises(Malformed):
        receiver.take(bytes(32), *report_named("", Batch(1, rows(0))))
    for digest in (bytes(32), b"\1" * 32):
        receiver.take(digest, Report(NONCE), b"")
    assert written(database) == []


@each_engine
def test_who_makes_journals_up_wipes_nothing(database: Database, clock: StandingClock) -> None:
    """What was doubted stays counted, and what was told stays known, whatever is begun (X2, I5).

    A gate that has begun so many journals may begin another when one was not heard of for long.
    """
    enrolled(database)

    def vouch(_tx: Connection, told: Sequence[Decided]) -> list[bool]:
        return [one.request_id != "forged" for one in told]

    receiver = receiver_on(database, clock, vouch=vouch)
    honest = report_named("a" * 32, Batch(1, rows(0, "forged")))
    receiver.take(bytes(32), *honest)
    for number in range(1, journals.MOST):
        clock.move_on(minutes=1)
        receiver.take(bytes(32), *report_named(f"{number:032x}", Batch(1)))
    one_more = report_named("f" * 32, Batch(1))
    with pytest.raises(Conflict):
        receiver.take(bytes(32), *one_more)
    receiver.take(bytes(32), *honest)
    assert written(database) == ["0"]
    assert losses(database) == (0, 1)
    clock.move_on(days=89)
    receiver.take(bytes(32), going_on(honest[0], database), b"")
    clock.move_on(days=2)
    receiver.take(bytes(32), *one_more)
    receiver.take(bytes(32), *honest)
    assert written(database) == ["0"]
    assert losses(database) == (0, 1)


def going_on(report: Report, database: Database) -> Report:
    """Return a report that begins where the office has its journal."""
    with database.reading() as tx:
        place = journals.marked(tx, report.journal)
    return structs.replace(report, position=place.position, chain=place.chain)


def test_a_count_of_what_was_lost_has_an_end(database: Database) -> None:
    """Whatever a gate says that it lost, the sum can be kept and told."""
    enrolled(database)
    for _ in range(3):
        with database.transaction() as tx:
            gates.lose(tx, GATE, missed=(1 << 53) - 1, doubted=1)
    assert losses(database) == (1 << 53, 3)
