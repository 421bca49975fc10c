"""All that is true at an office, as a gate is told it: in records, or in the rows of its books.

Of records a gate makes its rows itself, whatever their layout: nothing of the office's own books
is in them. Rows are taken as they are, in a tenth of the time, and have to add up.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Generic, Protocol, TypeVar

from counterfoil.feed.chain import ForkedError
from counterfoil.feed.event import AnyEvent
from counterfoil.feed.page import NONCE_BYTES, Ask, ForgedError, Piece, read, unsealed
from counterfoil.feed.rows import AskRows, Row, Rows, unsealed_rows
from counterfoil.feed.source import Inventory, Sheets, Untied
from counterfoil.gate.replica import Replica
from counterfoil.gate.replica.books import SETS
from counterfoil.gate.replica.standing import FORM
from counterfoil.kernel.entropy import Entropy
from counterfoil.runtime.signing import PublicKey

Part = TypeVar("Part", Piece, Rows)


class BehindError(Exception):
    """The office knows less than this gate has heard from it: an old copy was put in its place."""


class Office(Protocol):
    """Whom is asked."""

    def pieces(self, ask: Ask) -> Iterator[bytes]:
        """Yield the pieces of a snapshot as they were told."""
        ...

    def rows(self, ask: AskRows) -> Iterator[bytes]:
        """Yield the frames of a part of the books' rows as they were told."""
        ...


class _Whole(Untied, Generic[Part]):
    """A source for a replica that is built anew.

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

    @contextmanager
    def inventory(self) -> Iterator[Inventory]:
        """See the office's books in one state.

        Raises:
            UnheardError, ForgedError, UnknownEventError, DamagedError: there, or while it is read.
            BehindError: if it is older than what this gate knows.
            ForkedError: if it is of the same life of the database, and of another history.
        """
        parts = self._parts()
        first = next(parts)
        if first.number != 0:
            message = "what is told of all that is true does not begin with its first part"
            raise ForgedError(message)
        if (first.epoch, first.position) < self._known:
            message = f"the office stands at {first.position}, before {self._known[1]}"
            raise BehindError(message)
        before, chain = bytes.fromhex(first.before), bytes.fromhex(first.chain)
        if first.epoch == self._known[0] and before and self._chain and before != self._chain:
            raise ForkedError(self._known[1])
        yield self._inventory(first, _in_order(first, parts), chain)

    def _parts(self) -> Iterator[Part]:
        yield from self._heard()
        message = "what is told of all that is true was cut short"
        raise ForgedError(message)

    def _nonce(self) -> str:
        return self._entropy(NONCE_BYTES).hex()

    def _heard(self) -> Iterator[Part]:
        raise NotImplementedError

    def _inventory(self, first: Part, parts: Iterator[Part], chain: bytes) -> Inventory:
        raise NotImplementedError


class InRecords(_Whole[Piece]):
    """It is told in records."""

    def _heard(self) -> Iterator[Piece]:
        ask = Ask(self._nonce(), *self._known)
        for frame in self._office.pieces(ask):
            yield unsealed(frame, self._key, Piece, ask.nonce)

    def _inventory(self, first: Piece, parts: Iterator[Piece], chain: bytes) -> Inventory:
        return Inventory(first.epoch, first.position, _records(parts), chain)


class InRows(_Whole[Rows]):
    """It is told in rows, in the form that this gate keeps, part by part."""

    def _heard(self) -> Iterator[Rows]:
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

    def _inventory(self, first: Rows, parts: Iterator[Rows], chain: bytes) -> Inventory:
        sheets = Sheets(_sheets(parts), first.sum)
        return Inventory(first.epoch, first.position, (), chain, sheets)


def _in_order(first: Part, parts: Iterator[Part]) -> Iterator[Part]:
    """Yield a part and those that follow it, to the last.

    Raises:
        ForgedError: if they do not follow each other.
    """
    part = first
    yield part
    while not part.last:
        following = next(parts)
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
