"""The gateway's doors: what proxies and programs ask, and what they are told."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from counterfoil.gate.replica import Replica
from counterfoil.gateway.books import Books
from counterfoil.gateway.doors import Gateway
from counterfoil.gateway.identity import NAMES
from counterfoil.gateway.kept import Kept
from counterfoil.gateway.meters import Meters, Verdict
from counterfoil.kernel.errors import Code, Refused
from counterfoil.kernel.ids import ApiId
from support.decisions import trail_in
from support.gate import ACME, BASE, BEN, PUBLIC, mint, tell
from support.office import StandingClock
from support.shop import METADATA, READ, ROUTES, SHELF, SHOP, at_home, holder, routed, shop_in
from support.smuggling import CASES, FORGED, GOOD, Case, allowed

SECRET = "s" * 40


@dataclass
class Told:
    """An answer of the gateway."""

    status: str
    headers: dict[str, str]
    body: bytes

    @property
    def code(self) -> str:
        said = self.headers.get("Counterfoil-Error") or self.body
        return str(json.loads(said)["errors"][0]["code"])


@dataclass
class House:
    """A gateway in this process, and the books that it reads."""

    gateway: Gateway
    replica: Replica
    home: Path
    clock: StandingClock

    def ask(self, path: str, method: str = "GET", body: bytes | str = b"", **headers: str) -> Told:
        raw = body if isinstance(body, bytes) else body.encode()
        said: list[Any] = []
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path.partition("?")[0],
            "QUERY_STRING": path.partition("?")[2],
            "wsgi.input": io.BytesIO(raw),
            **{f"HTTP_{name.upper()}": value for name, value in headers.items()},
        }
        [told] = self.gateway(environ, lambda *line: said.extend(line))
        assert len(dict(said[1])) == len(said[1])
        return Told(said[0], dict(said[1]), told)

    def nginx(self, method: str, target: str, token: str | None = None, **headers: str) -> Told:
        """Ask as our nginx does."""
        if token is not None:
            headers["authorization"] = f"Bearer {token}"
        original = {"x_original_method": method, "x_original_uri": target}
        return self.ask(f"/authz/nginx/api_{SHOP}", **headers, **original)


@pytest.fixture
def house(tmp_path: Path, clock: StandingClock) -> Iterator[House]:
    with shop_in(tmp_path) as replica:
        books = Books(replica, clock, tmp_path / "follower.lock")
        counts = Meters(tmp_path / "meters")
        yield House(
            Gateway(books, Kept(counts, trail_in(tmp_path)), lambda: "7" * 32),
            replica,
            tmp_path,
            clock,
        )
        counts.close()


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
    house.gateway = Gateway(books, Kept(counts, trail_in(house.home)), lambda: "", secret=SECRET)
    original = {"x_original_method": "GET", "x_original_uri": "/health"}
    path = f"/authz/nginx/api_{SHOP}"
    for given in ({}, {"counterfoil_gate_secret": SECRET[:-1]}, {"counterfoil_gate_secret": ""}):
        assert house.ask(path, **original, **given).status == "403 Forbidden"
        assert house.ask("/authz/decision", "POST", b"[]", **given).status == "403 Forbidden"
        assert house.ask("/metrics", **given).status == "403 Forbidden"
        assert house.ask("/livez", **given).status == "200 OK"
    assert house.ask(path, **original, counterfoil_gate_secret=SECRET).status == "200 OK"
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


def test_decisions_are_told_by_the_hundred(house: House) -> None:
    """Programs ask what would become of requests, of an API or of content, each by itself."""
    token = holder(house.replica, READ, roots=(SHELF,))
    api = f"api_{SHOP}"
    docs = {"api": api, "path": "/docs"}
    asked = [
        {"token": token, "action": "GET", "resource": {"api": api, "path": "/items/17"}},
        {"token": token, "action": "GET", "resource": {"api": api, "path": "/items/18"}},
        {
            "token_id": f"tok_{10**15 + 101}",
            "action": "GET",
            "resource": {"api": api, "path": "/docs"},
        },
        {"token": mint(), "action": "GET", "resource": {"api": api, "path": "/items/17"}},
        {"token": token, "action": "content:read", "resource": {"node": f"nod_{PUBLIC}"}},
        {"token": token, "action": "GET", "resource": {"api": api}},
        {"token_id": "tok_1", "action": "GET", "resource": docs},
        {"action": "GET", "resource": {"api": api, "path": "/health"}},
    ]
    told = json.loads(house.ask("/authz/decision", "POST", json.dumps(asked).encode()).body)
    assert [one["reason"] for one in told] == [
        "ALLOWED",
        "OUTSIDE_ROOT_NODES",
        "ALLOWED",
        "INVALID_TOKEN",
        "INSUFFICIENT_SCOPE",
        "INVALID_FIELD",
        "INVALID_FIELD",
        "ALLOWED",
    ]
    assert told[0]["subject"] == f"usr_{BEN}"
    assert told[-1]["subject"] is None
    too_many = json.dumps(asked * 13).encode()
    for body in (too_many, b"", b"{", b'{"action": 1}', b"\xff", b"[" * 2000):
        assert house.ask("/authz/decision", "POST", body).status == "400 Bad Request"
    assert house.ask("/authz/decision", "POST", b"x" * 300_000).status == "413 Content Too Large"
    assert house.ask("/authz/decision").status[0] == "4"


def test_an_explanation_tells_each_check(house: House) -> None:
    """Who asks why is told every check up to the one that failed."""
    token = holder(house.replica, READ, roots=(SHELF,))
    asked = {
        "token": token,
        "action": "GET",
        "resource": {"api": f"api_{SHOP}", "path": "/items/18"},
    }
    told = json.loads(house.ask("/authz/explain", "POST", json.dumps(asked).encode()).body)
    assert [(one["rule"], one["ok"]) for one in told["checks"]] == [
        ("credential", True),
        ("route", True),
        ("OUTSIDE_ROOT_NODES", False),
    ]


def test_what_happened_is_counted(house: House) -> None:
    """Prometheus reads how often what was decided, with no name and no id in it."""
    token = holder(house.replica, READ, name="hush-hush")
    for target in ("/items/17", "/items", "/admin"):
        house.nginx("GET", target, token)
    house.nginx("GET", "/items")
    text = house.ask("/metrics").body.decode()
    lines = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    counted = 'counterfoil_verifications_total{{outcome="{}",surface="gate"}}'
    assert [lines[counted.format(one)] for one in ("allowed", "forbidden", "refused", "open")] == [
        "2",
        "1",
        "1",
        "0",
    ]
    assert lines["counterfoil_verification_seconds_count"] == "4"
    assert lines['counterfoil_verification_seconds_bucket{le="+Inf"}'] == "4"
    assert lines["counterfoil_gate_ready"] == "1"
    for secret in (token, "hush-hush", str(ACME), str(BEN), str(SHOP)):
        assert secret not in text


def test_processes_count_together(tmp_path: Path) -> None:
    """Each process counts in a place of its own, and a later one goes on where one ended."""
    path = tmp_path / "meters"
    first = Meters(path)
    first.count(Verdict.ALLOWED, 1_000)
    first.close()
    second = Meters(path)
    second.count(Verdict.ALLOWED, 2_000)
    totals = second.totals()
    assert (totals[Verdict.ALLOWED], totals[-1]) == (2, 3_000)
    second.close()


def test_a_gate_without_books_denies(tmp_path: Path, clock: StandingClock) -> None:
    """Where nobody has written the books nothing passes, and the gate says it is not ready."""
    replica = Replica(tmp_path / "replica")
    books = Books(replica, clock, tmp_path / "follower.lock")
    counts = Meters(tmp_path / "meters")
    house = House(
        Gateway(books, Kept(counts, trail_in(tmp_path)), lambda: ""), replica, tmp_path, clock
    )
    told = house.nginx("GET", "/health")
    assert (told.status, told.headers["Counterfoil-Status"]) == ("403 Forbidden", "503")
    assert told.headers["Retry-After"] == "1"
    assert house.ask("/readyz").status == "503 Service Unavailable"
    replica.close()
    counts.close()


def test_a_gate_that_nobody_keeps_up_is_not_ready(house: House) -> None:
    """Without somebody who follows the feed on this host the gate asks not to be asked."""
    assert house.ask("/readyz").status == "200 OK"
    (house.home / "follower.lock").unlink()
    assert house.ask("/readyz").status == "503 Service Unavailable"


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
