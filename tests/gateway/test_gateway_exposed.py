"""A token in an address opens nothing, and whose it is hears of it from the office (S11)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from counterfoil.gate.record.decided import Exposed
from counterfoil.gateway.exposures import MOST
from counterfoil.gateway.trail import COUNTS
from counterfoil.secret import digest
from support.decisions import folder_in
from support.gate import mint
from support.house import HERE, House, house_in
from support.office import StandingClock
from support.shop import READ, SHOP, holder


@pytest.fixture
def house(tmp_path: Path, clock: StandingClock) -> Iterator[House]:
    with house_in(tmp_path, clock) as house:
        yield house


def exposed(house: House) -> list[Exposed]:
    """Return what the journal tells after as many turns as it takes."""
    for _ in range(COUNTS):
        house.trail.turn()
    return [one for batch in house.batches() for one in batch.exposed]


@pytest.mark.parametrize("beside", [True, False])
@pytest.mark.parametrize("spelled", ["access_token={}", "a=1&key=Bearer%20{}&b"])
def test_it_is_told_and_the_token_is_not(house: House, spelled: str, *, beside: bool) -> None:
    """Its digest, where it stood and who sent it are told once; no journal holds the token."""
    token = holder(house.replica, READ)
    shown, target = quote(token), f"/items/17?{spelled.format(token)}"
    for _ in range(2):
        assert house.ask("GET", target, mint() if beside else None) == "400"
    assert exposed(house) == [
        Exposed(digest(token), SHOP, "/items/17", "7" * 32, HERE, "curl/8.5.0")
    ]
    assert exposed(house) == exposed(house)
    held = b"".join(one.read_bytes() for one in folder_in(house.home).iterdir())
    assert shown.encode() not in held
    assert token[-20:].encode() not in held


def test_it_is_told_at_a_stop(house: House) -> None:
    """A gate that stops tells what it saw since its last turn."""
    assert house.ask("GET", f"/items/17?t={mint()}") == "400"
    house.trail.close()
    assert len([one for batch in house.batches() for one in batch.exposed]) == 1


def test_what_is_no_token_is_told_to_nobody(house: House) -> None:
    """Neither is a mistyped token, nor a token in its place beside a query without one."""
    mistyped = mint()[:-1] + "-"
    assert house.ask("GET", f"/items/17?t={mistyped}x", mint()) in {"400", "401"}
    wrong = mint()
    wrong = wrong[:-1] + ("0" if wrong[-1] != "0" else "1")
    assert house.ask("GET", f"/items/17?t={wrong}") == "400"
    assert house.ask("GET", "/items/17?t=1", mint()) == "401"
    assert exposed(house) == []


def test_what_a_client_writes_beside_it_holds_up_nothing(house: House) -> None:
    """The path is told as characters that can be read, and not at any length (S42)."""
    odd = "/items/" + "\0\x1b[2J\xe9\ud800" + "x" * 400
    assert house.ask("GET", f"{odd}?t={mint()}") == "400"
    (one,) = exposed(house)
    assert one.path.startswith("/items/??[2J??x")
    assert len(one.path) == 200


def test_a_flood_of_them_is_told_in_part(house: House) -> None:
    """Whoever sends another one each time has a few told of, and the next turn has room again."""
    for _ in range(3 * MOST):
        assert house.ask("GET", f"/items/17?t={mint()}") == "400"
    assert len(exposed(house)) == MOST
    last = mint()
    assert house.ask("GET", f"/items/17?t={last}") == "400"
    assert exposed(house)[-1].digest == digest(last)
