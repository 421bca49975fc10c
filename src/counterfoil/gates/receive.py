"""What a gate on another host has decided comes into the trail, and what it counted into the books.

The place up to which its journal was taken in moves in the transaction that writes what stood
there. What comes again is recognised by its place, and answered and not taken in (R4).

A gate decides for every organization, so it may tell of every one. But each row is held against the
books: what they do not bear out comes into nobody's trail. Its clock is believed within bounds,
and it is taken in at a pace that leaves room for everybody else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import chain
from typing import Final, TypeAlias

import structlog
from msgspec import structs
from sqlalchemy import Connection

from counterfoil.audit.checkpoint import newest
from counterfoil.audit.fetch import entry
from counterfoil.audit.journals import MovedError, is_told_by, make_room, marked, move, touch
from counterfoil.audit.record import Entry, write
from counterfoil.feed.outbox import advance
from counterfoil.feed.page import sealed
from counterfoil.feed.report import Heard, Report
from counterfoil.gate.record.continued import Continued, continued
from counterfoil.gate.record.decided import Decided, Exposed, counts_in, seen_in
from counterfoil.gate.record.journal import Mark
from counterfoil.gate.record.usage import Count, Counts, Seens
from counterfoil.gates import policy
from counterfoil.gates.model import Gate
from counterfoil.gates.store import rows
from counterfoil.gates.turns import Turns
from counterfoil.kernel.clock import Clock, instant, micros, spell_instant
from counterfoil.kernel.errors import Code, Conflict, Malformed
from counterfoil.kernel.ids import Prefix, spell
from counterfoil.runtime.chain import JournalError
from counterfoil.runtime.database import Database
from counterfoil.runtime.signing import Signer
from counterfoil.runtime.witness import NOBODY

LONGEST: Final = timedelta(days=90)
"""What a gate tells of a longer time ago is not believed to be that old."""

ROWS: Final = 1_000
"""So many rows are taken in within a transaction, which nobody else can commit beside."""

_LONGEST_US: Final = LONGEST // timedelta(microseconds=1)

Vouch: TypeAlias = Callable[[Connection, Sequence[Decided]], list[bool]]
"""Says of each row whether the books bear it out."""
TakeIn: TypeAlias = Callable[[Connection, Counts, Seens], None]
"""Takes counts into the books, those of tokens that there are."""

TakeNote: TypeAlias = Callable[[Exposed, str], None]
"""Has somebody told that their token stood in an address, as a gate of this name says."""

log = structlog.get_logger(__name__)


class Receiver:
    """Takes in what gates tell.

    Args:
        database: of the office.
        signer: signs up to where a journal is known.
        clock: what time it is.
        vouch: holds rows against the books.
        count: takes the counts in.
        expose: takes note of tokens that stood in addresses; doing it twice adds nothing.
        turns: says when a gate may go on telling.
    """

    def __init__(
        self,
        database: Database,
        signer: Signer,
        clock: Clock,
        *,
        vouch: Vouch,
        count: TakeIn,
        expose: TakeNote,
        turns: Turns | None = None,
    ) -> None:
        self._turns = turns or Turns()
        self._database = database
        self._signer = signer
        self._clock = clock
        self._vouch = vouch
        self._count = count
        self._expose = expose

    def require_known(self, digest: bytes) -> None:
        """Return if a gate is known by this digest: of nobody else is anything read (S8).

        Raises:
            Refused: if none is.
        """
        with self._database.reading() as tx:
            _known(tx, digest)

    def take(self, digest: bytes, report: Report, lines: bytes) -> bytes:
        """Take in how a journal goes on; return up to where it is known now, framed.

        Where it is known up to another place than the report begins at, nothing is taken in: it was
        taken in already, or the gate does not know yet.

        Raises:
            Refused: if no gate is known by this digest.
            Conflict: for what does not follow its place, for the journal of somebody else, for one
                too many of this gate, and while this process takes in another report of it.
            Malformed: for what no gate says.
        """
        if lines and not report.journal:
            raise Malformed(Code.INVALID_REQUEST, "These are lines of a journal without a name.")
        place = Mark(report.journal, report.position, report.chain)
        try:
            told = continued(lines, place)
        except JournalError as error:
            raise Conflict(Code.CONFLICT, f"This is no journal: {error}.") from None
        policy.require_bounded(told.batches)
        policy.require_writable(told.batches)
        with self._turns.one_at_a_time(digest):
            stands = self._take(digest, report, place, told)
        with self._database.reading() as tx:
            checkpoint = newest(tx) or ""
        return sealed(self._signer, Heard(report.nonce, *stands, checkpoint))

    def _take(self, digest: bytes, report: Report, place: Mark, told: Continued) -> Mark:
        """Take it in piece by piece: between two of them others commit what takes power away."""
        stands = place
        for piece in told.pieces(ROWS):
            left = report.left if piece.reached == told.reached else None
            try:
                with self._turns.resting(bool(piece.batches)):
                    found = self._take_piece(digest, stands, piece, left)
            except MovedError:
                with self._database.reading() as tx:
                    return marked(tx, report.journal)
            if found != piece.reached:
                return found
            stands = found
        return stands

    def _take_piece(self, digest: bytes, place: Mark, told: Continued, left: int | None) -> Mark:
        now = self._clock()
        self._take_notes(digest, told)
        with self._database.transaction(NOBODY) as tx:
            gate = _known(tx, digest)
            others = frozenset(one.id for one in rows.gates_in(tx) if one.id != gate.id)
            if place.journal and is_told_by(tx, place.journal, others | {None}):
                raise Conflict(Code.CONFLICT, "This is the journal of another gate.")
            stands = marked(tx, place.journal)
            if stands != place:
                return stands
            if told.batches:
                self._write(tx, gate, place, told, now)
            else:
                touch(tx, place.journal, now)
            if left is not None:
                rows.told(tx, gate.id, now, untold=left)
        return told.reached

    def _take_notes(self, digest: bytes, told: Continued) -> None:
        """Take note of what stood in addresses, before the place moves: else it could be lost."""
        exposed = list(chain.from_iterable(batch.exposed for batch in told.batches))
        if exposed:
            with self._database.reading() as tx:
                gate = _known(tx, digest)
            for one in exposed:
                self._expose(one, gate.name)

    def _write(
        self, tx: Connection, gate: Gate, place: Mark, told: Continued, now: datetime
    ) -> None:
        if not place.position and not make_room(tx, gate.id, now):
            log.warning("a gate begins one journal after another", gate=gate.name)
            raise Conflict(
                Code.CONFLICT, "This gate has begun too many journals: enroll another for its host."
            )
        found = list(chain.from_iterable(batch.rows for batch in told.batches))
        sound = self._vouch(tx, found)
        kept = [_entry(row, gate, now) for row, is_so in zip(found, sound, strict=True) if is_so]
        missed, doubted = told.missed, len(found) - len(kept)
        heads = advance(tx, events=0, entries=len(kept))  # lets one process in at a time
        move(tx, place, told.reached, now, gate=gate.id)
        write(tx, heads.audit_position, kept)
        for batch in told.batches:
            if batch.counts or batch.seen:
                counts, seen = counts_in(batch.counts), seen_in(batch.seen)
                self._count(tx, *_believed(counts, seen, now.timestamp()))
        if missed or doubted:
            rows.lose(tx, gate.id, missed=missed, doubted=doubted)
            log.warning(
                "not all that a gate tells is in the trail",
                gate=gate.name,
                missed=missed,
                doubted=doubted,
            )


def _known(tx: Connection, digest: bytes) -> Gate:
    return policy.known_gate(rows.known_by(tx, digest))


def _entry(row: Decided, gate: Gate, now: datetime) -> Entry:
    """Return the entry of a decision: who told it, and of when, if that cannot be."""
    latest = micros(now)
    at = min(max(row.at, latest - _LONGEST_US), latest)
    note = f"told by the gate {gate.name} ({spell(Prefix.GATE, gate.id)})"
    if at != row.at:
        note = f"{note}, which said {spell_instant(instant(row.at))}"
    return entry(structs.replace(row, at=at), note)


def _believed(counts: Counts, seen: Seens, now: float) -> tuple[Counts, Seens]:
    """Return them as they can have been: no use is later than now."""
    earliest = now - LONGEST.total_seconds()

    def within(at: float) -> float:
        return min(max(at, earliest), now)

    return (
        {
            use: Count(told.times, last := within(told.last), min(within(told.first), last))
            for use, told in counts.items()
        },
        {secret: one._replace(at=within(one.at)) for secret, one in seen.items()},
    )
