"""The trail is verified, and whatever was done to it is found and named (R15)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, delete, insert, select, update

from counterfoil.app.auditing import key_of
from counterfoil.app.fit import UnreadyError
from counterfoil.audit import checkpoint, verify, witness
from counterfoil.audit.checkpoint import Checkpoint, kept, read
from counterfoil.audit.copying import Copy, CopyError, copied, lines_in
from counterfoil.audit.merkle import leaf_hash
from counterfoil.audit.record import entries
from counterfoil.audit.tree import root_kept, tiles
from counterfoil.audit.verify import Fault, Verified
from counterfoil.feed.outbox import head
from counterfoil.runtime.database import Database
from counterfoil.runtime.settings import Settings
from counterfoil.runtime.signing import NoteError, Signer
from support.office import StandingClock
from support.trail import SIZE, grow

pytestmark = pytest.mark.each_engine


def verified(database: Database, signer: Signer, *more: Checkpoint) -> Verified:
    with database.reading() as tx:
        held = [read(note, signer.public) for note in kept(tx)]
        return verify.verify(lines_in(tx), [*held, *more], tile=partial(root_kept, tx))


def body(tx: Connection, position: int) -> bytes:
    found: bytes = tx.scalar(select(entries.c.body).where(entries.c.position == position)) or b""
    return found


def change(tx: Connection, which: int, **values: object) -> None:
    tx.execute(update(entries).where(entries.c.position == which).values(values))


def edit(tx: Connection) -> None:
    change(tx, 210, body=body(tx, 210).replace(b"tok_", b"tok-"))


def edit_with_its_hash(tx: Connection) -> None:
    edit(tx)
    change(tx, 210, leaf=leaf_hash(body(tx, 210)), target="tok-109")


def edit_columns(tx: Connection) -> None:
    change(tx, 210, outcome="denied")


def remove(tx: Connection) -> None:
    tx.execute(delete(entries).where(entries.c.position.in_((210, 211))))


def swap(tx: Connection) -> None:
    for at, to in ((210, -1), (211, 210), (-1, 211)):
        change(tx, at, position=to)


def put_in(tx: Connection) -> None:
    row = tx.execute(select(entries).where(entries.c.position == 210)).one()
    tx.execute(insert(entries).values({**row._asdict(), "position": SIZE + 1}))


def cut(tx: Connection) -> None:
    tx.execute(delete(entries).where(entries.c.position > 590))
    tx.execute(update(head).values(audit_position=590))


def anew(tx: Connection) -> None:
    tx.execute(delete(entries))
    tx.execute(delete(tiles))
    tx.execute(delete(checkpoint.table))
    tx.execute(update(head).values(audit_position=0))


@pytest.mark.parametrize(
    ("tamper", "fault"),
    [
        (edit, Fault(verify.EDITED, 210, 210)),
        (edit_with_its_hash, Fault(verify.REWRITTEN, 101, 256)),
        (edit_columns, Fault(verify.COLUMNS, 210, 210)),
        (remove, Fault(verify.MISSING, 210, 211)),
        (swap, Fault(verify.MOVED, 210, 210)),
        (put_in, Fault(verify.INSERTED, 210, 210)),
        (cut, Fault(verify.CUT, 591, 600)),
    ],
)
def test_what_was_done_to_the_trail_is_named(
    trail: Database, signer: Signer, tamper: Callable[[Connection], None], fault: Fault
) -> None:
    """Each way to change the trail is found, with the first entry that it touched (R15)."""
    assert verified(trail, signer).faults == []
    with trail.transaction() as tx:
        tamper(tx)
    assert verified(trail, signer).first == fault


def test_who_has_the_key_is_found_by_a_checkpoint_elsewhere(
    trail: Database, signer: Signer, clock: StandingClock
) -> None:
    """A trail written anew and signed by the right key is not the one a witness has seen (R15)."""
    with trail.reading() as tx:
        seen = [read(note, signer.public) for note in kept(tx)][1]
    with trail.transaction() as tx:
        anew(tx)
    grow(trail, 299)
    clock.move_on(days=1)
    grow(trail, SIZE - 299)
    checkpoint.keep(trail, signer, clock)
    assert verified(trail, signer).faults == []
    assert verified(trail, signer, seen).first == Fault(verify.REWRITTEN, 1, 300)


def test_the_newest_checkpoint_moves_on(
    trail: Database, signer: Signer, clock: StandingClock
) -> None:
    """A checkpoint stays for each ten minutes; none is made of a trail that has not grown (R15)."""
    assert checkpoint.keep(trail, signer, clock) is None
    for _ in range(30):
        clock.move_on(seconds=30)
        grow(trail, 1)
        assert checkpoint.keep(trail, signer, clock)
    with trail.reading() as tx:
        sizes = [read(note, signer.public).size for note in kept(tx)]
    assert sizes == [100, 300, 600, 601, 621, 630]


def test_a_witness_sees_that_the_trail_goes_on(
    trail: Database, signer: Signer, clock: StandingClock, tmp_path: Path
) -> None:
    """A host remembers what it has seen, and does not follow a trail that is another (R15)."""
    path = tmp_path / "seen"
    with trail.reading() as tx:
        witness.look(path, tx, signer.public)
    grow(trail, 7)
    checkpoint.keep(trail, signer, clock)
    with trail.reading() as tx:
        witness.look(path, tx, signer.public)
        witness.look(path, tx, signer.public)
    with trail.transaction() as tx:
        anew(tx)
    clock.move_on(days=1)
    grow(trail, SIZE + 15)
    checkpoint.keep(trail, signer, clock)
    with trail.reading() as tx, pytest.raises(witness.BrokenError):
        witness.look(path, tx, signer.public)
    last = witness.seen(path, signer.public)
    assert last is not None
    assert last.size == SIZE + 7
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_copy_says_the_same(trail: Database, signer: Signer, tmp_path: Path) -> None:
    """A copy in a file holds, and names what was changed in it, or in the trail since (R15)."""
    path = tmp_path / "trail.ndjson"
    with trail.reading() as tx:
        path.write_bytes(b"".join(copied(tx, signer.public, kept(tx))))
    copy = Copy(path)
    held = [read(note, copy.key) for note in copy.notes()]
    found = verify.verify(copy.lines(), held)
    assert (found.size, found.faults, len(found.held)) == (SIZE, [], 3)
    lines = path.read_bytes().splitlines(keepends=True)
    lines[210] = lines[210].replace(b"tok_", b"tok-")
    path.with_name("changed").write_bytes(b"".join(lines))
    assert verify.verify(Copy(path.with_name("changed")).lines(), held).first == Fault(
        verify.EDITED, 210, 210
    )
    with trail.transaction() as tx:
        edit_with_its_hash(tx)
    with trail.reading() as tx:
        found = verify.verify(lines_in(tx), [], copy=copy.leaves())
    assert found.faults == [Fault(verify.REWRITTEN, 210, 210)]


@pytest.mark.parametrize("text", [b"", b"{}\n", b'{"trail":"x","key":"x+y+z"}\n', b"\xff\n"])
def test_what_is_no_copy_is_refused(database: Database, tmp_path: Path, text: bytes) -> None:
    """A file that is no copy of a trail is refused, whatever it holds (R15)."""
    del database
    path = tmp_path / "none"
    path.write_bytes(text)
    with pytest.raises(CopyError):
        Copy(path)


def test_a_checkpoint_is_what_was_signed(trail: Database, signer: Signer) -> None:
    """A checkpoint that was changed by one character, or signed by another key, is none (R15)."""
    with trail.reading() as tx:
        note = kept(tx)[0]
    for at in range(len(note)):
        changed = note[:at] + ("x" if note[at] != "x" else "y") + note[at + 1 :]
        with pytest.raises(NoteError):
            read(changed, signer.public)
    with pytest.raises(NoteError):
        read(note, Signer(checkpoint.PURPOSE, bytes(31) + b"1").public)


def test_who_looks_for_a_key_makes_none(database: Database, tmp_path: Path) -> None:
    """Where no server has run no key verifies a trail, and looking for it makes none (R15)."""
    del database
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(UnreadyError):
        key_of(Settings(data_dir=empty))
    assert list(empty.iterdir()) == []
