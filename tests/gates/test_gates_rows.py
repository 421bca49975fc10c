"""A gate that knows too little is handed the books of its office's host, row by row."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from counterfoil.feed import outbox
from counterfoil.feed.chain import ForkedError
from counterfoil.feed.event import EpochRecorded, TokenStruck
from counterfoil.feed.follow import Outbox
from counterfoil.feed.page import PURPOSE, ForgedError, Page, sealed, unsealed
from counterfoil.feed.rows import AskRows, Rows, sealed_rows, unsealed_rows
from counterfoil.gate.lease import Lease
from counterfoil.gate.replica import Replica, copied
from counterfoil.gate.replica.bulk import DamagedError
from counterfoil.gate.replica.proof import Doubt
from counterfoil.gate.replica.standing import FORM
from counterfoil.gates import hand
from counterfoil.gates.hand import COPIES, Hander
from counterfoil.gateway import follower
from counterfoil.gateway.snapshot import BehindError, InRows
from counterfoil.kernel.errors import Conflict, Refused
from counterfoil.runtime.database import Database
from counterfoil.runtime.signing import Signer
from counterfoil.secret import digest
from support.far import DIGEST, KEY, Far, far, frames_in, teller_on
from support.gate import BASE, WORLD, mint, record

NONCE = "0f" * 16
SIGNER = Signer(PURPOSE, KEY)


@dataclass
class House:
    """An office with a replica of its own host, and a gate on another one."""

    far: Far
    host: Replica
    books: Outbox

    def fill(self, tokens: int) -> list[str]:
        """Have so many tokens, which the host of the office knows."""
        made = [mint() for _ in range(tokens)]
        told = [record(one, token=BASE + 300 + n) for n, one in enumerate(made)]
        self.far.records += told
        self.far.commit(*told)
        self.host.catch_up(self.books)
        return made

    def frames(self, ask: AskRows | None = None) -> list[Rows]:
        """Ask for a part, as a gate that knows nothing if nobody says otherwise."""
        assert self.far.wire.hander is not None
        part = self.far.wire.hander.part(DIGEST, ask or AskRows(NONCE, 0, 0))
        return [told(frame) for frame in frames_in(part)]


@pytest.fixture
def house(database: Database, tmp_path: Path) -> Iterator[House]:
    with far(database, tmp_path) as it:
        books = Outbox(database, lambda _tx: list(it.records))
        host = Replica(tmp_path / "host")
        host.ensure(books)
        it.wire.hander = Hander(
            database,
            host,
            SIGNER,
            tmp_path / "handing",
            entropy=random.Random(5).randbytes,
        )
        it.wire.teller = teller_on(database, it.leases, it.bell, it.records, place=host.place)
        yield House(it, host, books)
        host.close()


def refuse(_ask: object) -> Iterator[bytes]:
    """Be a door that nobody is to come to."""
    raise AssertionError


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


def test_damage_is_not_handed_on(house: House) -> None:
    """Rows that do not add up to what their host kept are taken in nowhere; records are (R13)."""
    (token,) = house.fill(1)
    right = house.host.dump()
    value = bytearray(right["tokens"][0][1])
    value[3] ^= 1
    house.host.write(lambda txn: txn.put(digest(token), bytes(value), db=house.host.books.tokens))
    with pytest.raises(DamagedError):
        house.far.turn()
    assert house.far.replica.position() == 0
    assert house.far.replica.dump()["tokens"] == []
    house.far.level()
    assert house.far.replica.dump() == right
    assert house.far.lease.left_s() > 0


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


def test_a_host_in_doubt_hands_nothing_on(house: House, tmp_path: Path) -> None:
    """Books that are in doubt are not handed on, and the gate is told the records (R13)."""
    house.fill(3)
    right = house.host.dump()
    house.host.doubt(Doubt.FORKED)
    with pytest.raises(Conflict):
        house.frames()
    with pytest.raises(Conflict):
        house.frames(AskRows(NONCE, 0, 10**6))
    assert list((tmp_path / "handing").iterdir()) == []
    with pytest.raises(Conflict):
        house.far.turn()
    house.far.level()
    assert house.far.replica.dump() == right


@pytest.mark.parametrize(
    "meddle",
    [
        lambda frame: frame[:-1],
        lambda frame: frame[:70] + bytes([frame[70] ^ 1]) + frame[71:],
        lambda _: b"",
        lambda frame: frame[64:],
        lambda frame: sealed_rows(SIGNER, structs.replace(told(frame), nonce="00" * 16)),
        lambda frame: sealed_rows(Signer(PURPOSE, bytes(32)), told(frame)),
        lambda frame: sealed_rows(SIGNER, structs.replace(told(frame), form=1)),
        lambda frame: sealed_rows(SIGNER, structs.replace(told(frame), number=7)),
    ],
)
def test_forged_rows_move_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch, meddle: Callable[[bytes], bytes]
) -> None:
    """Rows that are forged, kept, cut or of another layout are as good as not heard (R3, R7)."""
    monkeypatch.setattr(copied, "SHEET", 2)
    house.fill(5)
    house.far.wire.meddle = lambda frame: meddle(frame) if told(frame).number == 1 else frame
    with pytest.raises(ForgedError):
        house.far.replica.rebuild(source(house))
    assert house.far.replica.position() == 0
    assert all(not stands for stands in house.far.replica.dump().values())


def test_rows_are_whole_or_nothing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows of which a frame is left out, or the last ones, are taken in nowhere (R3)."""
    monkeypatch.setattr(copied, "SHEET", 2)
    house.fill(5)
    for left_out in (0, 3, len(house.frames()) - 1):
        house.far.wire.left_out, house.far.wire.handed = left_out, 0
        with pytest.raises((ForgedError, DamagedError, Conflict)):
            house.far.replica.rebuild(source(house))
        assert house.far.replica.position() == 0
        assert all(not stands for stands in house.far.replica.dump().values())


@pytest.mark.parametrize(
    "changed",
    [
        {"last": True},
        {"rows": ((b"a" * 32, b"b"),)},
        {"rows": ((b"b" * 32, b""), (b"a" * 32, b""))},
        {"book": "meta"},
        {"book": "nothing"},
        {"rows": ()},
        {"rows": ((b"", b"b"),)},
    ],
)
def test_rows_have_to_add_up(house: House, changed: dict[str, object]) -> None:
    """What an office signs and is not what its books add up to is taken in nowhere (R13)."""
    house.fill(3)
    house.far.wire.meddle = lambda frame: (
        sealed_rows(SIGNER, structs.replace(told(frame), **changed))
        if told(frame).book == "tokens"
        else frame
    )
    with pytest.raises(DamagedError):
        house.far.replica.rebuild(source(house))
    assert all(not stands for stands in house.far.replica.dump().values())


def test_neither_is_taken_for_the_other() -> None:
    """A page does not open as rows, nor rows as a page: each is signed as what it is (R7)."""
    page = Page(NONCE, 1, 0, 0, 0, leased=True, prefix="cf")
    with pytest.raises(ForgedError):
        unsealed(sealed_rows(SIGNER, rows()), SIGNER.public, Page, NONCE)
    with pytest.raises(ForgedError):
        unsealed_rows(sealed(SIGNER, page), SIGNER.public, NONCE)


def test_an_older_or_another_office_hands_nothing_over(house: House) -> None:
    """Rows from before what a gate knows, or of another history, are not taken in (R12, R13)."""
    house.fill(3)
    house.far.level()
    place = house.far.replica.place()
    with pytest.raises(Conflict):
        house.frames(AskRows(NONCE, place.epoch, place.position + 1))
    house.far.wire.meddle = lambda frame: sealed_rows(
        SIGNER, structs.replace(told(frame), position=place.position - 1)
    )
    with pytest.raises(BehindError):
        house.far.replica.rebuild(source(house))
    house.far.wire.meddle = lambda frame: sealed_rows(
        SIGNER, structs.replace(told(frame), before="ab" * 32)
    )
    with pytest.raises(ForkedError):
        house.far.replica.rebuild(source(house))
    assert house.far.replica.place() == place


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


def test_a_copy_stands_still(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is handed on is of one state, however much is written while a slow gate takes it."""
    monkeypatch.setattr(copied, "SHEET", 2)
    monkeypatch.setattr(hand, "PART_BYTES", 1)
    tokens = house.fill(10)
    before = house.host.dump()

    def slow(frame: bytes) -> bytes:
        if tokens:
            gone = TokenStruck(organization=BASE + 1, token=1, digests=(digest(tokens.pop()),))
            house.far.commit(gone)
            house.host.catch_up(house.books)
        return frame

    house.far.wire.meddle = slow
    house.far.replica.rebuild(source(house))
    assert house.far.replica.dump() == before
    assert house.host.dump() != before


def test_so_many_at_a_time(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There are so many copies at a time; one that was read is gone, and one that was left, too."""
    house.fill(1)
    house.frames()
    assert list((tmp_path / "handing").iterdir()) == []
    monkeypatch.setattr(hand, "PART_BYTES", 1)
    for _ in range(COPIES):
        house.frames()
    with pytest.raises(Conflict):
        house.frames()
    for left in (tmp_path / "handing").iterdir():
        os.utime(left, (0, 0))
    house.frames()
    (left,) = (tmp_path / "handing").iterdir()
    os.utime(left, (0, 0))
    Hander(house.far.database, house.host, SIGNER, left.parent, entropy=os.urandom)
    assert list(left.parent.iterdir()) == []


@pytest.mark.parametrize(
    "more",
    [
        {"copy": "ab" * 16},
        {"book": "nothing"},
        {"book": "meta"},
        {"book": "tokens", "key": b"a" * 32},
        {"book": "children", "key": b"a", "value": b"b"},
        {"book": "children", "key": b""},
        {"book": "tokens", "key": b"a" * 600},
    ],
)
def test_what_follows_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch, more: dict[str, Any]
) -> None:
    """Who asks for what follows a row or a copy that is not there is refused, and not failed."""
    house.fill(3)
    monkeypatch.setattr(hand, "PART_BYTES", 1)
    (first,) = house.frames()
    with pytest.raises(Conflict):
        house.frames(structs.replace(AskRows(NONCE, 0, 0, copy=first.copy), **more))


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


def test_a_gate_that_met_a_copy_is_handed_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who was told two histories stays shut, however far behind they are by then (R13)."""
    monkeypatch.setattr(follower, "FAR", 5)
    house.far.level()
    house.far.replica.doubt(Doubt.FORKED)
    house.fill(20)
    for _ in range(3):
        with pytest.raises(ForkedError):
            house.far.turn()
    assert house.far.replica.doubted() is Doubt.FORKED
    assert house.far.lease.left_s() == 0


def test_no_other_version_is_handed_over(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A gate that reads another version of the wire takes no rows: records say what it lacks."""
    monkeypatch.setattr(follower, "FORM", FORM - 1)
    monkeypatch.setattr(house.far.wire, "rows", refuse)
    house.fill(3)
    house.far.level()
    assert house.far.replica.dump() == house.host.dump()


def test_a_stranger_is_handed_nothing(house: House, tmp_path: Path) -> None:
    """Who is no gate of this office is refused before anything is copied (S8)."""
    assert house.far.wire.hander is not None
    with pytest.raises(Refused):
        house.far.wire.hander.part(bytes([7]) * 32, AskRows(NONCE, 0, 0))
    assert list((tmp_path / "handing").iterdir()) == []


def test_no_lease_by_rows_alone(house: House) -> None:
    """Who was handed all decides nothing until its office has answered that it is level (R1)."""
    house.fill(2)
    lease: Lease = house.far.lease
    house.far.turn()
    assert house.far.replica.position() > len(WORLD)
    assert lease.left_s() == 0


def rows(nonce: str = NONCE) -> Rows:
    return Rows(nonce, FORM, "", 1, 1, 0, 1, last=True, book="tokens", rows=())


def told(frame: bytes) -> Rows:
    return unsealed_rows(frame, SIGNER.public, NONCE)


def source(house: House) -> InRows:
    """Return all that the office knows, asked for by one word."""
    return InRows(house.far.replica, house.far.wire, SIGNER.public, lambda _: bytes([15]) * 16)
