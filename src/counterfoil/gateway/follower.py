"""Follows the feed of an office on another host into the replica of this one.

It moves by position alone. What is older is nothing new, what is missing is asked for, what is
forged or answers another question is as good as not heard, and what it cannot read ends it (R3).
Whatever goes wrong has one consequence: the lease is not renewed, and runs out.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, Protocol

from counterfoil.feed.chain import ForkedError
from counterfoil.feed.page import LONGEST_MS, NONCE_BYTES, Ask, ForgedError, Page, unsealed
from counterfoil.feed.stands import TOLD_BYTES, Stands
from counterfoil.gate.lease import Lease
from counterfoil.gate.replica import GapError, Replica
from counterfoil.gate.replica.proof import Doubt
from counterfoil.gate.replica.standing import FORM
from counterfoil.gateway import snapshot
from counterfoil.gateway.snapshot import BehindError, InRecords, InRows
from counterfoil.kernel.entropy import Entropy
from counterfoil.runtime.signing import PublicKey

TURNS_S: Final = 2.0
PAUSE_S: Final = 0.1
"""After what went wrong, and between questions that the office has no room to keep waiting."""

FAR: Final = 20_000
"""Who lacks no more events than these is told them."""
TOLD_TO_HANDED: Final = 10
"""So many secrets are handed on in rows while one event is told and taken in."""

MENDS_S: Final = 10.0
"""So often at most it is built anew for what stands in it."""


class Office(snapshot.Office, Protocol):
    """Whom the questions go to."""

    def page(self, ask: Ask, stands: Stands) -> bytes:
        """Return a page as it was told to who knows this."""
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
        self._form = 0
        """In which form the host of the office hands rows on, as it said last."""
        self._told_last = b""
        """The last page that the office told, by which it can be shown how far it had come."""
        self._is_ahead = False
        """Whether the office stands before what it told."""
        self._takes_rows = True
        """Not after it began anew, or tried to, until it is level."""

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
        if not (doubted or page.differs) and self._is_far(page.handed - place.position):
            self._rebuild()
            return
        try:
            self._replica.take(page.read(), page.links(place.position, place.proof.chain))
        except GapError:
            self._rebuild()
            return
        if page.differs:
            self._replica.doubt(Doubt.DIFFERS)
            return
        was, self._is_level = self._is_level, self._replica.position() >= page.head
        self._takes_rows |= self._is_level
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
        stands = place.stands()
        if self._is_ahead:
            stands = stands._replace(told=self._told_last)
        frame = self._office.page(ask, stands)
        page = unsealed(frame, self._key, Page, nonce)
        self._said = position
        if page.after != position:
            message = f"it tells what comes after {page.after}, and {position} was asked"
            raise ForgedError(message)
        if page.epoch < epoch or page.head < position:
            self._is_ahead = True
            message = f"the office stands at {page.head}, and this gate has heard of {position}"
            raise BehindError(message)
        self._is_ahead = False
        if len(frame) <= TOLD_BYTES:
            self._told_last = frame
        self._form = page.form
        if page.epoch != epoch:
            self._rebuild()
            return self._told(0)
        self._replica.call(page.prefix, page.address)
        return page

    def _is_far(self, lacks: int) -> bool:
        """Say whether it is sooner built anew than told everything that it lacks."""
        if lacks <= FAR or not self._hands_rows():
            return False
        return lacks * TOLD_TO_HANDED > self._replica.secrets()

    def _hands_rows(self) -> bool:
        return self._takes_rows and self._form == FORM

    def _mend(self) -> None:
        """Begin anew where the books are not what was told; soon, and not again and again.

        All is made of the records then: what is damaged may be the books of the office's host.
        """
        if self._lease.ticks() < self._mends_from:
            self._sleep(PAUSE_S)
            return
        self._mends_from = self._lease.ticks() + MENDS_S
        self._takes_rows = False
        self._rebuild()

    def _rebuild(self) -> None:
        """Begin anew with all that is true now; until it is there, nothing changes."""
        self._is_level = False
        whole = InRows if self._hands_rows() else InRecords
        self._takes_rows = False
        self._replica.rebuild(whole(self._replica, self._office, self._key, self._entropy))
