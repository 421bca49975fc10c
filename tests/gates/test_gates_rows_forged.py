"""Rows that are damaged, forged or of another history are taken in nowhere."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec import structs

from counterfoil.feed.chain import ForkedError
from counterfoil.feed.page import PURPOSE, ForgedError, Page, sealed, unsealed
from counterfoil.feed.rows import AskRows, sealed_rows, unsealed_rows
from counterfoil.gate.replica import copied
from counterfoil.gate.replica.bulk import DamagedError
from counterfoil.gate.replica.proof import Doubt
from counterfoil.gate.replica.standing import FORM
from counterfoil.gateway import follower
from counterfoil.gateway.snapshot import BehindError
from counterfoil.kernel.errors import Conflict
from counterfoil.runtime.signing import Signer
from counterfoil.secret import digest
from support.handed import NONCE, SIGNER, House, refuse, rows, source, told


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
