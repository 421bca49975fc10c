"""What a gate on another host is told: what comes after its position, or all that is true.

A question is an acknowledgement: where a gate says that it stands, it has taken everything in. It
is written down before the feed is read. So whoever commits later and finds no lease in the books
knows that this answer will tell of their commit, too (R1).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Final

from counterfoil.feed import outbox
from counterfoil.feed.page import MOST, Ask, Page, Piece, bodies, paged, sealed
from counterfoil.feed.source import Source
from counterfoil.gates.model import Called
from counterfoil.gates.store import rows
from counterfoil.kernel.clock import Clock, micros
from counterfoil.kernel.errors import Code, Refused
from counterfoil.runtime.database import Database
from counterfoil.runtime.signing import Signer
from counterfoil.runtime.witness import NOBODY

_STEP_S: Final = 0.004
_LENGTH_BYTES: Final = 4


class Teller:
    """Answers gates.

    Args:
        database: of the office.
        books: the present state in events.
        stands: says up to where this host has followed the feed: a look that costs no query.
        signer: signs what is told.
        clock: what time it is.
        called: how it is called.
        waiting: so many questions of this process may wait at a time; each takes a thread.
    """

    def __init__(
        self,
        database: Database,
        books: Source,
        stands: Callable[[], int],
        signer: Signer,
        clock: Clock,
        *,
        called: Called,
        waiting: int,
    ) -> None:
        self._database = database
        self._books = books
        self._stands = stands
        self._signer = signer
        self._clock = clock
        self._called = called
        self._places = threading.BoundedSemaphore(waiting)

    def page(self, digest: bytes, ask: Ask) -> bytes:
        """Return what comes next, framed: at once if there is something, or after a moment.

        Raises:
            Refused: if no gate is known by this digest.
        """
        self._require_known(digest)
        now = self._clock()
        with self._database.transaction(NOBODY) as tx:
            if not rows.heard(tx, digest, ask.position, now, lease=ask.lease):
                raise _unknown()
        self._wait(ask.position, ask.within_ms / 1000)
        with self._database.reading() as tx:
            heads = outbox.read_head(tx)
            same = heads.epoch == ask.epoch
            written = outbox.written_after(tx, ask.position, MOST) if same else []
        return sealed(
            self._signer,
            Page(
                nonce=ask.nonce,
                epoch=heads.epoch,
                after=ask.position,
                head=heads.position,
                at=micros(now),
                leased=ask.lease and same,
                prefix=self._called.prefix,
                address=self._called.address,
                events=paged(written),
            ),
        )

    def snapshot(self, digest: bytes, ask: Ask) -> Iterator[bytes]:
        """Return all that is true now in frames, each after its length in four bytes.

        Raises:
            Refused: as `page` says.
        """
        self._require_known(digest)
        return self._pieces(ask.nonce)

    def _require_known(self, digest: bytes) -> None:
        """Return if a gate asks: a stranger does not stand in line with those who write (S8)."""
        with self._database.reading() as tx:
            if rows.known_by(tx, digest) is None:
                raise _unknown()

    def _pieces(self, nonce: str) -> Iterator[bytes]:
        with self._books.inventory() as now:
            records, number, last = iter(now.records), 0, False
            while not last:
                some = list(islice(records, MOST))
                last = len(some) < MOST
                piece = Piece(nonce, now.epoch, now.position, number, last, bodies(some))
                frame = sealed(self._signer, piece)
                yield len(frame).to_bytes(_LENGTH_BYTES) + frame
                number += 1

    def _wait(self, position: int, within_s: float) -> None:
        """Return when the feed goes beyond a position, or nothing came."""
        if within_s == 0 or not self._places.acquire(blocking=False):
            return
        try:
            for _ in range(round(within_s / _STEP_S)):
                if self._stands() > position:
                    return
                time.sleep(_STEP_S)
        finally:
            self._places.release()


def _unknown() -> Refused:
    return Refused(Code.INVALID_TOKEN, "No gate is known by this credential.")
