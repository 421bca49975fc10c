"""The audit trail, verified and copied at the machine, beside a server or without one (R15)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from counterfoil.app.by_hand import opened
from counterfoil.app.fit import UnreadyError
from counterfoil.audit import verify
from counterfoil.audit.checkpoint import PURPOSE, Checkpoint, kept, read
from counterfoil.audit.copying import Copy, CopyError, copied, lines_in
from counterfoil.audit.tree import root_kept
from counterfoil.audit.verify import FORGED, REPLACED, Verified
from counterfoil.feed.outbox import read_head
from counterfoil.kernel.headway import Stage, Tell, nobody, told
from counterfoil.runtime.keyfile import key_kept_in
from counterfoil.runtime.settings import Settings
from counterfoil.runtime.signing import NoteError, PublicKey, Signer

_VERIFYING = "Verifying"
_SIGNATURE = "\n\n— "
"""Stands in every checkpoint, whoever signed it."""


@dataclass(slots=True)
class Held:
    """What is known of a trail from elsewhere: what was signed of it, and a copy of it."""

    notes: list[str] = field(default_factory=list)
    copy: Copy | None = None

    def add(self, path: Path) -> None:
        """Take in a file: a checkpoint, or a copy of a trail. Of a folder, all checkpoints in it.

        Raises:
            CopyError: if it is neither, or a folder without any.
        """
        if path.is_dir():
            inside = sorted(path.glob("[0-9]*-[0-9]*"))
            if not inside:
                message = f"there is no checkpoint in {path}, so nothing was held against it"
                raise CopyError(message)
            for one in inside:
                self.add(one)
        elif path.stat().st_size and path.read_bytes()[:1] == b"{":
            self.copy = Copy(path)
            self.notes += self.copy.notes()
        else:
            note = path.read_text("utf-8", errors="replace").strip("\n") + "\n"
            if _SIGNATURE not in note:
                raise CopyError(f"{path.name} is neither a checkpoint nor a copy of an audit trail")
            self.notes.append(note)


def of_installation(settings: Settings, held: Held, tell: Tell = nobody) -> Verified:
    """Verify the trail of an installation against what it, this host and others hold of it.

    What the installation itself keeps under another key is from before it was restored without its
    own, and says nothing; under another key elsewhere it is a fault.

    Raises:
        UnreadyError: if there is no installation here, or none that signs its trail yet.
    """
    key = key_of(settings)
    seen = settings.data_dir.glob(f"{settings.audit_seen_file.name}*")
    notes = [*held.notes, *(one.read_text("utf-8") for one in seen if one.is_file())]
    with opened(settings) as office, office.database.reading() as tx:
        return _verified(tx, key, notes, held, tell)


def of_copy(path: Path, key: PublicKey | None, held: Held, tell: Tell = nobody) -> Verified:
    """Verify a trail in a file, signed by this key; None trusts the key that it names.

    Raises:
        CopyError: if it is none.
    """
    copy = Copy(path)
    found = Verified()
    checkpoints = _read(found, [*copy.notes(), *held.notes], key or copy.key)
    others = () if held.copy is None else held.copy.leaves()
    lines = told(copy.lines(), tell, Stage(_VERIFYING))
    return _with(found, verify.verify(lines, checkpoints, copy=others))


def copy_of(settings: Settings) -> Iterator[bytes]:
    """Yield the lines of a copy of an installation's trail.

    Raises:
        UnreadyError: as `of_installation`.
    """
    key = key_of(settings)
    with opened(settings) as office, office.database.reading() as tx:
        yield from copied(tx, key, kept(tx))


def key_of(settings: Settings) -> PublicKey:
    """Return the key by which an installation signs its trail.

    Raises:
        UnreadyError: if it has none.
    """
    path = settings.audit_key_file
    try:
        return Signer(PURPOSE, key_kept_in(path)).public
    except FileNotFoundError:
        message = f"there is no {path.name} in {settings.data_dir}: no server has run here"
        raise UnreadyError(message) from None


def _verified(
    tx: Connection, key: PublicKey, notes: Sequence[str], held: Held, tell: Tell
) -> Verified:
    found = Verified()
    ours = [note for note in kept(tx) if note.startswith(f"{key.name}\n")]
    checkpoints = _read(found, [*ours, *notes], key)
    others = () if held.copy is None else held.copy.leaves()
    tile = partial(root_kept, tx)
    last = read_head(tx).audit_position
    lines = told(lines_in(tx), tell, Stage(_VERIFYING, last))
    _with(found, verify.verify(lines, checkpoints, tile=tile, copy=others))
    if found.size < last and not found.faults:
        found.add(verify.CUT, found.size + 1, last)
    elif found.size > last:
        found.add(verify.INSERTED, last + 1, found.size)
    return found


def _read(found: Verified, notes: Iterable[str], key: PublicKey) -> list[Checkpoint]:
    """Return the checkpoints in notes; those that the key has not signed are faults."""
    checkpoints: list[Checkpoint] = []
    for note in dict.fromkeys(notes):
        try:
            checkpoints.append(read(note, key))
        except NoteError:
            ours = note.startswith(f"{key.name}\n")
            found.add(FORGED if ours else REPLACED, 1)
    return checkpoints


def _with(found: Verified, more: Verified) -> Verified:
    found.size, found.root, found.held = more.size, more.root, more.held
    found.faults += more.faults
    found.cuts = more.cuts
    return found
