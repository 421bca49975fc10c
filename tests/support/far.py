"""An office, and a gate on another host that follows it, with a wire between them that may lie."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from msgspec import structs

from counterfoil.feed import outbox
from counterfoil.feed.event import AnyEvent
from counterfoil.feed.follow import Outbox
from counterfoil.feed.page import PURPOSE, Ask
from counterfoil.gate.lease import Lease
from counterfoil.gate.replica import Replica
from counterfoil.gates.model import Called, Gate
from counterfoil.gates.store import rows
from counterfoil.gates.tell import Teller
from counterfoil.gateway.follower import Follower
from counterfoil.kernel.clock import system_clock
from counterfoil.kernel.ids import GateId
from counterfoil.runtime.database import Database
from counterfoil.runtime.signing import Signer
from support.gate import BASE, WORLD
from support.office import START
from support.shop import OFFICE

DIGEST = bytes(32)
KEY = bytes(range(32))


@dataclass
class Seconds:
    """Says how many seconds there were, as often as it is moved on."""

    now: float = 1_000.0

    def __call__(self) -> float:
        return self.now

    def pass_(self, seconds: float) -> None:
        """Let so many go by."""
        self.now += seconds


@dataclass
class Wire:
    """Carries questions to an office, and answers back as `meddle` leaves them.

    Of a snapshot it may leave a piece out. What is under way comes first, unless it is hung up on.
    """

    teller: Teller
    meddle: Callable[[bytes], bytes] = field(default=lambda frame: frame)
    heard: list[bytes] = field(default_factory=list)
    asked: list[Ask] = field(default_factory=list)
    left_out: int | None = None
    under_way: list[bytes] = field(default_factory=list)

    def page(self, ask: Ask) -> bytes:
        self.asked.append(ask)
        self.heard.append(self.teller.page(DIGEST, structs.replace(ask, within_ms=0)))
        self.under_way.append(self.meddle(self.heard[-1]))
        return self.under_way.pop(0)

    def pieces(self, ask: Ask) -> Iterator[bytes]:
        for number, piece in enumerate(self.teller.snapshot(DIGEST, ask)):
            if number != self.left_out:
                yield self.meddle(piece[4:])

    def close(self) -> None:
        self.under_way.clear()


@dataclass
class Far:
    """The two hosts. What is true at the office is what was committed, or what is put in place."""

    database: Database
    teller: Teller
    wire: Wire
    replica: Replica
    lease: Lease
    seconds: Seconds
    follower: Follower
    records: list[AnyEvent]

    def commit(self, *events: AnyEvent) -> int:
        """Commit these events at the office, and return the feed's position then."""
        with self.database.transaction() as tx:
            heads = outbox.advance(tx, events=len(events), entries=0)
            outbox.append(tx, heads, events, START)
        return heads.position

    def level(self) -> None:
        """Let the gate come as far as the office, and hold a lease."""
        for _ in range(3):
            self.follower.turn()


def teller_on(
    database: Database,
    records: Sequence[AnyEvent],
    seed: bytes = KEY,
    called: Called | None = None,
) -> Teller:
    """Open what tells gates of an office."""
    return Teller(
        database,
        Outbox(database, lambda _tx: list(records)),
        lambda: 0,
        Signer(PURPOSE, seed),
        system_clock,
        called=called or Called("cf", OFFICE),
        waiting=1,
    )


@contextmanager
def far(database: Database, folder: Path) -> Iterator[Far]:
    """Enroll a gate at an empty office that knows the small organization."""
    with database.transaction() as tx:
        rows.add(tx, Gate(GateId(BASE), "eu-1", START), DIGEST)
    records = list(WORLD)
    teller, seconds = teller_on(database, records), Seconds()
    wire, replica = Wire(teller), Replica(folder / "far")
    lease = Lease(folder / "lease", seconds)
    follower = Follower(
        replica,
        lease,
        wire,
        Signer(PURPOSE, KEY).public,
        entropy=random.Random(3).randbytes,
        sleep=seconds.pass_,
    )
    there = Far(database, teller, wire, replica, lease, seconds, follower, records)
    there.commit(*WORLD)
    try:
        yield there
    finally:
        lease.close()
        replica.close()
