"""A gate on another host is a witness: what it has seen of the audit trail stands there (R15)."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import delete

from counterfoil.app.auditing import Held
from counterfoil.audit.checkpoint import PURPOSE, keep, read, table, tree_in
from counterfoil.audit.copying import lines_in
from counterfoil.audit.merkle import leaf_hash
from counterfoil.audit.record import Act, Entry, write
from counterfoil.audit.verify import verify
from counterfoil.feed.outbox import advance
from counterfoil.gateway.witness import Seen, Witness, surplus
from counterfoil.kernel.clock import micros
from counterfoil.runtime.database import Database
from counterfoil.runtime.signing import Signer
from support.far import Seconds
from support.office import ORIGIN, StandingClock
from support.telling import Line, courier_of, enrolled, receiver_on
from support.trail import ADA

pytestmark = pytest.mark.each_engine
SIGNER = Signer(PURPOSE, bytes(range(32)))


def record(database: Database, clock: StandingClock, count: int) -> None:
    """Put so many entries on record, and sign them."""
    clock.move_on(seconds=5)
    acts = [Entry(ADA, ORIGIN, Act("token.revoke"), micros(clock())) for _ in range(count)]
    with database.transaction() as tx:
        write(tx, advance(tx, events=0, entries=count).audit_position, acts)
    assert keep(database, SIGNER, clock)


def test_a_gate_keeps_what_its_office_has_signed(
    database: Database, clock: StandingClock, tmp_path: Path
) -> None:
    """Every so often it keeps a checkpoint, and an office that goes back does not take it away."""
    enrolled(database)
    ticks = Seconds()
    courier = courier_of(tmp_path, Line(receiver_on(database)), ticks)
    witness = Witness(tmp_path / "audit.seen")
    courier.turn()
    assert witness.kept() == []
    for _ in range(3):
        record(database, clock, 4)
        ticks.now += 20
        courier.turn()
    assert witness.kept() == [Seen(1, 4), Seen(1, 12)]  # the middle one gave way
    with database.transaction() as tx:
        tx.execute(delete(table).where(table.c.size > 4))
    ticks.now += 20
    courier.turn()
    assert witness.kept() == [Seen(1, 4), Seen(1, 12)]


def test_what_is_far_apart_stays(tmp_path: Path) -> None:
    """Of old ones a checkpoint for every ten minutes stays, and of each life of the database."""
    witness = Witness(tmp_path)
    for number, (epoch, size) in enumerate([(1, 5), (1, 9), (1, 14), (2, 3), (2, 4)]):
        witness.look(f"log\n{size}\nroot\nepoch {epoch}\nat now\n\n— signature\n")
        os.utime(tmp_path / f"{epoch}-{size}", (number * 700, number * 700))
    assert len(witness.kept()) == 5
    for wrong in ("-5", "٣", "5\n5", ""):
        witness.look(f"log\n{wrong}\nroot\nepoch 1\nat now\n\n")
    assert len(witness.kept()) == 5


def noted(epoch: int, size: int) -> str:
    return f"log\n{size}\nroot\nepoch {epoch}\nat now\n\n— signature\n"


def test_another_epoch_takes_no_checkpoint_of_an_earlier_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A restore, honest or not, does not take away what was seen last before it (R12, R15).

    The log says that the trail is shorter.
    """
    witness = Witness(tmp_path)
    for epoch, size in ((1, 1730), (1, 1848), (7, 1733), (7, 1740), (7, 1751), (9, 4)):
        witness.look(noted(epoch, size))
    assert {Seen(1, 1848), Seen(7, 1751), Seen(9, 4)} < set(witness.kept())
    told = [one for one in capsys.readouterr().out.splitlines() if "another epoch" in one]
    assert len(told) == 2
    assert "seen=1848 told=1733" in told[0]


def test_many_epochs_drive_out_themselves_alone() -> None:
    """Of too many those go that a later one of their epoch follows, and then the newest.

    So who has the office begin epoch after epoch rids no witness of what it saw before.
    """
    kept = [Seen(1, 5), Seen(1, 9), Seen(2, 3), Seen(2, 4), Seen(3, 1), Seen(4, 1), Seen(5, 1)]
    assert surplus(kept, 7) == []
    assert surplus(kept, 6) == [Seen(1, 5)]
    assert surplus(kept, 5) == [Seen(1, 5), Seen(2, 3)]
    assert surplus(kept, 4) == [Seen(1, 5), Seen(2, 3), Seen(4, 1)]
    assert surplus(kept, 3) == [Seen(1, 5), Seen(2, 3), Seen(3, 1), Seen(4, 1)]


def test_a_trail_that_was_written_anew_is_found(
    database: Database, clock: StandingClock, tmp_path: Path
) -> None:
    """Who rewrites the trail with its key, and signs it anew, is found by what a gate has seen."""
    enrolled(database)
    record(database, clock, 4)
    courier_of(tmp_path, Line(receiver_on(database))).turn()
    folder = tmp_path / "elsewhere"
    shutil.copytree(tmp_path / "audit.seen", folder)
    held = Held()
    held.add(folder)
    (seen,) = (read(note, SIGNER.public) for note in held.notes)
    with database.reading() as tx:
        assert tree_in(tx).root(4) == seen.root
        lines = list(lines_in(tx))
    assert not verify(lines, [seen]).faults
    anew = [replace(one, body=one.body.replace(b"revoke", b"create")) for one in lines]
    anew = [replace(one, leaf=leaf_hash(one.body)) for one in anew]
    assert not verify(anew, []).faults
    assert verify(anew, [seen]).faults
