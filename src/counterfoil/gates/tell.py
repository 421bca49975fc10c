"""What a gate on another host is told: what comes after its position, or all that is true.

A question is an acknowledgement: where a gate says that it stands, it has taken everything in. It
is written down before the feed is read. So whoever commits later and finds no lease written down
knows that this answer will tell of their commit, too (R1).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice
from typing import Final, NamedTuple

import structlog

from counterfoil.feed import asked, outbox
from counterfoil.feed.page import (
    MOST,
    Ask,
    ForgedError,
    Page,
    Piece,
    bodies,
    framed,
    genuine,
    paged,
    sealed,
)
from counterfoil.feed.source import Source
from counterfoil.feed.stands import NOTHING, Stands
from counterfoil.gate.replica.standing import Place
from counterfoil.gates.model import BOOKS, HISTORY, Called, Gate, Heard, Leases
from counterfoil.gates.policy import known_gate
from counterfoil.gates.store import rows
from counterfoil.gates.store.asking import asking
from counterfoil.kernel.clock import Clock, in_micros, micros
from counterfoil.kernel.ids import GateId
from counterfoil.runtime.bell import Bell
from counterfoil.runtime.database import Database
from counterfoil.runtime.signing import Signer
from counterfoil.runtime.witness import NOBODY

log = structlog.get_logger(__name__)

_LOST: Final = "the database ends before what this office has told"
_COPIED: Final = "a copy of this office runs, and has told a gate of what was never here"
_LOOK_S: Final = 0.25
"""So often a question that waits looks again, where no bell wakes it."""


class Waking(NamedTuple):
    """What says that there is something to tell.

    Attributes:
        stands: says up to where this host has followed the feed: a look that costs no query.
        place: says the same, and what the books of this host are compared by.
        news: rings when that is further.
        heard: rings, for whoever waits for them, when a gate has said how far it has come.
        waiting: so many questions of this process may wait for it at a time; each takes a thread.
    """

    stands: Callable[[], int]
    place: Callable[[], Place]
    news: Bell
    heard: Bell
    waiting: int


class Teller:
    """Answers gates.

    Args:
        database: of the office.
        leases: that it gives.
        books: the present state in events.
        signer: signs what is told.
        waking: says how far the feed has come, and rings when that is further.
        clock: what time it is.
        called: how it is called.
        lost: is given a page of its own that tells of more than the database has, which a gate has
            shown; says whether a copy of this office has told that, and nothing was lost here.
    """

    def __init__(  # noqa: PLR0913 - what tells gates has that many sides
        self,
        database: Database,
        leases: Leases,
        books: Source,
        signer: Signer,
        *,
        waking: Waking,
        clock: Clock,
        called: Called,
        lost: Callable[[Page], bool],
    ) -> None:
        self._database = database
        self._leases = leases
        self._waking = waking
        self._books = books
        self._signer = signer
        self._clock = clock
        self._called = called
        self._lost = lost
        self._shown: dict[GateId, bytes] = {}
        self._places = threading.BoundedSemaphore(waking.waiting)

    def page(self, digest: bytes, ask: Ask, stands: Stands = NOTHING) -> bytes:
        """Return what comes next, framed: at once if there is something, or after a moment.

        Who knows another history than this office, or has other books at the same position, is not
        heard: that they stand there says nothing of what this office has told, and they are given
        no lease (R13).

        Raises:
            Refused: if no gate is known by this digest.
            Conflict: if a gate on another host may let anything pass by it.
        """
        now, least = self._clock(), in_micros(self._clock.least())
        with self._database.glance() as tx:
            gate, heads, told, longest_s = known_gate(asking(tx, digest, ask.position))
            own = outbox.chain_of(tx, heads, ask.epoch, ask.position, told)
        longest_s = longest_s if ask.lease else 0
        if stands.told:
            self._look_at_told(gate, stands.told, heads)
        differs = self._compared(gate, ask, stands, (heads, own), now)
        leased = not differs and self._hear(gate, ask, longest_s, heads, now)
        with self._database.glance() as tx:
            heads, written, chain = asked.news(tx, ask.position, MOST)
            same = heads.epoch == ask.epoch
            before = own if same and own else outbox.chain_of(tx, heads, ask.epoch, ask.position)
            if same and written:
                chain = chain or outbox.chain_at(tx, written[-1][0])
            else:
                written, chain = [], before
        here = self._waking.place()
        return sealed(
            self._signer,
            Page(
                nonce=ask.nonce,
                epoch=heads.epoch,
                after=ask.position,
                head=heads.position,
                at=micros(now),
                least=least,
                leased=leased and same,
                grace_s=0 if differs else longest_s,
                prefix=self._called.prefix,
                address=self._called.address,
                events=paged(written),
                before=before.hex(),
                chain=chain.hex(),
                differs=differs,
                form=here.form,
                handed=here.position if here.epoch == ask.epoch else 0,
            ),
        )

    def _hear(self, gate: Gate, ask: Ask, grace_s: int, heads: outbox.Heads, now: datetime) -> bool:
        """Write down how far a gate has come, and wait for news; return whether it has a lease."""
        level = self._granted(gate, ask, grace_s, heads)
        heard = Heard(int(ask.host, 16), ask.position, ask.lease, now, grace_s, level)
        leased = self._leases.hear(gate.id, heard)
        self._waking.heard.ring()
        self._wait(ask.position, ask.within_ms / 1000)
        return leased

    def snapshot(self, digest: bytes, ask: Ask) -> Iterator[bytes]:
        """Return all that is true now in frames, each after its length in four bytes.

        Raises:
            Refused: as `page` says.
        """
        self._known(digest)
        return self._pieces(ask)

    def _known(self, digest: bytes) -> Gate:
        """Return which gate asks: a stranger does not stand in line with those who write (S8)."""
        with self._database.reading() as tx:
            return known_gate(rows.known_by(tx, digest))

    def _compared(
        self,
        gate: Gate,
        ask: Ask,
        stands: Stands,
        office: tuple[outbox.Heads, bytes],
        now: datetime,
    ) -> str:
        """Return in what a gate differs from this office, and put on record when that is news.

        The office has its heads, and its chain where the gate says that it stands.
        """
        heads, own = office
        differs, here = "", self._waking.place()
        if heads.epoch == ask.epoch and stands.chain:
            lost = ask.position > heads.position
            differs = HISTORY if lost or (own and own != stands.chain) else ""
        if not differs and (here.epoch, here.position) == (ask.epoch, ask.position):
            mine, theirs = here.stands().tally, stands.tally
            comparable = mine and theirs and mine.layout == theirs.layout
            differs = BOOKS if comparable and mine != theirs else ""
        if differs != gate.differs:
            with self._database.transaction(NOBODY) as tx:
                rows.note_differs(tx, gate.id, differs, now)
            if differs:
                log.error("a gate is not as this office", gate=gate.name, differs=differs)
        return differs

    def _look_at_told(self, gate: Gate, told: bytes, heads: outbox.Heads) -> None:
        """Look whether this office has told of what its database has lost since (R12).

        A gate cannot make such a page, and one of this life of the database names no position that
        was not committed before. So nobody shuts an office by what they claim. What a gate shows
        again and again is logged once.
        """
        is_news = self._shown.get(gate.id) != told
        self._shown[gate.id] = told
        try:
            page = genuine(told, self._signer.public)
        except ForgedError:
            if is_news:
                log.warning("a gate shows a page that this office has not told", gate=gate.name)
            return
        if page.epoch != heads.epoch or page.head <= heads.position:
            return
        of_copy = self._lost(page)
        if is_news:
            event = _COPIED if of_copy else _LOST
            log.error(event, gate=gate.name, position=heads.position, told=page.head)

    def _granted(self, gate: Gate, ask: Ask, grace_s: int, heads: outbox.Heads) -> bool:
        """Say whether a gate knows of no longer grace than this one, which its next lease has.

        The grace was read before the heads: who stands there has heard of it. How long it is at
        most is written down before the first lease that has it.
        """
        if grace_s > gate.grace_s:
            with self._database.transaction(NOBODY) as tx:
                rows.note_grace(tx, gate.id, grace_s)
        return ask.lease and gate.grace_s > 0 and heads[:2] == (ask.epoch, ask.position)

    def _pieces(self, ask: Ask) -> Iterator[bytes]:
        with self._database.reading() as tx:
            before = outbox.chain_of(tx, outbox.read_head(tx), ask.epoch, ask.position).hex()
        with self._books.inventory() as now:
            chain = now.chain.hex()
            records, number, last = iter(now.records), 0, False
            while not last:
                some = list(islice(records, MOST))
                last = len(some) < MOST
                piece = Piece(
                    ask.nonce, now.epoch, now.position, number, last, bodies(some), before, chain
                )
                frame = sealed(self._signer, piece)
                yield framed(frame)
                number += 1

    def _wait(self, position: int, within_s: float) -> None:
        """Return when the feed goes beyond a position, or nothing came."""
        if within_s == 0 or not self._places.acquire(blocking=False):
            return
        end = time.monotonic() + within_s
        try:
            while (left := end - time.monotonic()) > 0:
                rings = self._waking.news.heard()
                if self._waking.stands() > position:
                    return
                self._waking.news.wait(rings, min(left, _LOOK_S))
        finally:
            self._places.release()
