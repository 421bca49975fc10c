"""Follows the feed of an office on another host into the replica of this one.

It moves by position alone. What is older is nothing new, what is missing is asked for, what is
forged or answers another question is as good as not heard, and what it cannot read ends it (R3).
Whatever goes wrong has one consequence: the lease is not renewed, and runs out.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, Protocol

from counterfoil.feed.chain import ForkedError
from counterfoil.feed.event import AnyEvent
from counterfoil.feed.page import (
    LONGEST_MS,
    NONCE_BYTES,
    Ask,
    ForgedError,
    Page,
    Piece,
    read,
    unsealed,
)
from counterfoil.feed.source import Inventory, Untied
from counterfoil.feed.stands import Stands
from counterfoil.gate.lease import Lease
from counterfoil.gate.replica import GapError, Replica
from counterfoil.gate.replica.proof import Doubt
from counterfoil.kernel.entropy import Entropy
from counterfoil.runtime.signing import PublicKey

TURNS_S: Final = 2.0
PAUSE_S: Final = 0.1
"""After what went wrong, and between questions that the office has no room to keep waiting."""

MENDS_S: Final = 10.0
"""So often at most it is built anew for what stands in it."""


class BehindError(Exception):
    """The office knows less than this gate has heard from it: an old copy was put in its place."""


class Office(Protocol):
    """Whom the questions go to."""

    def page(self, ask: Ask, stands: Stands) -> bytes:
        """Return a page as it was told to who knows this."""
        ...

    def pieces(self, ask: Ask) -> Iterator[bytes]:
        """Yield the pieces of a snapshot as they were told."""
        ...

    def close(self) -> None:
        """Hang up: the next question goes over a new connection."""
        ...


class News(Protocol):
    """What may tell of something new before the office is asked."""

    def wait(self, within_s: float) -> bool:
        """Take in what comes, for so long; return when there is reason to ask, False if never."""
        ...

    def catch_up(self) -> None:
        """Take in what was missed, if that is at hand."""
        ...


class NoNews:
    """Nothing tells: each question waits at the office."""

    def wait(self, within_s: float) -> bool:
        """Expect nothing."""
        del within_s
        return False

    def catch_up(self) -> None:
        """Have nothing at hand."""


NO_NEWS: Final = NoNews()


class Follower:
    """Keeps up one replica.

    Args:
        replica: of this host.
        lease: is renewed as the office allows.
        office: is asked.
        key: under which it signs.
        entropy: where the word of each question comes from.
        news: may tell of something new first; what it tells is in the replica then, or in nothing.
        sleep: waits.
    """

    def __init__(
        self,
        replica: Replica,
        lease: Lease,
        office: Office,
        key: PublicKey,
        *,
        entropy: Entropy,
        news: News = NO_NEWS,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._replica = replica
        self._lease = lease
        self._office = office
        self._key = key
        self._entropy = entropy
        self._news = news
        self._sleep = sleep
        self._is_level = False
        self._mends_from = 0.0
        self._said = -1
        """Where it has last told the office that it stands."""

    def turns(self) -> None:
        """Ask again and again what comes next, for some seconds, as long as it goes well."""
        end = self._lease.ticks() + TURNS_S
        while self._lease.ticks() < end:
            self.turn()

    def turn(self) -> None:
        """Ask once what comes next, and take it in.

        Raises:
            UnheardError, ForgedError: nothing was learned.
            UnknownEventError: it was told of what it cannot read.
            BehindError: it was told less than it knows.
            ForkedError: it was told another history than the one that it knows, now or before.
        """
        try:
            self._turn()
        except ForkedError:
            self._replica.doubt(Doubt.FORKED)
            self._lease.end()
            self._fail()
            raise
        except BaseException:
            self._fail()
            raise

    def _fail(self) -> None:
        self._is_level = False
        self._office.close()  # or, once there is an answer too many, each one comes too late
        self._sleep(PAUSE_S)

    def _turn(self) -> None:
        doubted = self._replica.doubted()
        if doubted:
            self._is_level = False
            self._lease.end()
        if doubted is Doubt.DIFFERS:
            self._mend()
            return
        patience = LONGEST_MS if self._is_level and self._lease.left_s() else 0
        if not self._is_level:
            self._news.catch_up()
        owes = self._said < self._replica.position()  # no news is a reason to wait with that
        heard = patience > 0 and self._news.wait(0 if owes else patience / 1000)
        patience = 0 if heard else patience
        asked = self._lease.ticks()
        page = self._told(patience)
        place = self._replica.place()
        try:
            self._replica.take(page.read(), page.links(place.position, place.proof.chain))
        except GapError:
            self._rebuild()
            return
        if page.differs:
            self._replica.doubt(Doubt.DIFFERS)
            return
        was, self._is_level = self._is_level, self._replica.position() >= page.head
        if self._is_level and page.leased:
            self._lease.renew(asked, page.at / 1e6, page.grace_s, page.begins_at)
        if was and not heard and not page.events and self._lease.ticks() - asked < PAUSE_S / 2:
            self._sleep(PAUSE_S / 2)

    def _told(self, patience: int) -> Page:
        place = self._replica.place()
        epoch, position = place.epoch, place.position
        nonce = self._entropy(NONCE_BYTES).hex()
        ask = Ask(
            nonce,
            epoch,
            position,
            host=self._lease.host,
            lease=self._is_level,
            within_ms=patience,
        )
        page = unsealed(self._office.page(ask, place.stands()), self._key, Page, nonce)
        self._said = position
        if page.after != position:
            message = f"it tells what comes after {page.after}, and {position} was asked"
            raise ForgedError(message)
        if page.epoch < epoch or page.head < position:
            message = f"the office stands at {page.head}, and this gate has heard of {position}"
            raise BehindError(message)
        if page.epoch != epoch:
            self._rebuild()
            return self._told(0)
        self._replica.call(page.prefix, page.address)
        return page

    def _mend(self) -> None:
        """Begin anew where the books are not what was told; soon, and not again and again."""
        if self._lease.ticks() < self._mends_from:
            self._sleep(PAUSE_S)
            return
        self._mends_from = self._lease.ticks() + MENDS_S
        self._rebuild()

    def _rebuild(self) -> None:
        """Begin anew with all that is true now; until it is there, nothing changes."""
        self._is_level = False
        self._replica.rebuild(Snapshot(self._replica, self._office, self._key, self._entropy))


class Snapshot(Untied):
    """All that is true at an office, as a source for a replica that is built anew."""

    def __init__(self, replica: Replica, office: Office, key: PublicKey, entropy: Entropy) -> None:
        place = replica.place()
        self._known = place.epoch, place.position
        self._chain = place.proof.chain
        self._office = office
        self._key = key
        self._nonce = entropy(NONCE_BYTES).hex()

    @contextmanager
    def inventory(self) -> Iterator[Inventory]:
        """See the office's books in one state.

        Raises:
            UnheardError, ForgedError, UnknownEventError: there, or while they are read.
            BehindError: if it is older than what this gate knows.
            ForkedError: if it is of the same life of the database, and of another history.
        """
        pieces = self._pieces()
        first = next(pieces)
        if (first.epoch, first.position) < self._known:
            message = f"the office stands at {first.position}, before {self._known[1]}"
            raise BehindError(message)
        before, chain = bytes.fromhex(first.before), bytes.fromhex(first.chain)
        if first.epoch == self._known[0] and before and self._chain and before != self._chain:
            raise ForkedError(self._known[1])
        yield Inventory(first.epoch, first.position, self._records(first, pieces), chain)

    def _records(self, first: Piece, pieces: Iterator[Piece]) -> Iterator[AnyEvent]:
        piece = first
        yield from map(read, piece.records)
        while not piece.last:
            following = next(pieces)
            if following.number != piece.number + 1 or following.position != first.position:
                message = "the pieces of the snapshot do not follow each other"
                raise ForgedError(message)
            piece = following
            yield from map(read, piece.records)

    def _pieces(self) -> Iterator[Piece]:
        ask = Ask(self._nonce, *self._known)
        for frame in self._office.pieces(ask):
            yield unsealed(frame, self._key, Piece, self._nonce)
        message = "the snapshot was cut short"
        raise ForgedError(message)
