"""What was decided is said again for little work, while the books say the same; and no longer."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from granian.server import mp

from counterfoil import secret
from counterfoil.feed.event import ApiRouted, RouteRecord
from counterfoil.gate import glance
from counterfoil.gate.credential import unknown
from counterfoil.gate.record.usage import STRANGERS
from counterfoil.gate.verifier import Verifier
from counterfoil.gateway import direct
from counterfoil.gateway.books import Books
from counterfoil.gateway.doors import Gateway
from counterfoil.gateway.kept import Kept
from counterfoil.gateway.meters import Meters
from counterfoil.gateway.trail import Trail
from counterfoil.kernel.errors import Code, Denied
from counterfoil.runtime.direct import spawning
from support.decisions import told, trail_in
from support.doorway import House
from support.gate import ACME, BASE, mint, tell
from support.line import Sent
from support.office import StandingClock
from support.shop import READ, ROUTES, SHOP, holder, shop_in

PATH = f"/authz/nginx/api_{SHOP}"


@dataclass
class Ready(House):
    """A gateway, with what it decides by and writes down."""

    books: Books
    trail: Trail


@pytest.fixture
def house(tmp_path: Path, clock: StandingClock) -> Iterator[Ready]:
    with shop_in(tmp_path) as replica:
        books = Books(replica, clock, tmp_path / "follower.lock")
        counts, written = Meters(tmp_path / "meters"), trail_in(tmp_path)
        gateway = Gateway(books, Kept(counts, written), lambda: "7" * 32)
        yield Ready(gateway, replica, tmp_path, clock, books, written)
        counts.close()


def noted(monkeypatch: pytest.MonkeyPatch, where: object, name: str) -> list[tuple[Any, ...]]:
    """Return a list in which it is noted with what something is called."""
    found: list[tuple[Any, ...]] = []
    usual = getattr(where, name)

    def call(*args: Any, **named: Any) -> Any:
        found.append(args)
        return usual(*args, **named)

    monkeypatch.setattr(where, name, call)
    return found


def test_a_good_token_is_forbidden_again_without_a_look(
    house: Ready, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a good token may not is found out once in one state of the books, and said alike."""
    token = holder(house.replica, READ)
    first = house.nginx("GET", "/admin?draft=1", token)
    found = noted(monkeypatch, Verifier, "standing")
    again = house.nginx("GET", "/admin?draft=1", token)
    assert (
        (again.status, again.code)
        == (first.status, first.code)
        == ("403 Forbidden", "ROUTE_NOT_LISTED")
    )
    assert not found


def test_what_was_forbidden_is_open_with_the_next_state(house: Ready) -> None:
    """A refusal is remembered in one state: a route that is listed since lets the token pass."""
    token = holder(house.replica, READ)
    assert house.nginx("GET", "/admin", token).code == "ROUTE_NOT_LISTED"
    routes = (*ROUTES, RouteRecord(("GET",), "/admin", "shop:read", "any"))
    tell(house.replica, ApiRouted(organization=ACME, api=SHOP, routes=routes))
    assert house.nginx("GET", "/admin", token).status == "200 OK"


def test_time_is_asked_before_a_refusal_is_said_again(house: Ready) -> None:
    """A token that has expired since is refused as such, and not as it was before."""
    later = int(house.clock().timestamp() + 60) * 1_000_000
    token = holder(house.replica, READ, expires_at=later)
    assert house.nginx("GET", "/admin", token).code == "ROUTE_NOT_LISTED"
    house.clock.move_on(seconds=61)
    assert house.nginx("GET", "/admin", token).code == "TOKEN_EXPIRED"


def test_each_refusal_is_on_record(house: Ready) -> None:
    """A refusal that was remembered goes on record each time, as the first one did."""
    token = holder(house.replica, READ)
    for _ in range(3):
        house.nginx("GET", "/admin", token)
    house.trail.flush()
    assert [row.outcome for row in told(house.home)] == ["ROUTE_NOT_LISTED"] * 3


def test_long_addresses_fill_no_memory(house: Ready) -> None:
    """Of an address that is longer than anybody needs nothing is remembered."""
    token = holder(house.replica, READ)
    for target in ("/items/17?" + "x" * 300, "/" + "y" * 300):
        house.nginx("GET", target, token)
    assert not house.books.verifier.latest.judged


def test_a_stranger_is_digested_once(house: Ready, monkeypatch: pytest.MonkeyPatch) -> None:
    """The digest of a token that nobody has is worked out once for a request."""
    worked = noted(monkeypatch, glance, "digest")
    token = mint()
    assert house.nginx("GET", "/docs", token).status == "401 Unauthorized"
    assert worked == [(token,)]


def test_a_strangers_checksum_is_looked_at_once_in_a_turn(
    house: Ready, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asks often with what nobody has makes the thread that writes work once."""
    looked = noted(monkeypatch, secret, "is_intact")
    one, other = mint(), mint()
    for token in (one, other, one, one):
        house.nginx("GET", "/docs", token)
    house.trail.flush()
    assert looked == [(one,), (other,)]


def test_of_a_flood_of_strangers_no_checksum_is_looked_at(
    house: Ready, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no room is left to count strangers in, nobody works out whether one could be ours."""
    looked = noted(monkeypatch, secret, "is_intact")
    several = [mint() for _ in range(STRANGERS + 100)]
    for token in several:
        house.nginx("GET", "/docs", token)
    house.trail.flush()
    assert [token for (token,) in looked] == several[:STRANGERS]


@pytest.mark.parametrize("form", ["cfp_" + "0" * 49, "cfp_" + "0" * 12, "no token"])
def test_a_stranger_is_refused_without_an_exception(house: Ready, form: str) -> None:
    """A refusal is handed back by whoever finds it, and thrown through nobody."""
    thrown: list[object] = []

    def trace(_frame: object, event: str, arg: object) -> Any:
        if event == "exception":
            thrown.append(arg)
        return trace

    house.nginx("GET", "/docs", form)
    before = sys.gettrace()
    sys.settrace(trace)
    said = house.nginx("GET", "/docs", form)
    sys.settrace(before)
    assert said.status == "401 Unauthorized"
    assert not thrown


@pytest.mark.parametrize("path", [PATH, f"{PATH}/more", "/authz/other", "/livez", "/nowhere"])
def test_a_server_is_told_what_wsgi_tells(house: Ready, path: str) -> None:
    """Asked directly the gateway says what it says by WSGI, with the same headers and body."""
    token = holder(house.replica, READ, token=BASE + 301)
    asked = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "HTTP_X_ORIGINAL_METHOD": "GET",
        "HTTP_X_ORIGINAL_URI": "/docs",
        "HTTP_AUTHORIZATION": f"Bearer {token}",
    }
    line, said = Sent(), list[Any]()
    body = house.gateway(dict(asked), lambda *one: said.extend(one))
    code = direct.asking(house.gateway)(line, dict(asked))
    assert line.said == (int(said[0][:3]), said[1], b"".join(body))
    assert code == line.said[0]


def test_a_server_of_another_shape_serves_by_wsgi(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Granian has no such place in it, it is left to serve the gateway by itself."""
    assert spawning(direct.asking) is not None
    monkeypatch.delattr(mp, "_wsgi_call_wrap")
    assert spawning(direct.asking) is None


def test_a_remembered_refusal_is_raised_anew(house: Ready) -> None:
    """Two who are refused get two errors: what one raised keeps no frames of the other."""
    token = holder(house.replica, READ)
    house.nginx("GET", "/admin", token)
    [(kept, _)] = house.books.verifier.latest.judged.values()
    assert isinstance(kept, Denied)
    assert (kept.code, kept.__traceback__) == (Code.ROUTE_NOT_LISTED, None)


def test_strangers_share_no_refusal() -> None:
    """Two strangers are told the same by two errors: what is added to one, the other lacks."""
    one, other = unknown(mint()), unknown(mint())
    one.meta = {"scope": "shop:read"}
    one.about = "known"
    assert (str(other), other.code, other.detail) == (str(one), one.code, one.detail)
    assert (other.meta, other.about) == ({}, None)
