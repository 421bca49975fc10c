"""The gateway's doors: what proxies ask, and what they are told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from counterfoil.gateway.admission import Admission
from counterfoil.gateway.assertion import Signer
from counterfoil.gateway.books import Books
from counterfoil.gateway.doors import Gateway
from counterfoil.gateway.identity import NAMES
from counterfoil.gateway.kept import Kept
from counterfoil.gateway.meters import Meters
from counterfoil.kernel.errors import Code, Refused
from counterfoil.kernel.ids import ApiId
from support.decisions import trail_in
from support.doorway import House
from support.gate import BASE, BEN, tell
from support.shop import METADATA, READ, ROUTES, SHELF, SHOP, at_home, holder, routed
from support.smuggling import CASES, FORGED, GOOD, Case, allowed

SECRET = "s" * 40


def test_a_pass_says_everything(house: House) -> None:
    """Every identity header stands in each pass, empty where there is nothing to say (S51)."""
    passed = house.nginx("GET", "/items/17", holder(house.replica, READ, roots=(SHELF,)))
    assert passed.status == "200 OK"
    assert passed.headers["Counterfoil-Subject"] == f"usr_{BEN}"
    assert passed.headers["Cache-Control"] == "no-store"
    nobody = house.nginx("GET", "/health")
    assert {nobody.headers[name] for name in (*NAMES[:-1], "Counterfoil-Assertion")} == {""}


def test_nginx_hears_two_statuses_and_the_rest_in_headers(house: House) -> None:
    """What nginx cannot hand on stands in headers: the real status, and the body on one line.

    The body itself it would drop, so there is none, and its length is said all the same.
    """
    reader = holder(house.replica, READ)
    for target, token, line, status in (
        ("/items", None, "401 Unauthorized", "401"),
        ("/admin", reader, "403 Forbidden", "403"),
        ("/items//17", reader, "403 Forbidden", "400"),
    ):
        told = house.nginx("GET", target, token)
        assert told.status == line
        assert told.headers["Counterfoil-Status"] == status
        assert json.loads(told.headers["Counterfoil-Error"])["errors"][0]["status"] == status
        assert (told.body, told.headers["Content-Length"]) == (b"", "0")


def test_without_a_token_every_route_is_401(house: House) -> None:
    """Whoever presents none hears a code and the scope to get, and not which routes there are.

    Of an API that the gate knows no routes of everybody hears 403, for no token would help.
    """
    for method, target, meta in (
        ("GET", "/items", {"meta": {"scope": "shop:read"}}),
        ("GET", "/admin", {}),
        ("PURGE", "/items", {}),
    ):
        said = house.nginx(method, target)
        assert said.status == "401 Unauthorized"
        [error] = json.loads(said.headers["Counterfoil-Error"])["errors"]
        assert error == {"status": "401", "code": "MISSING_AUTHORIZATION_HEADER", **meta}
    asked = {"x_original_method": "GET", "x_original_uri": "/items"}
    assert house.ask(f"/authz/nginx/api_{SHOP + 1}", **asked).status == "403 Forbidden"


def test_a_refusal_leads_to_a_token(house: House) -> None:
    """It names the scope of the route and where tokens come from, as MCP wants it (S13)."""
    reader, leads = holder(house.replica, READ), f'resource_metadata="{METADATA}"'
    for method, token, scope in (
        ("GET", None, "shop:read"),
        ("GET", "cfp_" + "a" * 49, "shop:read"),
        ("PUT", reader, "shop:write"),
    ):
        said = house.nginx(method, "/items/17", token).headers["WWW-Authenticate"]
        assert said.startswith('Bearer realm="counterfoil", ')
        assert said.endswith(f'scope="{scope}", {leads}')
    unlisted = house.nginx("GET", "/admin").headers["WWW-Authenticate"]
    assert unlisted == f'Bearer realm="counterfoil", {leads}'
    meant = house.ask("/authz/nginx", x_original_method="GET", x_original_uri="/items")
    assert "WWW-Authenticate" not in meant.headers


def test_an_office_without_an_address_is_named_by_nobody(house: House, tmp_path: Path) -> None:
    """Where nobody has said how the office is reached, a refusal leads nowhere."""
    house.replica.call("cf")
    books = Books(house.replica, house.clock, tmp_path / "follower.lock")
    assert books.metadata_of(ApiId(SHOP), Refused(Code.INVALID_TOKEN)) == ""


def test_other_proxies_hand_on_what_they_hear(house: House) -> None:
    """Caddy and Traefik are told the status that is meant, and Envoy too."""
    told = house.ask(
        f"/authz/forward/api_{SHOP}?ignored=1",
        x_forwarded_method="GET",
        x_forwarded_uri="/items//17",
    )
    assert (told.status, told.code) == ("400 Bad Request", "INVALID_REQUEST")
    assert "Counterfoil-Status" not in told.headers


@pytest.mark.parametrize(("ahead", "status"), [(0, "200 OK"), (1, "503 Service Unavailable")])
def test_nobody_is_judged_by_older_books_than_they_ask_for(
    house: House, ahead: int, status: str
) -> None:
    """Who has seen the feed at a position is judged there or later, or hears 503 (S29)."""
    token = holder(house.replica, READ)
    position = str(house.replica.position() + ahead)
    said = {"authorization": f"Bearer {token}", "counterfoil_at_least": position}
    asked = {"x_forwarded_method": "GET", "x_forwarded_uri": "/items/17", **said}
    told = house.ask(f"/authz/forward/api_{SHOP}", **asked)
    assert (told.status, told.code if ahead else "NOT_READY") == (status, "NOT_READY")
    asked = {"x_original_method": "GET", "x_original_uri": "/items/17", **said}
    assert house.ask(f"/authz/nginx/api_{SHOP}", **asked).headers.get(
        "Counterfoil-Status", "200"
    ) == status[:3]  # fmt: skip
    wrong = house.ask(f"/authz/forward/api_{SHOP}", **{**said, "counterfoil_at_least": "soon"})
    assert wrong.status == "400 Bad Request"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x_original_method": "GET"},
        {"x_original_uri": "/health"},
        {"x_original_method": "", "x_original_uri": "/health"},
        {"x_forwarded_method": "GET", "x_forwarded_uri": "/health"},
        {"x_original_method": "GET", "x_original_uri": "/health", "x_rewrite_url": "/admin"},
        {"x_original_method": "GET", "x_original_uri": "/health", "counterfoil_subject": ""},
    ],
)
def test_what_is_not_said_is_denied(house: House, headers: dict[str, str]) -> None:
    """A door hears its own proxy's words alone: where one is missing, nothing passes (S51)."""
    told = house.ask(f"/authz/nginx/api_{SHOP}", **headers)
    assert (told.status, told.code) == ("403 Forbidden", "INVALID_REQUEST")


@pytest.mark.parametrize(
    ("path", "said", "passes"),
    [
        ("/health", "/health", True),
        ("/items/caf\u00c3\u00a9", "/items/caf%C3%A9", True),
        ("/items/caf\u00e9", "/items/caf%C3%A9", True),
        ("/health", "/docs", False),
        ("/docs", "/health", False),
        ("/health", "/health?a=1", False),
        ("/health?a=1", "/health", False),
        ("/items/a/b", "/items/a%2fb", False),
        ("/health", "", False),
        ("//health", "/health", False),
    ],
)
def test_envoy_says_it_twice(house: House, path: str, said: str, *, passes: bool) -> None:
    """What Envoy asks by its own request and what it says of it have to be one address (S51)."""
    told = house.ask(
        f"/authz/envoy/api_{SHOP}{path}",
        x_original_uri=said,
        authorization=f"Bearer {holder(house.replica, READ)}",
    )
    assert told.status == ("200 OK" if passes else "400 Bad Request")


@pytest.mark.parametrize(
    ("door", "header"),
    [("envoy", "x_original_address"), ("nginx", "x_forwarded_for"), ("forward", "x_forwarded_for")],
)
def test_each_door_hears_from_where_in_one_header(house: House, door: str, header: str) -> None:
    """The client's address stands where that proxy writes it; another header moves nobody (S42)."""
    token = at_home(house.replica, "192.0.2.7/32", token=BASE + 301)
    said = {"authorization": f"Bearer {token}", "x_original_uri": "/items"}
    said |= {"x_original_method": "GET"} if door == "nginx" else {}
    if door == "forward":
        said = said | {"x_forwarded_uri": "/items", "x_forwarded_method": "GET"}
    path = f"/authz/{door}/api_{SHOP}" + ("/items" if door == "envoy" else "")
    both = {"x_original_address": "192.0.2.7", "x_forwarded_for": "192.0.2.7"}
    assert house.ask(path, **said, **both).status == "200 OK"
    for other in ("", "198.51.100.1"):
        assert house.ask(path, **said, **both | {header: other}).code == "IP_NOT_ALLOWED"
    del both[header]
    assert house.ask(path, **said, **both).code == "IP_NOT_ALLOWED"


def test_which_api_is_the_proxys_to_say(house: House) -> None:
    """Without an API in the address, or in how the gateway is set, nothing passes."""
    original = {"x_original_method": "GET", "x_original_uri": "/health"}
    for path in ("/authz/nginx", "/authz/nginx/api_12", f"/authz/nginx/api_{SHOP + 1}"):
        assert house.ask(path, **original).status == "403 Forbidden"
    books = Books(house.replica, house.clock, house.home / "follower.lock")
    counts = Meters(house.home / "meters")
    house.gateway = Gateway(books, Kept(counts, trail_in(house.home)), lambda: "", api=ApiId(SHOP))
    assert house.ask("/authz/nginx", **original).status == "200 OK"
    # A client of Envoy's that begins its address with another API's id names no API by it.
    told = house.ask(f"/authz/envoy/api_{SHOP}/health", x_original_uri=f"/api_{SHOP}/health")
    assert told.status == "400 Bad Request"
    counts.close()


def test_a_gate_that_is_reached_from_elsewhere_asks_for_a_secret(house: House) -> None:
    """Whoever does not present the secret is told nothing, however the right one begins."""
    books = Books(house.replica, house.clock, house.home / "follower.lock")
    counts = Meters(house.home / "meters")
    kept = Kept(counts, trail_in(house.home))
    house.gateway = Gateway(books, kept, lambda: "", admission=Admission(SECRET))
    original = {"x_original_method": "GET", "x_original_uri": "/health"}
    path = f"/authz/nginx/api_{SHOP}"
    for given in ({}, {"counterfoil_gate_secret": SECRET[:-1]}, {"counterfoil_gate_secret": ""}):
        assert house.ask(path, **original, **given).status == "403 Forbidden"
        assert house.ask("/authz/decision", "POST", b"[]", **given).status == "403 Forbidden"
        assert house.ask("/metrics", **given).status == "403 Forbidden"
        assert house.ask("/livez", **given).status == "200 OK"
    assert house.ask(path, **original, counterfoil_gate_secret=SECRET).status == "200 OK"
    counts.close()


def test_the_key_of_assertions_is_public(house: House) -> None:
    """An API that has no secret of the gate reads the key by which it verifies (S52)."""
    books = Books(house.replica, house.clock, house.home / "follower.lock")
    counts = Meters(house.home / "meters")
    kept = Kept(counts, trail_in(house.home))
    signer = Signer(bytes(32), house.clock)
    house.gateway = Gateway(books, kept, lambda: "", admission=Admission(SECRET), signer=signer)
    told = house.ask("/.well-known/jwks.json")
    assert (told.status, told.body) == ("200 OK", signer.keys())
    assert {"d", "k"}.isdisjoint(*json.loads(told.body)["keys"])
    assert house.ask("/.well-known/other").status == "403 Forbidden"
    house.gateway = Gateway(books, kept, lambda: "", admission=Admission(SECRET))
    assert house.ask("/.well-known/jwks.json").status == "403 Forbidden"
    counts.close()


def test_a_token_in_the_address_is_one_nowhere(house: House) -> None:
    """A token in the query is refused, whether a good one stands in its header or not (S11)."""
    token = holder(house.replica, READ)
    for given in (None, token):
        told = house.nginx("GET", f"/items/17?key={token}", given)
        assert told.headers["Counterfoil-Status"] == "400"


def test_a_browser_may_ask_first(house: House) -> None:
    """A preflight passes where the table lets it, and says nobody's name."""
    asked = {"origin": "https://app.test", "access_control_request_method": "GET"}
    assert house.nginx("OPTIONS", "/items/17", **asked).status == "401 Unauthorized"
    table = [one for one in ROUTES if one.scope]
    tell(house.replica, routed(table, preflights=True))
    told = house.nginx("OPTIONS", "/items/17", **asked)
    assert (told.status, told.headers["Counterfoil-Subject"]) == ("200 OK", "")
    assert house.nginx("OPTIONS", "/items/17").status == "401 Unauthorized"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_no_request_is_smuggled_past_the_door(house: House, case: Case) -> None:
    """Asked about any of the ambiguous requests, the gate passes none that the token may not send.

    The proxy sets what it sets; everything else that the client wrote arrives under the names that
    a server makes of it, with hyphens and underscores the same (S51).
    """
    token = holder(house.replica, READ, roots=(SHELF,))
    headers: dict[str, str] = {}
    for written, value in case.headers:
        name = written.strip().lower().replace("-", "_")
        before = f"{headers[name]}," if name in headers else ""  # as a server joins two lines
        headers[name] = before + value.replace("{token}", token)
    target = case.target.replace("{token}", token)
    told = house.nginx(case.method, target, token if case.presents else None, **{
        name: value
        for name, value in headers.items()
        if name not in {"x_original_method", "x_original_uri"}
    })  # fmt: skip
    if told.status == "200 OK":
        assert not case.closed
        assert allowed(case.method, target)
        assert FORGED not in told.headers.values()
    assert house.nginx(GOOD.method, GOOD.target, token).status == "200 OK"
