"""A gate that knows too little is handed the books of this host, row by row and part by part.

It would make the same rows of all the records, and take ten times as long. They are read from a
copy, which any process of this host can read on from where a gate has come.
"""

from __future__ import annotations

import os
import threading
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

import lmdb
import structlog

from counterfoil.feed import outbox
from counterfoil.feed.page import framed
from counterfoil.feed.rows import PART_BYTES, AskRows, Rows, sealed_rows
from counterfoil.gate.replica import Replica
from counterfoil.gate.replica.copied import Copy, Sheet, UnsoundError, make_copy
from counterfoil.gate.replica.proof import Doubt
from counterfoil.gate.replica.standing import FORM
from counterfoil.gates.policy import known_gate
from counterfoil.gates.store import rows
from counterfoil.kernel.clock import system_clock
from counterfoil.kernel.entropy import Entropy
from counterfoil.kernel.errors import Code, Conflict
from counterfoil.runtime.database import Database
from counterfoil.runtime.signing import Signer

log = structlog.get_logger(__name__)

COPIES: Final = 4
"""No process makes a copy where so many lie already."""
LEFT_S: Final = 60.0
"""A copy that nobody has read for so long is nobody's any more: it is taken away when the next one
is made, or a process begins."""

_NAME_BYTES: Final = 16


class Hander:
    """Hands the books of a host on.

    Args:
        database: of the office.
        replica: of this host.
        signer: signs what is told.
        folder: where the copies lie, which the processes of this host share.
        entropy: where their names come from.
    """

    def __init__(
        self,
        database: Database,
        replica: Replica,
        signer: Signer,
        folder: Path,
        *,
        entropy: Entropy,
    ) -> None:
        self._database = database
        self._replica = replica
        self._signer = signer
        self._folder = folder
        self._entropy = entropy
        self._copying = threading.Lock()
        self._folder.mkdir(0o700, parents=True, exist_ok=True)
        self._tidy()

    def part(self, digest: bytes, ask: AskRows) -> bytes:
        """Return some rows in frames, each after its length in four bytes.

        Raises:
            Refused: if no gate is known by this digest.
            Conflict: if this host has no sound books to hand on, or knows less than the gate, or
                hands on as much as it can at a time. All records are told by another door.
        """
        with self._database.reading() as tx:
            known_gate(rows.known_by(tx, digest))
            before = outbox.chain_of(tx, outbox.read_head(tx), ask.epoch, ask.position)
        path = self._folder / (ask.copy or self._entropy(_NAME_BYTES).hex())
        is_done = not ask.copy  # of a new copy from which nothing is told nobody knows
        try:
            if not ask.copy:
                self._copy_to(path)
            with closing(Copy(path)) as copy:
                os.utime(path)
                if (copy.place.epoch, copy.place.position) < (ask.epoch, ask.position):
                    raise Conflict(Code.CONFLICT, "This host has not come so far yet.")
                told, is_done = self._read(copy, path.name, ask, before)
        except (UnsoundError, lmdb.Error, OSError) as error:
            if not ask.copy:
                log.warning("the books of this host are not handed on", why=repr(error))
            raise Conflict(Code.CONFLICT, "This host cannot hand its books on.") from error
        finally:
            if is_done:
                with suppress(OSError):
                    path.unlink()
        return told

    def _copy_to(self, path: Path) -> None:
        """Make a copy; in this process one at a time."""
        with self._copying:
            if self._replica.doubted() is not Doubt.NONE:
                raise UnsoundError
            if self._tidy() >= COPIES:
                raise Conflict(Code.CONFLICT, "This host hands its books to enough gates already.")
            make_copy(self._replica, path)

    def _tidy(self) -> int:
        """Take away the copies that were left; return how many there are yet."""
        kept, now = 0, system_clock.seconds()  # by which files are dated, be it right or not
        for path in self._folder.iterdir():
            with suppress(FileNotFoundError):
                if now - path.stat().st_mtime > LEFT_S:
                    path.unlink()
                else:
                    kept += 1
        return kept

    def _read(self, copy: Copy, name: str, ask: AskRows, before: bytes) -> tuple[bytes, bool]:
        """Return a part of the frames, and whether it is the last one."""
        sheets = copy.sheets(ask.book, (ask.key, ask.value))
        frames: list[bytes] = []
        size = 0
        following: Sheet | None = next(sheets, ("", []))  # books with no rows are one frame
        while following is not None and size < PART_BYTES:
            (book, some), following = following, next(sheets, None)
            told = Rows(
                nonce=ask.nonce,
                form=FORM,
                copy=name,
                epoch=copy.place.epoch,
                position=copy.place.position,
                sum=copy.sum,
                number=ask.number + len(frames),
                last=following is None,
                book=book,
                rows=tuple(some),
                before=before.hex(),
                chain=copy.place.proof.chain.hex(),
            )
            frames.append(framed(sealed_rows(self._signer, told)))
            size += len(frames[-1])
        sheets.close()
        return b"".join(frames), following is None
