"""A gate on another host: what it believes of what it is told, and what it does when it is not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.feed import outbox
from counterfoil.feed.codec import UnknownEventError
from counterfoil.feed.event import EpochRecorded, OrganizationRecorded, TokenStruck
from counterfoil.feed.page import Ask, ForgedError
from counterfoil.gate.verifier import Verifier
from counterfoil.gates.model import Called
from counterfoil.gates.store import rows
from counterfoil.gateway.books import Books
from counterfoil.gateway.snapshot import BehindError
from counterfoil.kernel.errors import Denied, Refused, Unserved
from counterfoil.kernel.ids import ApiId, OrganizationId
from counterfoil.runtime.database import Database
from counterfoil.secret import Kind, digest
from infra.nats import nats_servers
from support.far import Far, far, over_nats, teller_on
from support.gate import ACME, BASE, NOW, OTHER, WORLD, mint, record
from support.office import StandingClock, empty_database
from support.shop import METADATA, OFFICE, SHOP


@pytest.fixture(params=["http", "nats"])
def there(request: pytest.FixtureRequest, database: Database, tmp_path: Path) -> Iterator[Far]:
    if request.param == "http":
        with far(database, tmp_path) as both:
            yield both
        return
    with (
        nats_servers(tmp_path / "nats") as servers,
        over_nats(servers.urls) as line,
        far(database, tmp_path, line) as both,
    ):
        yield both


@pytest.fixture
def asking(database: Database, tmp_path: Path) -> Iterator[Far]:
    """Give a gate that hears of nothing but what it asked for."""
    with far(database, tmp_path) as both:
        yield both


def taken_away(token: str) -> TokenStruck:
    return TokenStruck(organization=BASE + 1, token=BASE + 101, digests=(digest(token),))


def test_snapshot_then_tail(there: Far) -> None:
    """A gate that knows nothing is given all that is true, and each change from there on (R19)."""
    there.level()
    assert there.replica.position() == len(WORLD)
    assert there.replica.prefix() == "cf"
    token = mint()
    there.commit(record(token))
    there.turn()
    assert len(there.replica.dump()["tokens"]) == 1
    there.commit(taken_away(token))
    there.turn()
    assert there.replica.dump()["tokens"] == []


def test_where_a_provider_counts_is_heard(there: Far) -> None:
    """Whom a provider of another organization let in stays out at this gate too, at once (S48)."""
    session, clock = mint(Kind.SESSION), StandingClock()
    verifier = Verifier(there.replica, clock)
    demand = OrganizationRecorded(
        organization=ACME,
        name="Acme",
        management_limit=30,
        management_window_ms=3000,
        provider_only=True,
    )

    there.level()
    there.commit(demand)
    for places, opens in (((OTHER,), False), ((OTHER, ACME), True), ((), False), (None, True)):
        there.commit(record(session, authenticated_at=NOW, vouched_in=places))
        there.turn()
        kept_out = pytest.raises(Denied, match="PROVIDER_REQUIRED")
        with nullcontext() if opens else kept_out:
            verifier.verify(session, OrganizationId(ACME))


def test_it_leads_to_where_the_office_is(there: Far, tmp_path: Path) -> None:
    """A gate says where another token is had, also after the office has moved (RFC 9728)."""
    there.level()
    books = Books(there.replica, there.lease, tmp_path / "follower", there.lease)
    assert books.metadata_of(ApiId(SHOP), Refused()) == METADATA
    there.wire.teller = teller_on(
        there.database,
        there.leases,
        there.bell,
        there.records,
        called=Called("cf", "https://new.test"),
    )
    there.turn()
    assert books.metadata_of(ApiId(SHOP), Refused()) == METADATA.replace(OFFICE, "https://new.test")
    books.pace.close()


def test_nothing_before_it_is_level(there: Far) -> None:
    """A gate that has not come as far as its office decides nothing (R19)."""
    with pytest.raises(Unserved):
        there.lease.require()
    there.turn()
    with pytest.raises(Unserved):
        there.lease.require()
    there.level()
    there.lease.require()


def test_a_lease_ends_by_itself(there: Far) -> None:
    """A gate that hears nothing decides nothing before two seconds are over (R1, R2)."""
    there.level()
    there.seconds.pass_(1.9)
    there.lease.require()
    there.seconds.pass_(0.1)
    with pytest.raises(Unserved) as said:
        there.lease.require()
    assert "does not know what is revoked" in said.value.detail


def test_no_lease_for_part_of_the_news(asking: Far) -> None:
    """A gate that was told a part of what happened has no lease before it knows the rest (R1)."""
    asking.level()
    asking.seconds.pass_(5)
    asking.commit(*(record(mint(), token=BASE + 200 + n) for n in range(600)))
    asking.turn()
    assert asking.replica.position() == len(WORLD) + 500
    with pytest.raises(Unserved):
        asking.lease.require()
    asking.turn()
    assert asking.replica.position() == len(WORLD) + 600
    asking.turn()
    asking.lease.require()


@pytest.mark.parametrize("at", [0, 40, 64, 90, -1])
def test_what_is_forged_is_not_heard(there: Far, at: int) -> None:
    """An answer of which a single byte was changed changes nothing and renews nothing (R3, R7)."""
    there.level()
    before = there.replica.dump(), there.replica.position()
    there.commit(record(mint()))
    there.seconds.pass_(5)

    def flip(frame: bytes) -> bytes:
        changed = bytearray(frame)
        changed[at] ^= 1
        return bytes(changed)

    there.wire.meddle = flip
    with pytest.raises(ForgedError):
        there.turn()
    assert (there.replica.dump(), there.replica.position()) == before
    with pytest.raises(Unserved):
        there.lease.require()


def test_what_was_kept_is_worth_nothing(there: Far) -> None:
    """Whoever replays the office's own earlier answer keeps no gate from noticing (R3, R7)."""
    there.level()
    kept = there.wire.heard[-1]
    there.commit(record(mint()))
    there.seconds.pass_(5)
    there.wire.meddle = lambda _frame: kept
    with pytest.raises(ForgedError):
        there.turn()
    with pytest.raises(Unserved):
        there.lease.require()


def test_an_answer_too_many_delays_one_turn(there: Far) -> None:
    """After an answer that nobody asked for, the next ones are to what was asked again (R3)."""
    there.level()
    there.wire.under_way.append(there.wire.heard[0])
    with pytest.raises(ForgedError):
        there.turn()
    position = there.commit(record(mint()))
    there.turn()
    assert there.replica.position() == position


def test_another_key_is_another_office(there: Far) -> None:
    """What somebody else has signed, of this very feed, is not the office's word (R7)."""
    there.level()
    there.wire.teller = teller_on(
        there.database, there.leases, there.bell, there.records, seed=b"\7" * 32
    )
    with pytest.raises(ForgedError):
        there.turn()


def test_an_unknown_kind_stops_it(there: Far) -> None:
    """A gate that is told what it cannot read stays where it is and asks for no lease (R3, R17)."""
    there.level()
    there.commit_unreadable()
    for _ in range(2):
        with pytest.raises(UnknownEventError):
            there.turn()
    assert there.replica.position() == len(WORLD)
    assert not there.wire.asked[-1].lease


def test_a_gap_is_asked_for(asking: Far) -> None:
    """A gate that misses what the office has forgotten begins anew from what is true now (R3)."""
    asking.level()
    token = mint()
    asking.commit(record(mint(), token=BASE + 105), record(token))
    asking.records.append(record(token))
    with asking.database.transaction() as tx:
        tx.execute(outbox.feed.delete().where(outbox.feed.c.position == len(WORLD) + 1))
    asking.level()
    assert asking.replica.position() == len(WORLD) + 2
    assert [key for key, _ in asking.replica.dump()["tokens"]] == [digest(token)]


def test_an_old_copy_is_not_believed(there: Far) -> None:
    """A gate stays where it is when its office knows less than it did, and its lease ends (R12)."""
    there.level()
    there.commit(record(mint()))
    there.turn()
    with there.database.transaction() as tx:
        tx.execute(outbox.head.update().values(position=len(WORLD)))
    with pytest.raises(BehindError):
        there.turn()
    assert there.replica.position() == len(WORLD) + 1


def test_another_life_is_built_anew(there: Far) -> None:
    """Where the database begins another life, a gate takes over the whole of it (R12)."""
    there.level()
    with there.database.transaction() as tx:
        tx.execute(outbox.head.update().values(epoch=7, position=7_000_000_000))
    there.records[:] = [*WORLD, EpochRecorded(epoch=7, quarantined=True)]
    there.level()
    assert (there.replica.epoch(), there.replica.position()) == (7, 7_000_000_000)
    assert there.replica.is_quarantined()


def test_a_snapshot_is_whole_or_nothing(there: Far) -> None:
    """A snapshot that ends too early, or of which a piece is left out, is taken in nowhere (R3)."""
    there.records += [record(mint(), token=BASE + 300 + n) for n in range(1_200)]
    for left_out in (0, 1, 2):
        there.wire.left_out = left_out
        with pytest.raises(ForgedError):
            there.turn()
        assert there.replica.position() == 0
        assert there.replica.dump()["members"] == []
    there.wire.left_out = None
    there.level()
    assert len(there.replica.dump()["tokens"]) == 1_200


def test_a_gate_that_was_removed_is_told_nothing(there: Far) -> None:
    """A removed gate is refused from then on, and its lease ends (S20)."""
    there.level()
    with there.database.transaction() as tx:
        rows.shut_out(tx, rows.gates_in(tx)[0].id)
    with pytest.raises(Refused):
        there.turn()
    there.seconds.pass_(2)
    with pytest.raises(Unserved):
        there.lease.require()


def test_a_stranger_waits_for_no_writer(there: Far) -> None:
    """Who shows what no gate has is refused without a turn among those who write (S8, R18)."""
    ask = Ask("0" * 32, 0, 0, lease=True)
    with there.database.transaction() as tx:
        outbox.advance(tx, events=0, entries=0)
        with pytest.raises(Refused):
            there.teller.page(b"\7" * 32, ask)


LIES: dict[str, Callable[[bytes], Callable[[bytes], bytes]]] = {
    "say": lambda _kept: lambda frame: frame,
    "lose": lambda _kept: lambda _frame: b"",
    "forge": lambda _kept: lambda frame: frame[:-1] + b" ",
    "replay": lambda kept: lambda _frame: kept,
}
FATE = st.sampled_from(["say", "commit", "revoke", "lose", "forge", "replay"])


@given(fates=st.lists(FATE, max_size=30))
def test_it_only_ever_moves_on(tmp_path_factory: pytest.TempPathFactory, fates: list[str]) -> None:
    """However answers are lost, forged and replayed, a gate stands where the office stood once.

    When it is told the truth again, it knows what the office knows (R3, R7).
    """
    folder = tmp_path_factory.mktemp("fates")
    with (
        empty_database(f"sqlite:///{folder / 'office.sqlite'}") as database,
        far(database, folder) as it,
    ):
        it.level()
        tokens, at = [mint()], it.replica.position()
        for fate in [*fates, "say"]:
            if fate == "commit":
                tokens.append(mint())
                it.commit(record(tokens[-1]))
                continue
            if fate == "revoke":
                it.commit(taken_away(tokens[-1]))
                continue
            it.wire.meddle = LIES[fate](it.wire.heard[0])
            try:
                it.turn()
            except ForgedError:
                assert fate != "say"
            assert it.replica.position() >= at
            at = it.replica.position()
        with database.reading() as tx:
            assert at == outbox.read_head(tx).position
