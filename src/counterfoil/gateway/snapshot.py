"""All that is true at an office, as a gate is told it: in records, or in the rows of its books.

Of records a gate makes its rows itself, whatever their layout: nothing of the office's own books
is in them. Rows are taken as they are, in a tenth of the time, and have to add up.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Protocol, TypeVar

from counterfoil.feed.chain import ForkedError
from counterfoil.feed.event import AnyEvent
from counterfoil.feed.page import NONCE_BYTES, Ask, ForgedError, Piece, read, unsealed
from counterfoil.feed.rows import AskRows, Row, Rows, unsealed_rows
from counterfoil.feed.source import Inventory, Sheets, Untied
from counterfoil.gate.replica import Replica
from counterfoil.gate.replica.books import SETS
from counterfoil.gate.replica.standing import FORM
from counterfoil.kernel.entropy import Entropy
from counterfoil.kernel.plain import PlainError
from counterfoil.runtime.signing import PublicKey

Part = TypeVar("Part", Piece, Rows)


class BehindError(PlainError):
    """The office knows less than this gate has heard from it: an old copy was put in its place."""


class Office(Protocol):
    """Whom is asked."""

    def pieces(self, ask: Ask) -> Iterator[bytes]:
        """Yield the pieces of a snapshot as they were told."""
        ...

    def rows(self, ask: AskRows) -> Iterator[bytes]:
        """Yield the frames of a part of the books' rows as they were told."""
        ...


class _Asked(Untied):
    """A source for a replica that is built anew: an office is asked for all that is true there.

    Args:
        replica: knows something already, or nothing.
        office: is asked.
        key: under which it signs.
        entropy: where the word of each question comes from.
    """

    def __init__(self, replica: Replica, office: Office, key: PublicKey, entropy: Entropy) -> None:
        place = replica.place()
        self._known: Final = place.epoch, place.position
        self._chain: Final = place.proof.chain
        self._office = office
        self._key = key
        self._entropy = entropy

    def _nonce(self) -> str:
        return self._entropy(NONCE_BYTES).hex()

    def _begun(self, parts: Iterator[Part]) -> tuple[Part, Iterator[Part]]:
        """Return the first part, and all of them as they follow each other.

        Raises:
            ForgedError: if there is none, or another is first.
            BehindError: if it is older than what this gate knows.
            ForkedError: if it is of the same life of the database, and of another history.
        """
        first = next(parts, None)
        if first is None or first.number != 0:
            message = "what is told of all that is true does not begin with its first part"
            raise ForgedError(message)
        if (first.epoch, first.position) < self._known:
            message = f"the office stands at {first.position}, before {self._known[1]}"
            raise BehindError(message)
        before = bytes.fromhex(first.before)
        if first.epoch == self._known[0] and before and self._chain and before != self._chain:
            raise ForkedError(self._known[1])
        return first, _in_order(first, parts)


class InRecords(_Asked):
    """It is told in records."""

    @contextmanager
    def inventory(self) -> Iterator[Inventory]:
        """See the office's books in one state.

        Raises:
            UnheardError, ForgedError, UnknownEventError: there, or while it is read.
            BehindError, ForkedError: as `_begun` says.
        """
        first, pieces = self._begun(self._pieces())
        chain = bytes.fromhex(first.chain)
        yield Inventory(first.epoch, first.position, _records(pieces), chain)

    def _pieces(self) -> Iterator[Piece]:
        ask = Ask(self._nonce(), *self._known)
        for frame in self._office.pieces(ask):
            yield unsealed(frame, self._key, Piece, ask.nonce)


class InRows(_Asked):
    """It is told in rows, in the form that this gate keeps, part by part."""

    @contextmanager
    def inventory(self) -> Iterator[Inventory]:
        """See the office's books in one state.

        Raises:
            UnheardError, ForgedError, DamagedError: there, or while it is read.
            BehindError, ForkedError: as `_begun` says.
        """
        first, parts = self._begun(self._parts())
        sheets = Sheets(_sheets(parts), first.sum)
        yield Inventory(first.epoch, first.position, (), bytes.fromhex(first.chain), sheets)

    def _parts(self) -> Iterator[Rows]:
        told: Rows | None = None
        while told is None or not told.last:
            ask = self._following(told)
            before, told = told, None
            for frame in self._office.rows(ask):
                told = unsealed_rows(frame, self._key, ask.nonce)
                if told.form != FORM or (before and told.copy != before.copy):
                    message = "the rows are of another form or copy than was said"
                    raise ForgedError(message)
                yield told
            if told is None:
                return

    def _following(self, told: Rows | None) -> AskRows:
        """Return what asks for all, or for what follows."""
        if told is None or not told.rows:
            return AskRows(self._nonce(), *self._known)
        key, value = told.rows[-1]
        return AskRows(
            self._nonce(),
            *self._known,
            copy=told.copy,
            number=told.number + 1,
            book=told.book,
            key=key,
            value=value if told.book in SETS else b"",
        )


def _in_order(first: Part, parts: Iterator[Part]) -> Iterator[Part]:
    """Yield a part and those that follow it, to the last.

    Raises:
        ForgedError: if they do not follow each other, or the last does not come.
    """
    part = first
    yield part
    while not part.last:
        following = next(parts, None)
        if following is None:
            message = "what is told of all that is true was cut short"
            raise ForgedError(message)
        if following.number != part.number + 1 or _state(following) != _state(first):
            message = "what is told of all that is true does not follow each other"
            raise ForgedError(message)
        part = following
        yield part


def _state(part: Piece | Rows) -> tuple[int, int, str, int]:
    """Return of which state it is."""
    total = part.sum if isinstance(part, Rows) else 0
    return part.epoch, part.position, part.chain, total


def _records(pieces: Iterator[Piece]) -> Iterator[AnyEvent]:
    for piece in pieces:
        yield from map(read, piece.records)


def _sheets(parts: Iterator[Rows]) -> Iterator[tuple[str, tuple[Row, ...]]]:
    for part in parts:
        if part.rows:
            yield part.book, part.rows
