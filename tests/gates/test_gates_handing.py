"""What an office hands on: of one state, to its gates alone, and so much at a time."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from counterfoil.feed.event import TokenStruck
from counterfoil.feed.rows import AskRows
from counterfoil.gate.replica import copied
from counterfoil.gate.replica.proof import Doubt
from counterfoil.gates import hand
from counterfoil.gates.hand import COPIES, Hander
from counterfoil.kernel.errors import Conflict, Refused
from counterfoil.secret import digest
from support.gate import BASE
from support.handed import NONCE, SIGNER, House, source


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


def test_a_stranger_is_handed_nothing(house: House, tmp_path: Path) -> None:
    """Who is no gate of this office is refused before anything is copied (S8)."""
    assert house.far.wire.hander is not None
    with pytest.raises(Refused):
        house.far.wire.hander.part(bytes([7]) * 32, AskRows(NONCE, 0, 0))
    assert list((tmp_path / "handing").iterdir()) == []
