"""The middleware of every framework: one verdict, and the words of the gate server for it."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from counterfoil.feed.event import ApiStruck, TokenStruck
from counterfoil.gate.lease import Lease
from counterfoil.gate.replica import Replica
from counterfoil.gateway.books import Books
from counterfoil.gateway.doors import Gateway
from counterfoil.gateway.kept import Kept
from counterfoil.gateway.meters import Meters
from counterfoil.kernel.clock import system_clock
from counterfoil.kernel.ids import ApiId, Prefix, spell
from counterfoil.runtime.places import Places
from counterfoil.secret import digest
from infra.wait import wait_until
from middleware.conftest import Host
from support.decisions import trail_in
from support.frameworks import API, FRAMEWORKS, Send, of_wsgi
from support.gate import ACME, BASE, BEN, bounds, mint, record, tell, under
from support.shop import READ, SHOP, TOY, allows

NEEDED = [
    ("GET", "/items/17", "reader", 200, ""),
    ("GET", "/items/17", "shelf", 200, ""),
    ("GET", "/search?under=toys", "shelf", 200, ""),
    ("GET", "/docs", "shelf", 200, ""),
    ("GET", "/items", "reader", 200, ""),
    ("PUT", "/items/17", "writer", 200, ""),
    ("PUT", "/items/17", "reader", 403, "INSUFFICIENT_SCOPE"),
    ("GET", "/items/18", "shelf", 403, "OUTSIDE_ROOT_NODES"),
    ("GET", "/items/99", "shelf", 403, "OUTSIDE_ROOT_NODES"),
    ("GET", "/items", "shelf", 403, "OUTSIDE_ROOT_NODES"),
    ("GET", "/search?under=17&under=18", "reader", 400, "INVALID_REQUEST"),
    ("GET", "/items/17", "elsewhere", 403, "NOT_A_MEMBER"),
    ("GET", "/items/17", "expired", 401, "TOKEN_EXPIRED"),
    ("GET", "/items/17", "stranger", 401, "INVALID_TOKEN"),
    ("GET", "/items/17", "nobody", 401, "MISSING_AUTHORIZATION_HEADER"),
]
"""What is decided alike by a table of routes and by views that say what they need."""

LISTED = [
    ("GET", "/health", "nobody", 200, ""),
    ("GET", "/garden/open/late", "shelf", 200, ""),
    ("DELETE", "/items/17", "writer", 403, "ROUTE_NOT_LISTED"),
    ("GET", "/admin", "writer", 403, "ROUTE_NOT_LISTED"),
    ("GET", "/items/17/", "writer", 403, "ROUTE_NOT_LISTED"),
    ("GET", "/Items/17", "writer", 400, "INVALID_REQUEST"),
    ("GET", "/items//17", "writer", 400, "INVALID_REQUEST"),
    ("GET", "/items/17/..", "writer", 400, "INVALID_REQUEST"),
    ("GET", "/items/%2541", "writer", 400, "INVALID_REQUEST"),
    ("GET", "/items/a;b", "writer", 400, "INVALID_REQUEST"),
    ("GET", "/items/%ff", "writer", 400, "INVALID_REQUEST"),
]


@pytest.mark.parametrize(("method", "target", "who", "status", "code"), [*NEEDED, *LISTED])
def test_a_table_judges_every_request(  # noqa: PLR0917 - a case has that many sides
    judged: Send, host: Host, method: str, target: str, who: str, status: int, code: str
) -> None:
    """In every framework a request passes by the API's table of routes, or is refused (S12)."""
    answer = judged(method, target, host.tokens[who])
    assert (answer.status, answer.code if code else "") == (status, code)


@pytest.mark.parametrize(("method", "target", "who", "status", "code"), NEEDED)
def test_views_say_what_they_need(  # noqa: PLR0917 - as above
    asking: Send, host: Host, method: str, target: str, who: str, status: int, code: str
) -> None:
    """In every framework a view's own need is decided as a route's would be (S12)."""
    answer = asking(method, target, host.tokens[who])
    assert (answer.status, answer.code if code else "") == (status, code)


def test_an_encoded_slash_opens_nothing_wider(judged: Send, host: Host) -> None:
    """What an application reads as two steps is judged as two, or not at all (S51)."""
    assert judged("GET", "/items%2f18", host.tokens["shelf"]).status in {400, 403}
    for target in ("/docs%2f..%2fitems/18", "/items/17%2f..%2f18"):
        assert judged("GET", target, host.tokens["shelf"]).status == 400


def test_the_application_sees_who_it_is(judged: Send, host: Host) -> None:
    """Who asks, by which token, with which scopes and about what, stands in the request."""
    answer = judged("GET", "/items/17", host.tokens["shelf"])
    assert json.loads(answer.body) == {
        "organization": spell(Prefix.ORGANIZATION, ACME),
        "subject": spell(Prefix.USER, BEN),
        "token": spell(Prefix.TOKEN, BASE + 302),
        "name": "ci",
        "kind": "personal",
        "scopes": ["shop:read"],
        "node": spell(Prefix.NODE, TOY),
    }
    assert json.loads(judged("GET", "/health").body)["subject"] is None


@pytest.fixture
def proxied(host: Host, tmp_path: Any) -> Callable[[str, str, str | None], Any]:
    """The gate server's own answer to the same request, as a proxy would hand it on."""
    books = Books(host.replica, system_clock, tmp_path / "follower.lock")
    counts, trail = Meters(tmp_path / "meters"), trail_in(tmp_path)
    gateway = of_wsgi(Gateway(books, Kept(counts, trail), lambda: "r", api=ApiId(SHOP)))

    def ask(method: str, target: str, token: str | None) -> Any:
        words = {"X-Forwarded-Method": method, "X-Forwarded-Uri": target}
        return gateway("GET", "/authz/forward", token, headers=words)

    return ask


def test_refusals_are_the_gate_servers(judged: Send, host: Host, proxied: Any) -> None:
    """A refusal has the bytes, the challenge and the status of the gate server's (S12, S13)."""
    for method, target, who, status, _ in [*NEEDED, *LISTED]:
        if status == 200:
            continue
        ours = judged(method, target, host.tokens[who])
        theirs = proxied(method, target, host.tokens[who])
        assert (ours.status, ours.code) == (theirs.status, theirs.code), target
        if status == 400:  # why an address is not read is said of the address that each one saw
            continue
        assert ours.body == theirs.body, target
        for name in ("www-authenticate", "cache-control", "content-type"):
            assert ours.headers.get(name) == theirs.headers.get(name), (target, name)


def test_what_is_revoked_is_gone_with_the_next_request(asking: Send, host: Host) -> None:
    """A token that is revoked opens nothing from then on (S19)."""
    text = host.tokens["reader"]
    assert text is not None
    assert asking("GET", "/items/17", text).status == 200
    tell(host.replica, TokenStruck(token=BASE + 301, digests=(digest(text),)))
    assert asking("GET", "/items/17", text).code == "INVALID_TOKEN"


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer a,Bearer b"},
        {"X-HTTP-Method-Override": "DELETE"},
        {"X-Original-URL": "/admin"},
        {"Counterfoil-Subject": "usr_1000000000000011"},
        {"Counterfoil-At-Least": "soon"},
    ],
    ids=lambda headers: next(iter(headers)),
)
def test_what_could_be_taken_otherwise_is_refused(
    judged: Send, host: Host, headers: dict[str, str]
) -> None:
    """Two credentials, another method, a forged word on who it is: none reaches a view (S51)."""
    token = None if "Authorization" in headers else host.tokens["writer"]
    assert judged("GET", "/items/17", token, headers=headers).code == "INVALID_REQUEST"


def test_a_token_in_the_address_is_refused(judged: Send, host: Host) -> None:
    """A token in the query is malformed, and is not repeated (S11)."""
    answer = judged("GET", f"/items?access_token={mint()}", host.tokens["reader"])
    assert answer.code == "INVALID_REQUEST"
    assert b"cfp_" not in answer.body


def test_an_api_that_was_retired_lets_nobody_in(asking: Send, host: Host) -> None:
    """Where views say what they need, a process that knew the API refuses once it is retired."""
    assert asking("GET", "/items/17", host.tokens["reader"]).status == 200
    tell(host.replica, ApiStruck(organization=ACME, api=SHOP))
    assert asking("GET", "/items/17", host.tokens["reader"]).code == "INSUFFICIENT_SCOPE"
    assert asking("GET", "/docs", host.tokens["reader"]).code == "INSUFFICIENT_SCOPE"


def test_too_many_requests(judged: Send, host: Host) -> None:
    """A token beyond its own rate is told 429 and when to come again."""
    text = mint()
    tell(
        host.replica,
        record(
            text,
            under(bounds(scopes=0, custom=(READ,)), rate=(2, 60)),
            token=BASE + 310,
            expires_at=None,
        ),
    )
    first, second, third = (judged("GET", "/items", text) for _ in range(3))
    assert (first.status, first.headers["x-ratelimit-remaining"]) == (200, "1")
    assert second.status == 200
    assert (third.status, third.code) == (429, "RATE_LIMIT_EXCEEDED")
    assert int(third.headers["retry-after"]) >= 1


@pytest.mark.parametrize("routes", [True, False])
@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_the_policys_rate(host: Host, framework: str, *, routes: bool) -> None:
    """What the policy allows each token holds in every framework, by a table or by views (S42)."""
    token = host.tokens["reader"]
    with FRAMEWORKS[framework](api=API, data_dir=host.data_dir, routes=routes) as send:
        assert send("GET", "/items", token).status == 200
        allows(host.replica, 0.01)
        first, second = (send("GET", "/items", token) for _ in range(2))
        assert (first.status, first.headers["x-ratelimit-limit"]) == (200, "1")
        assert (second.status, second.code) == (429, "RATE_LIMIT_EXCEEDED")
        assert 90 <= int(second.headers["retry-after"]) <= 100
        allows(host.replica, None)
        assert send("GET", "/items", token).status == 200


def test_from_where_a_request_comes(host: Host) -> None:
    """Networks are the other end's own, unless a proxy that was named says otherwise (S42)."""
    text = mint()
    grant = under(bounds(scopes=0, custom=(READ,)), networks=("192.0.2.0/24",))
    tell(host.replica, record(text, grant, token=BASE + 311, expires_at=None))
    said = {"X-Forwarded-For": "192.0.2.9"}
    for make in FRAMEWORKS.values():
        with make(api=API, data_dir=host.data_dir) as send:
            assert send("GET", "/items", text, peer="192.0.2.1").status == 200
            other = send("GET", "/items", text, peer="203.0.113.1", headers=said)
            assert other.code == "IP_NOT_ALLOWED"
        with make(api=API, data_dir=host.data_dir, trusted_proxies=["203.0.113.0/24"]) as send:
            assert send("GET", "/items", text, peer="203.0.113.1", headers=said).status == 200
            assert send("GET", "/items", text, peer="203.0.113.1").code == "IP_NOT_ALLOWED"


def test_nobody_reaches_views_that_ask_for_somebody(host: Host) -> None:
    """Where the door asks for no token, a view that needs a scope still does, and bad ones fail."""
    for make in FRAMEWORKS.values():
        options = {"routes": False, "required": False}
        with make(api=API, data_dir=host.data_dir, **options) as send:
            assert send("GET", "/items/17").code == "MISSING_AUTHORIZATION_HEADER"
            assert send("GET", "/items/17", mint()).code == "INVALID_TOKEN"
            assert send("GET", "/items/17", host.tokens["reader"]).status == 200


def test_without_books_nothing_passes(tmp_path: Any) -> None:
    """Where no office has written, each framework answers 503 and makes nothing there (R2)."""
    for make in FRAMEWORKS.values():
        with make(api=API, data_dir=tmp_path / "nowhere") as send:
            answer = send("GET", "/health")
            assert (answer.status, answer.code) == (503, "NOT_READY")
            assert answer.headers["retry-after"] == "1"
    assert not (tmp_path / "nowhere").exists()


def test_books_that_come_later_are_opened_then(tmp_path: Any, host: Host) -> None:
    """An application that started before its office lets people in once there is one (R2)."""
    late = tmp_path / "late"
    with FRAMEWORKS["wsgi"](api=API, data_dir=late) as send:
        assert send("GET", "/health").status == 503
        (host.data_dir / "replica").rename(tmp_path / "kept")
        late.mkdir()
        (tmp_path / "kept").rename(late / "replica")
        assert send("GET", "/items/17", host.tokens["reader"]).status == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"api": "7"},
        {"api": API, "trusted_proxies": ["10.0.0.1/8"]},
        {"api": "tok_1000000000000001"},
    ],
)
def test_what_is_set_wrongly_is_told_at_the_start(
    wrong: dict[str, Any], tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is no id, no network or no data directory stops the start, and not a request."""
    with (
        pytest.raises(ValueError, match=r"api_|host bits"),
        FRAMEWORKS["flask"](data_dir=tmp_path, **wrong),
    ):
        pass
    monkeypatch.delenv("COUNTERFOIL_DATA_DIR", raising=False)
    with pytest.raises(ValueError, match="COUNTERFOIL_DATA_DIR"), FRAMEWORKS["wsgi"](api=API):
        pass


def test_another_organizations_scope_of_the_same_name_opens_nothing(
    asking: Send, host: Host
) -> None:
    """A scope counts as this API's alone: nobody gets in by registering one spelled alike."""
    assert asking("GET", "/docs", host.tokens["elsewhere"]).code == "NOT_A_MEMBER"


def test_the_replica_is_one_for_all_of_a_process(host: Host) -> None:
    """Two applications in one process share what is open, in either framework."""
    first: Replica = host.replica
    for name in ("wsgi", "flask"):
        with FRAMEWORKS[name](api=API, data_dir=host.data_dir) as send:
            assert send("GET", "/items/17", host.tokens["reader"]).status == 200
    assert host.replica is first


def test_on_another_host_it_decides_by_the_lease(host: Host) -> None:
    """Where the office is elsewhere, nothing passes without the lease of this host (R1)."""
    lease = Lease(Places(host.data_dir).gate_lease_file)
    with FRAMEWORKS["wsgi"](api=API, data_dir=host.data_dir) as send:
        ask = partial(send, "GET", "/items", token=host.tokens["reader"])
        assert ask().status == 503
        lease.renew(lease.ticks(), system_clock.seconds())
        assert ask().status == 200
    lease.close()


@pytest.mark.parametrize("file", ["gate_lease_file", "office_lease_file"])
def test_a_lease_that_comes_later_counts(host: Host, file: str) -> None:
    """Opened before this host had a lease, it decides by none but that once it has (R1).

    So it is where an office begins to share its database with others.
    """
    with FRAMEWORKS["wsgi"](api=API, data_dir=host.data_dir) as send:
        ask = partial(send, "GET", "/items", token=host.tokens["reader"])
        assert ask().status == 200
        lease = Lease(getattr(Places(host.data_dir), file))
        wait_until(lambda: ask().status == 503, "the lease to be found")
        lease.renew(lease.ticks(), system_clock.seconds())
        assert ask().status == 200
        lease.close()
