"""A gate that knows too little is handed the books of its office's host, row by row."""

from __future__ import annotations

import pytest

from counterfoil.feed import outbox
from counterfoil.feed.event import EpochRecorded, TokenStruck
from counterfoil.gate.lease import Lease
from counterfoil.gate.replica import copied
from counterfoil.gate.replica.proof import Doubt
from counterfoil.gates import hand
from counterfoil.gateway import follower
from counterfoil.secret import digest
from support.far import teller_on
from support.gate import BASE, WORLD, mint, record
from support.handed import House, refuse


def test_who_knows_nothing_is_handed_all(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new gate takes the rows of its office's host, then the tail, and decides (R19)."""
    monkeypatch.setattr(house.far.wire, "pieces", refuse)
    monkeypatch.setattr(copied, "SHEET", 100)
    monkeypatch.setattr(hand, "PART_BYTES", 1)
    (token, *_) = house.fill(250)
    late = mint()
    house.far.commit(record(late, token=BASE + 900))
    house.far.level()
    house.host.catch_up(house.books)
    assert house.far.replica.dump() == house.host.dump()
    assert house.far.replica.place().stands() == house.host.place().stands()
    assert house.far.replica.count(lambda: None) is True
    assert house.far.lease.left_s() > 0
    known = [key for key, _ in house.far.replica.dump()["tokens"]]
    assert {digest(token), digest(late)} <= set(known)


def test_who_is_far_behind_is_handed_all(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A gate that lacks very much takes the rows; who lacks less is told the events (R19)."""
    monkeypatch.setattr(follower, "FAR", 100)
    house.far.level()
    house.fill(100)
    generation = house.far.replica.generation()
    house.far.level()
    assert house.far.replica.generation() == generation
    house.fill(101)
    house.far.level()
    assert house.far.replica.generation() != generation
    assert house.far.replica.dump() == house.host.dump()


def test_many_secrets_are_not_handed_for_few_events(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A gate that knows very many secrets is told what it lacks, as that is sooner done."""
    monkeypatch.setattr(follower, "FAR", 0)
    house.fill(40)
    house.far.level()
    generation = house.far.replica.generation()
    house.far.commit(TokenStruck(organization=BASE + 1, token=BASE + 999, digests=()))
    house.host.catch_up(house.books)
    house.far.level()
    assert house.far.replica.generation() == generation


def test_what_is_found_damaged_is_made_of_records(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A gate whose books differ from the office's takes nothing of the books it differs from."""
    house.fill(3)
    house.far.level()
    monkeypatch.setattr(house.far.wire, "rows", refuse)
    house.far.replica.doubt(Doubt.DIFFERS)
    house.far.level()
    assert house.far.replica.doubted() is Doubt.NONE
    assert house.far.replica.dump() == house.host.dump()


def test_another_life_is_handed_over(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the database begins another life, its rows say so, and that nothing verifies (R12)."""
    house.far.level()
    monkeypatch.setattr(house.far.wire, "pieces", refuse)
    with house.far.database.transaction() as tx:
        tx.execute(outbox.head.update().values(epoch=7, position=7_000_000_000))
    house.far.records.append(EpochRecorded(epoch=7, quarantined=True))
    house.host.ensure(house.books)
    house.far.level()
    assert (house.far.replica.epoch(), house.far.replica.position()) == (7, 7_000_000_000)
    assert house.far.replica.is_quarantined()


def test_a_gate_is_handed_rows_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the host that hands rows on stands still, a gate is told the events (R19)."""
    monkeypatch.setattr(follower, "FAR", 5)
    house.fill(3)
    house.far.level()
    house.far.commit(*[record(mint(), token=BASE + 500 + n) for n in range(20)])
    ahead = house.host.place()._replace(position=house.far.head() + 1)
    house.far.wire.teller = teller_on(
        house.far.database, house.far.leases, house.far.bell, house.far.records,
        place=lambda: ahead,
    )  # fmt: skip
    for _ in range(4):
        house.far.turn()
    assert house.far.replica.position() == house.far.head()
    assert house.far.lease.left_s() > 0


def test_no_lease_by_rows_alone(house: House) -> None:
    """Who was handed all decides nothing until its office has answered that it is level (R1)."""
    house.fill(2)
    lease: Lease = house.far.lease
    house.far.turn()
    assert house.far.replica.position() > len(WORLD)
    assert lease.left_s() == 0
