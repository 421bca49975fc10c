"""Two offices of one copied disk, which sign alike: no gate goes by both (R3, R7, R12, R13)."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.feed import outbox
from counterfoil.feed.chain import UNKNOWN, ForkedError
from counterfoil.feed.event import AnyEvent, EpochRecorded, TokenStruck
from counterfoil.feed.page import ForgedError, Page
from counterfoil.feed.source import Inventory, Untied
from counterfoil.feed.stands import NOTHING
from counterfoil.gate.proof import Doubt
from counterfoil.gates.announce import Announcer
from counterfoil.gates.model import BOOKS, HISTORY, Called, Gate
from counterfoil.gates.store import rows
from counterfoil.gates.tell import Teller
from counterfoil.gateway.follower import BehindError
from counterfoil.gateway.news import Found
from counterfoil.kernel.clock import system_clock
from counterfoil.kernel.errors import Unserved
from counterfoil.runtime.database import Database
from counterfoil.runtime.signing import Signer
from counterfoil.secret import digest
from gates.test_gates_rumours import Hurried, Rumours
from support.far import KEY, Far, Line, far, teller_on
from support.gate import BASE, WORLD, mint, record
from support.office import START, empty_database


@dataclass
class Copy:
    """An office of a copied disk: with the same keys, under the same address."""

    database: Database
    teller: Teller

    def commit(self, *events: AnyEvent) -> int:
        """Commit these events there, and return the feed's position then."""
        with self.database.transaction() as tx:
            heads = outbox.advance(tx, events=len(events), entries=0)
            outbox.append(tx, heads, events, START)
        return heads.position


@dataclass
class Both:
    """A gate, its office, and the copy."""

    far: Far
    copy: Copy
    original: Teller = field(init=False)

    def __post_init__(self) -> None:
        self.original = self.far.wire.teller

    def ask_copy(self) -> None:
        """Let the copy answer from now on."""
        self.far.wire.teller = self.copy.teller

    def ask_original(self) -> None:
        """Let the office answer from now on."""
        self.far.wire.teller = self.original

    def gate(self) -> Gate:
        """Return the gate, as its office knows it."""
        with self.far.database.reading() as tx:
            return rows.gates_in(tx)[0]


@contextmanager
def copied(folder: Path, line: Line | None = None) -> Iterator[Both]:
    """Let a gate be level with its office, and copy the disk of that."""
    with (
        empty_database(f"sqlite:///{folder / 'office.sqlite'}") as database,
        far(database, folder, line) as it,
    ):
        it.level()
        with (
            sqlite3.connect(folder / "office.sqlite") as here,
            sqlite3.connect(folder / "copy.sqlite") as there,
        ):
            here.backup(there)
        other = Database(f"sqlite:///{folder / 'copy.sqlite'}")
        teller = teller_on(other, it.leases, it.bell, it.records)
        try:
            yield Both(it, Copy(other, teller))
        finally:
            other.close()


@pytest.fixture
def both(tmp_path: Path) -> Iterator[Both]:
    with copied(tmp_path) as it:
        yield it


def closed(there: Far) -> bool:
    """Say whether a gate decides nothing."""
    try:
        there.lease.require()
    except Unserved:
        return True
    return False


def test_two_of_one_disk(both: Both) -> None:
    """A gate that a copy has told of something stops at what its office tells, at once (R13)."""
    both.copy.commit(record(mint()))
    both.far.commit(record(mint()), record(mint(), token=BASE + 102))
    both.ask_copy()
    both.far.turn()
    assert both.far.replica.position() == len(WORLD) + 1
    both.ask_original()
    known = both.far.replica.dump()
    with pytest.raises(ForkedError, match=f"known up to {len(WORLD) + 1}"):
        both.far.turn()
    assert closed(both.far)
    assert both.far.replica.doubted() is Doubt.FORKED
    assert both.far.replica.dump() == known


def test_it_is_no_acknowledgement(both: Both) -> None:
    """Who stands at a position by another history has acknowledged nothing, and is named (R1)."""
    both.copy.commit(record(mint()))
    at = both.far.commit(TokenStruck(organization=BASE + 1, token=BASE + 101, digests=()))
    both.ask_copy()
    both.far.turn()
    before = both.far.leases.running()
    both.ask_original()
    with pytest.raises(ForkedError):
        both.far.turn()
    assert both.far.replica.position() == at
    assert {one.position for one in both.far.leases.running().values()} <= {
        one.position for one in before.values()
    }
    assert (both.gate().differs, both.gate().differed_at is None) == (HISTORY, False)


@pytest.mark.parametrize("by", ["copy", "original"])
def test_it_stays_closed(both: Both, by: str) -> None:
    """Nobody can say which of both is right: a gate that met both goes by neither (R13)."""
    both.copy.commit(record(mint()))
    both.far.commit(record(mint()))
    both.far.turn()
    both.ask_copy()
    with pytest.raises(ForkedError):
        both.far.turn()
    if by == "original":
        both.ask_original()
    for _ in range(3):
        with pytest.raises(ForkedError):
            both.far.turn()
        assert closed(both.far)
        assert not both.far.wire.asked[-1].lease


def test_another_life_heals_it(both: Both) -> None:
    """What its office signs as another life of the database is taken over, and it decides (R12)."""
    both.copy.commit(record(mint()))
    both.far.commit(record(mint()))
    both.far.turn()
    both.ask_copy()
    with pytest.raises(ForkedError):
        both.far.turn()
    both.ask_original()
    with both.far.database.transaction() as tx:
        tx.execute(outbox.head.update().values(epoch=7, position=7_000_000_000))
    both.far.commit(EpochRecorded(epoch=7, quarantined=False))
    both.far.level()
    assert both.far.replica.doubted() is Doubt.NONE
    assert not closed(both.far)
    assert both.gate().differs == ""


def test_a_gap_leads_to_no_copy(both: Both) -> None:
    """A snapshot is taken from who knows the same history alone, however much is missing (R13)."""
    both.far.commit(record(mint()))
    both.far.turn()
    both.copy.commit(record(mint()), record(mint(), token=BASE + 102))
    with both.copy.database.transaction() as tx:
        tx.execute(outbox.feed.delete().where(outbox.feed.c.position == len(WORLD) + 2))
    both.ask_copy()
    with pytest.raises(ForkedError):
        both.far.turn()
    assert both.far.replica.position() == len(WORLD) + 1


def test_a_copy_on_the_same_bus(tmp_path: Path) -> None:
    """A gate that hears its office and a copy over one bus stops, in whatever order (R7, R13)."""
    inbox = Hurried()
    bus = Rumours(inbox)
    with copied(tmp_path, Line(bus, bus, inbox)) as both:
        copy = both.copy.database

        def head() -> int:
            with copy.reading() as tx:
                return outbox.read_head(tx).position

        also = Announcer(
            copy, head, Signer("counterfoil.feed", KEY), system_clock, bus, called=Called("cf", "")
        )
        also.turn()
        both.far.commit(record(mint()))
        both.copy.commit(record(mint()))
        also.turn()
        bus.bring(*bus.told[-2:])
        assert both.far.news is not None
        assert both.far.news.wait(0)
        assert both.far.heard(Found.FORKED) == 1
        with pytest.raises(ForkedError):
            both.far.turn()
        assert closed(both.far)


def test_what_was_changed_in_the_feed(both: Both) -> None:
    """An event that somebody changed in the database is taken in by no gate (R7, R13)."""
    token = mint()
    at = both.far.commit(record(token))
    that = outbox.feed.c.position == at
    with both.far.database.transaction() as tx:
        body = tx.execute(outbox.feed.select().where(that)).one().body
        other = bytes(body).replace(b"ci-schema", b"ci-scheme")
        tx.execute(outbox.feed.update().where(that).values(body=other))
    with pytest.raises(ForkedError):
        both.far.turn()
    assert both.far.replica.dump()["tokens"] == []


def test_an_office_of_before_writes_on(both: Both) -> None:
    """What an office of an older release writes has no chain, and breaks none (R17)."""
    at = both.far.commit(record(mint()), record(mint(), token=BASE + 102))
    last = outbox.feed.c.position > len(WORLD)
    with both.far.database.transaction() as tx:
        tx.execute(outbox.feed.update().where(last).values(chain=None))
    both.far.turn()
    own = both.far.replica.place().proof.chain
    both.far.commit(record(mint(), token=BASE + 103))
    both.far.level()
    with both.far.database.reading() as tx:
        assert outbox.chain_at(tx, at) == own
        assert outbox.chain_at(tx, at + 1) == both.far.replica.place().proof.chain
    assert not closed(both.far)


def test_an_office_of_before_tells(both: Both) -> None:
    """A gate goes on by the pages of an office that tells no chain, and knows its own (R17)."""
    signer = Signer("counterfoil.feed", KEY)

    def older(frame: bytes) -> bytes:
        said = msgspec.json.decode(frame[64:])
        for name in ("before", "chain", "differs"):
            del said[name]
        raw = msgspec.json.encode(said)
        return signer.mark(raw) + raw

    both.far.wire.meddle = older
    both.far.commit(record(mint()))
    both.far.level()
    assert not closed(both.far)
    both.copy.commit(record(mint()))
    both.far.wire.meddle = lambda frame: frame
    both.far.level()
    assert not closed(both.far)
    both.ask_copy()
    with pytest.raises(ForkedError):
        both.far.turn()


def test_a_gate_of_before_asks(both: Both) -> None:
    """A gate that says nothing of what it knows is told and leased as before (R17)."""
    answer = both.original.page(bytes(32), both.far.wire.asked[-1], NOTHING)
    assert b'"differs":""' in answer
    assert b'"leased":true' in answer


def test_a_chain_that_has_not_begun(both: Both) -> None:
    """Where no event has a chain yet, all goes on as before, and it begins at the next (R17)."""
    with both.far.database.transaction() as tx:
        tx.execute(outbox.feed.update().values(chain=None))
        assert outbox.chain_at(tx, len(WORLD)) == UNKNOWN
    both.far.replica.rebuild(  # what an older program left: it stands there without a chain
        _Source(both.far)
    )
    both.far.level()
    both.far.commit(record(mint()))
    both.far.level()
    assert both.far.replica.place().proof.chain != UNKNOWN
    assert not closed(both.far)


FATE = st.tuples(
    st.sampled_from(["commit", "commit at the copy", "ask", "ask the copy", "lose", "replay"]),
    st.integers(0, 3),
)


@given(fates=st.lists(FATE, max_size=25))
def test_no_gate_goes_by_both(
    tmp_path_factory: pytest.TempPathFactory, fates: list[tuple[str, int]]
) -> None:
    """However two histories are asked, lost and replayed, a gate knows one of them and no mixture.

    While it may decide, all that it knows was told by whoever it asked last (R3, R7, R13).
    """
    with copied(tmp_path_factory.mktemp("fork")) as it:
        there, begun, parted = it.far, len(WORLD), False
        lists: dict[str, list[str]] = {"original": [], "copy": []}
        for fate, which in [*fates, ("ask", 0)]:
            if fate.startswith("commit"):
                name = "copy" if "copy" in fate else "original"
                token = mint()
                lists[name].append(token)
                number = BASE + 300 + len(lists[name])
                (it.copy.commit if name == "copy" else there.commit)(record(token, token=number))
                continue
            kept = there.wire.heard[-1 - which % len(there.wire.heard)]
            lies: dict[str, Callable[[bytes], bytes]] = {
                "lose": lambda _frame: b"",
                "replay": lambda _frame, kept=kept: kept,  # type: ignore[misc]
            }
            there.wire.meddle = lies.get(fate, lambda frame: frame)
            it.ask_copy() if "copy" in fate else it.ask_original()
            try:
                there.turn()
            except ForkedError:
                parted = True
            except (ForgedError, BehindError):
                pass
            knows = {key for key, _ in there.replica.dump()["tokens"]}
            count = there.replica.position() - begun
            told = [{digest(one) for one in tokens[:count]} for tokens in lists.values()]
            assert knows in told
            assert not parted or closed(there)


def test_a_byte_that_was_flipped(both: Both) -> None:
    """A gate in whose books one byte is another counts that, decides nothing, begins anew (R13)."""
    token = mint()
    both.far.commit(record(token))
    both.far.records.append(record(token))
    both.far.level()
    replica = both.far.replica
    right = replica.dump()
    assert replica.count(lambda: None) is True
    value = bytearray(right["tokens"][0][1])
    value[3] ^= 1
    replica.write(lambda txn: txn.put(digest(token), bytes(value), db=replica.books.tokens))
    assert replica.count(lambda: None) is False
    assert replica.doubted() is Doubt.DIFFERS
    both.far.turn()
    assert closed(both.far)
    assert replica.dump() == right
    both.far.level()
    assert not closed(both.far)
    assert replica.count(lambda: None) is True


def test_books_are_compared(both: Both) -> None:
    """Who has other books than the office at one position has no lease, and is built anew (R13)."""
    other, here = both.far.replica.place(), both.far.replica.place()
    wrong = other._replace(proof=other.proof._replace(sum=other.proof.sum ^ 1))
    both.far.wire.teller = teller_on(
        both.far.database, both.far.leases, both.far.bell, both.far.records, place=lambda: wrong
    )
    generation = both.far.replica.generation()
    both.far.turn()
    assert both.gate().differs == BOOKS
    assert both.far.replica.doubted() is Doubt.DIFFERS
    both.far.turn()
    assert closed(both.far)
    assert both.far.replica.generation() != generation
    both.far.wire.teller = teller_on(
        both.far.database, both.far.leases, both.far.bell, both.far.records, place=lambda: here
    )
    both.far.level()
    assert not closed(both.far)
    assert both.gate().differs == ""


class _Source(Untied):
    """What an office of before tells a gate that begins."""

    def __init__(self, there: Far) -> None:
        self._there = there

    @contextmanager
    def inventory(self) -> Iterator[Inventory]:
        yield Inventory(1, self._there.head(), list(self._there.records))


def test_page_is_checked(both: Both) -> None:
    """What a page says of its end has to come of its beginning and its events (R7)."""
    page = Page("", 1, 0, 1, 0, leased=False, prefix="cf", before="00" * 32, chain="11" * 32)
    with pytest.raises(ForkedError):
        page.links(0, UNKNOWN)
    assert both.far.replica.position() == len(WORLD)
