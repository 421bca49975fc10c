"""Two offices of one copied disk, which sign alike: no gate goes by both (R3, R7, R12, R13)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.feed import outbox
from counterfoil.feed.chain import UNKNOWN, ForkedError
from counterfoil.feed.event import EpochRecorded, TokenStruck
from counterfoil.feed.page import ForgedError, Page
from counterfoil.gate.replica.proof import Doubt
from counterfoil.gates.announce import Announcer
from counterfoil.gates.model import HISTORY, Called
from counterfoil.gateway.news import Found
from counterfoil.gateway.snapshot import BehindError
from counterfoil.kernel.clock import system_clock
from counterfoil.runtime.signing import Signer
from counterfoil.secret import digest
from support.far import KEY, Line
from support.forked import Both, closed, copied
from support.gate import BASE, WORLD, mint, record
from support.rumours import Hurried, Rumours


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


def test_page_is_checked(both: Both) -> None:
    """What a page says of its end has to come of its beginning and its events (R7)."""
    page = Page("", 1, 0, 1, 0, leased=False, prefix="cf", before="00" * 32, chain="11" * 32)
    with pytest.raises(ForkedError):
        page.links(0, UNKNOWN)
    assert both.far.replica.position() == len(WORLD)
