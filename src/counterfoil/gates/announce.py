"""What is new is told to all gates at once, over a bus: as soon as this host knows of it.

The pages are those that gates ask for, signed as those are, and answer nobody's question. So they
give no lease and are no receipt; they spare each gate the wait for its own question, and the office
the thread in which that waits. Whatever the bus loses, a gate asks for.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, Protocol

from counterfoil.feed import outbox
from counterfoil.feed.page import MOST, TO_ALL, Page, paged, sealed
from counterfoil.gates.model import Called
from counterfoil.kernel.clock import Clock, micros
from counterfoil.runtime.database import Database
from counterfoil.runtime.signing import Signer

TURNS_S: Final = 0.5
_STEP_S: Final = 0.002


class Bus(Protocol):
    """Where it is told."""

    @property
    def is_up(self) -> bool:
        """Whether anybody may hear it."""
        ...

    def start(self) -> None:
        """Begin to keep a connection up, if nobody did."""
        ...

    def publish(self, frame: bytes, name: str) -> None:
        """Have a frame sent; what comes twice under a name is kept once."""
        ...


class Announcer:
    """Tells what one host comes to know.

    Args:
        database: of the office.
        stands: says up to where this host has followed the feed: a look that costs no query.
        signer: signs what is told.
        clock: what time it is.
        bus: takes it to the gates.
        called: how the office is called.
    """

    def __init__(
        self,
        database: Database,
        stands: Callable[[], int],
        signer: Signer,
        clock: Clock,
        bus: Bus,
        *,
        called: Called,
    ) -> None:
        self._database = database
        self._stands = stands
        self._signer = signer
        self._clock = clock
        self._bus = bus
        self._called = called
        self._told = -1

    def turns(self) -> None:
        """Tell what is new as soon as it is there, for a while."""
        self._bus.start()
        end = time.monotonic() + TURNS_S
        while time.monotonic() < end:
            self.turn()
            time.sleep(_STEP_S)

    def turn(self) -> None:
        """Tell what has come since the last turn; what nobody can hear is not kept for later."""
        stands = self._stands()
        if self._told < 0 or not self._bus.is_up:
            self._told = stands
        while self._told < stands:
            self._told = self._tell(self._told) or stands

    def _tell(self, after: int) -> int:
        """Tell what comes after a position; return up to where that was, or 0 if nothing does."""
        with self._database.reading() as tx:
            heads = outbox.read_head(tx)
            written = outbox.written_after(tx, after, MOST)
            if not written:
                return 0
            chains = [outbox.chain_at(tx, at).hex() for at in (after, written[-1][0])]
        page = Page(
            nonce=TO_ALL,
            epoch=heads.epoch,
            after=after,
            head=heads.position,
            at=micros(self._clock()),
            leased=False,
            prefix=self._called.prefix,
            address=self._called.address,
            events=paged(written),
            before=chains[0],
            chain=chains[1],
        )
        self._bus.publish(sealed(self._signer, page), f"{page.epoch}-{page.after}-{page.end}")
        return page.end
