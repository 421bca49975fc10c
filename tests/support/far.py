"""An office, and a gate on another host that follows it, with a wire between them that may lie.

Beside the wire there may be a bus: NATS, or one that does as a test says.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from msgspec import structs

from counterfoil.feed import outbox
from counterfoil.feed.event import AnyEvent
from counterfoil.feed.follow import Outbox
from counterfoil.feed.page import PURPOSE, Ask, Page, subject_of
from counterfoil.feed.rows import AskRows
from counterfoil.feed.stands import Stands
from counterfoil.gate.lease import Lease
from counterfoil.gate.replica import Replica
from counterfoil.gate.replica.proof import Proof
from counterfoil.gate.replica.standing import Place
from counterfoil.gates.announce import Announcer
from counterfoil.gates.announce import Bus as Telling
from counterfoil.gates.hand import Hander
from counterfoil.gates.model import Called, Gate, Leases
from counterfoil.gates.store import rows
from counterfoil.gates.store.host import HostLeases
from counterfoil.gates.store.shared import SharedLeases
from counterfoil.gates.tell import Teller, Waking
from counterfoil.gateway.follower import NO_NEWS, Follower
from counterfoil.gateway.line import UnheardError
from counterfoil.gateway.meters import Meters, Verdict
from counterfoil.gateway.news import Bus as Hearing
from counterfoil.gateway.news import Found, Inbox, News
from counterfoil.kernel.clock import Clock, system_clock
from counterfoil.kernel.ids import GateId
from counterfoil.runtime.bell import Bell
from counterfoil.runtime.bus import Bus
from counterfoil.runtime.database import Database
from counterfoil.runtime.entrance import Entrance
from counterfoil.runtime.signing import Signer
from support.gate import BASE, WORLD, mint, record
from support.office import START
from support.shop import OFFICE

DIGEST = bytes(32)
NO_PROOF = Proof(b"", 0, 0, is_counted=False)
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

    Of a snapshot, and of rows, it may leave a piece out. What is under way comes first, unless it
    is hung up on.
    """

    teller: Teller
    hander: Hander | None = None
    meddle: Callable[[bytes], bytes] = field(default=lambda frame: frame)
    heard: list[bytes] = field(default_factory=list)
    asked: list[Ask] = field(default_factory=list)
    stands: list[Stands] = field(default_factory=list)
    left_out: int | None = None
    handed: int = 0
    under_way: list[bytes] = field(default_factory=list)

    def page(self, ask: Ask, stands: Stands) -> bytes:
        self.asked.append(ask)
        self.stands.append(stands)
        said = structs.replace(ask, within_ms=0)
        self.heard.append(self.teller.page(DIGEST, said, stands))
        self.under_way.append(self.meddle(self.heard[-1]))
        return self.under_way.pop(0)

    def pieces(self, ask: Ask) -> Iterator[bytes]:
        for number, piece in enumerate(self.teller.snapshot(DIGEST, ask)):
            if number != self.left_out:
                yield self.meddle(piece[4:])

    def rows(self, ask: AskRows) -> Iterator[bytes]:
        if self.hander is None:
            message = "the host of this office hands nothing on"
            raise UnheardError(message)
        for frame in frames_in(self.hander.part(DIGEST, ask)):
            number, self.handed = self.handed, self.handed + 1
            if number != self.left_out:
                yield self.meddle(frame)

    def close(self) -> None:
        self.under_way.clear()


def frames_in(part: bytes) -> Iterator[bytes]:
    """Yield the frames of an answer that has several."""
    at = 0
    while at < len(part):
        length = int.from_bytes(part[at : at + 4])
        yield part[at + 4 : at + 4 + length]
        at += 4 + length


@dataclass
class Far:
    """The two hosts. What is true at the office is what was committed, or what is put in place."""

    database: Database
    leases: HostLeases | SharedLeases
    bell: Bell
    teller: Teller
    wire: Wire
    replica: Replica
    lease: Lease
    seconds: Seconds
    follower: Follower
    records: list[AnyEvent]
    meters: Meters
    line: Line | None = None
    announcer: Announcer | None = None
    news: News | None = None

    def commit(self, *events: AnyEvent) -> int:
        """Commit these events at the office, and return the feed's position then."""
        with self.database.transaction() as tx:
            heads = outbox.advance(tx, events=len(events), entries=0)
            outbox.append(tx, heads, events, START)
        self.announce()
        return heads.position

    def announce(self) -> None:
        """Tell all gates what is new, if there is a bus."""
        if self.announcer is not None:
            self.announcer.turn()

    def commit_unreadable(self) -> None:
        """Commit two events, of which the gate cannot read the second one."""
        announcer, self.announcer = self.announcer, None
        last = self.commit(record(mint()), record(mint(), token=BASE + 102))
        with self.database.transaction() as tx:
            that = outbox.feed.c.position == last
            tx.execute(outbox.feed.update().where(that).values(version=99))
        self.announcer = announcer
        self.announce()

    def heard(self, found: Found) -> int:
        """Return how many frames of this sort the bus has brought."""
        return self.meters.totals()[len(Verdict) :][found]

    def head(self) -> int:
        """Return where the feed of the office stands."""
        with self.database.reading() as tx:
            return outbox.read_head(tx).position

    def level(self) -> None:
        """Let the gate come as far as the office, and hold a lease."""
        for _ in range(3):
            self.turn()

    def turn(self) -> None:
        """Let the gate ask once, at an office that has recorded something a moment ago."""
        if isinstance(self.leases, HostLeases):
            self.leases.prove(self.seconds.now)
        self.follower.turn()


class Silence(Bell):
    """A bell that nobody rings: whoever waits waits for as long as they can."""

    def __init__(self, folder: Path, seconds: Seconds) -> None:
        super().__init__(folder)
        self._seconds = seconds

    def heard(self) -> int:
        return 0

    def wait(self, since: int, seconds: float) -> None:
        del since
        self._seconds.pass_(seconds)


def leases_on(database: Database, folder: Path, seconds: Seconds) -> HostLeases | SharedLeases:
    """Open the leases of an office that has been there for a while, and can record things."""
    if not database.embedded:
        return SharedLeases(database, seconds)
    leases = HostLeases(folder / "leases", lambda: True, seconds)
    seconds.pass_(2)
    leases.prove(seconds.now)
    return leases


def teller_on(  # noqa: PLR0913 - what tells gates has that many sides
    database: Database,
    leases: Leases,
    bell: Bell,
    records: Sequence[AnyEvent],
    *,
    seed: bytes = KEY,
    called: Called | None = None,
    place: Callable[[], Place] = lambda: Place(0, 0, NO_PROOF),
    clock: Clock = system_clock,
    lost: Callable[[Page], bool] = lambda _page: False,
) -> Teller:
    """Open what tells gates of an office."""
    return Teller(
        database,
        leases,
        Outbox(database, lambda _tx: list(records)),
        Signer(PURPOSE, seed),
        waking=Waking(lambda: 0, place, bell, bell, waiting=1),
        clock=clock,
        called=called or Called("cf", OFFICE),
        lost=lost,
    )


@dataclass
class Line:
    """A bus between an office and a gate: the end of each."""

    telling: Telling
    hearing: Hearing
    inbox: Inbox


@contextmanager
def over_nats(url: str) -> Iterator[Line]:
    """Lay a line over a real server; both ends are connected when it is given."""
    inbox, subject = Inbox(), subject_of(Signer(PURPOSE, KEY).public)
    entrance = Entrance(tuple(url.split(",")))
    telling = Bus(entrance, subject, keeps=True)
    hearing = Bus(entrance, subject, inbox.hear)
    with ExitStack() as leaving:
        for bus in (telling, hearing):
            leaving.callback(bus.stop)
            bus.start()
            assert bus.wait_up(10)
        yield Line(telling, hearing, inbox)


@contextmanager
def far(database: Database, folder: Path, line: Line | None = None) -> Iterator[Far]:
    """Enroll a gate at an empty office that knows the small organization."""
    with database.transaction() as tx:
        rows.add(tx, Gate(GateId(BASE), "eu-1", START), DIGEST)
    records = list(WORLD)
    seconds = Seconds()
    leases, bell = leases_on(database, folder, seconds), Silence(folder / "bells", seconds)
    teller = teller_on(database, leases, bell, records)
    wire, replica, lease = Wire(teller), Replica(folder / "far"), Lease(folder / "lease", seconds)
    signer, meters = Signer(PURPOSE, KEY), Meters(folder / "meters")
    news = None
    if line is not None:
        news = News(replica, line.hearing, line.inbox, signer.public, meters, ticks=seconds)
    follower = Follower(
        replica,
        lease,
        wire,
        signer.public,
        entropy=random.Random(3).randbytes,
        news=news or NO_NEWS,
        sleep=seconds.pass_,
    )
    there = Far(
        database, leases, bell, teller, wire, replica, lease, seconds, follower, records, meters
    )
    there.line, there.news = line, news
    if line is not None:
        there.announcer = Announcer(
            database, there.head, signer, system_clock, line.telling, called=Called("cf", "")
        )
        there.announcer.turn()
    there.commit(*WORLD)
    try:
        yield there
    finally:
        meters.close()
        if isinstance(leases, HostLeases):
            leases.close()
        bell.close()
        lease.close()
        replica.close()
