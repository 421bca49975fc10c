"""A gate that knows too little is handed the books of this host, row by row.

It would make the same rows of all the records, and take ten times as long. They are read from a
copy, so nobody who writes waits for a gate that is slow to take them.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from itertools import chain
from typing import Final

import lmdb
import structlog

from counterfoil.feed import outbox
from counterfoil.feed.page import Ask, framed
from counterfoil.feed.rows import SHEET, Row, Rows, sealed_rows
from counterfoil.gate.replica import Replica
from counterfoil.gate.replica.copied import Copy, UnsoundError
from counterfoil.gate.replica.standing import LAYOUT
from counterfoil.gates.policy import known_gate
from counterfoil.gates.store import rows
from counterfoil.kernel.errors import Code, Conflict
from counterfoil.runtime.database import Database
from counterfoil.runtime.signing import Signer

log = structlog.get_logger(__name__)

COPIES: Final = 4
"""So many copies lie on the disk for one process at a time."""


class Hander:
    """Hands the books of a host on.

    Args:
        database: of the office.
        replica: of this host.
        signer: signs what is told.
    """

    def __init__(self, database: Database, replica: Replica, signer: Signer) -> None:
        self._database = database
        self._replica = replica
        self._signer = signer
        self._places = threading.BoundedSemaphore(COPIES)

    def rows(self, digest: bytes, ask: Ask) -> Iterator[bytes]:
        """Return all rows in frames, each after its length in four bytes.

        Raises:
            Refused: if no gate is known by this digest.
            Conflict: if this host has no sound books to hand on, or knows less than the gate, or
                hands on as much as it can at a time. All records are told by another door.
        """
        with self._database.reading() as tx:
            known_gate(rows.known_by(tx, digest))
            before = outbox.chain_of(tx, outbox.read_head(tx), ask.epoch, ask.position)
        frames = self._told(self._copied(ask), ask, before)
        return chain((next(frames),), frames)  # begun, it closes the copy whoever drops it

    def _copied(self, ask: Ask) -> Copy:
        if not self._places.acquire(blocking=False):
            raise Conflict(Code.CONFLICT, "This host hands its books to enough gates already.")
        try:
            copy = Copy(self._replica)
        except (UnsoundError, lmdb.Error, OSError) as error:
            self._places.release()
            log.warning("the books of this host are not handed on", why=repr(error))
            raise Conflict(Code.CONFLICT, "This host cannot hand its books on.") from error
        if (copy.place.epoch, copy.place.position) < (ask.epoch, ask.position):
            self._close(copy)
            raise Conflict(Code.CONFLICT, "This host has not come so far yet.")
        return copy

    def _told(self, copy: Copy, ask: Ask, before: bytes) -> Iterator[bytes]:
        try:
            sheets, number = copy.sheets(SHEET), 0
            following: tuple[str, list[Row]] | None = next(sheets, ("", []))
            while following is not None:
                (book, some), following = following, next(sheets, None)
                told = Rows(
                    nonce=ask.nonce,
                    layout=LAYOUT,
                    epoch=copy.place.epoch,
                    position=copy.place.position,
                    sum=copy.sum,
                    number=number,
                    last=following is None,
                    book=book,
                    rows=tuple(some),
                    before=before.hex(),
                    chain=copy.place.proof.chain.hex(),
                )
                yield framed(sealed_rows(self._signer, told))
                number += 1
        finally:
            self._close(copy)

    def _close(self, copy: Copy) -> None:
        copy.close()
        self._places.release()
