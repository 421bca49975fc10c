"""Through the gateway: from where a token may be used, and how often."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from counterfoil.gate.replica import Replica
from counterfoil.gateway.books import Books
from counterfoil.gateway.doors import Gateway
from counterfoil.gateway.kept import Kept
from counterfoil.gateway.meters import Meters
from counterfoil.kernel.ids import Prefix, spell
from support.decisions import trail_in
from support.gate import BASE, NOW, SECOND, bounds, environ, mint, record, tell, under
from support.office import StandingClock
from support.shop import READ, SHOP, allows, holder, shop_in

HERE, ELSEWHERE = "192.0.2.7", "198.51.100.1"


class Proxy:
    """One that asks the gateway as nginx does, for a client at an address."""

    def __init__(self, gateway: Gateway, replica: Replica) -> None:
        self.gateway = gateway
        self.replica = replica

    def ask(
        self, token: str, forwarded: str, target: str = "/items"
    ) -> tuple[str, dict[str, str], bytes]:
        said: list[Any] = []
        sent = environ(
            token,
            PATH_INFO=f"/authz/nginx/api_{SHOP}",
            REQUEST_METHOD="GET",
            HTTP_X_ORIGINAL_METHOD="GET",
            HTTP_X_ORIGINAL_URI=target,
            HTTP_X_FORWARDED_FOR=forwarded,
        )
        [body] = self.gateway(sent, lambda *line: said.extend(line))
        return said[0], dict(said[1]), body


@pytest.fixture
def proxy(tmp_path: Path, clock: StandingClock) -> Iterator[Proxy]:
    with shop_in(tmp_path) as replica:
        books = Books(replica, clock, tmp_path / "follower.lock")
        counts = Meters(tmp_path / "meters")
        yield Proxy(Gateway(books, Kept(counts, trail_in(tmp_path)), lambda: "7" * 32), replica)
        books.pace.close()
        counts.close()


def bound(proxy: Proxy, *, token: int = BASE + 301, **conditions: Any) -> str:
    """Let there be a token of the shop's readers that holds under conditions."""
    text = mint()
    grant = under(bounds(scopes=0, custom=(READ,)), **conditions)
    tell(proxy.replica, record(text, grant, token=token))
    return text


def test_the_address_is_what_the_proxy_saw(proxy: Proxy) -> None:
    """What a client writes stands to the left of what its proxy adds, and moves nobody (S42)."""
    token = bound(proxy, networks=("192.0.2.0/24",))
    assert proxy.ask(token, HERE)[0] == "200 OK"
    assert proxy.ask(token, f"{ELSEWHERE}, {HERE}")[0] == "200 OK"
    for forwarded in (ELSEWHERE, f"{HERE}, {ELSEWHERE}", "", "unknown", f"{HERE},"):
        status, headers, _ = proxy.ask(token, forwarded)
        assert (status, headers["Counterfoil-Status"]) == ("403 Forbidden", "403")
        (error,) = json.loads(headers["Counterfoil-Error"])["errors"]
        assert error["code"] == "IP_NOT_ALLOWED"


def test_too_early(proxy: Proxy) -> None:
    """Before its start a token is refused with 401, which says from when on it works."""
    status, headers, _ = proxy.ask(bound(proxy, not_before=NOW + SECOND), HERE)
    (error,) = json.loads(headers["Counterfoil-Error"])["errors"]
    assert (status, error["code"]) == ("401 Unauthorized", "TOKEN_NOT_YET_VALID")
    assert "not_before" in error["meta"]


def test_too_fast(proxy: Proxy) -> None:
    """Beyond its rate a token is refused with what nginx needs to make a 429 of it (D12)."""
    token = bound(proxy, rate=(2, 10))
    assert [proxy.ask(token, HERE)[0] for _ in range(2)] == ["200 OK"] * 2
    status, headers, _ = proxy.ask(token, HERE)
    assert (status, headers["Counterfoil-Status"]) == ("403 Forbidden", "429")
    assert headers["Retry-After"] == "5"
    assert headers["RateLimit"] == '"own";r=0;t=10'


def test_the_policy_says_how_fast_each_token_may_be(proxy: Proxy) -> None:
    """The policy's rate holds at the gate from the next request on, for each token apart (S42)."""
    token = bound(proxy)
    allows(proxy.replica, 0.5)
    status, headers, _ = proxy.ask(token, HERE)
    assert (status, headers["RateLimit-Policy"]) == ("200 OK", '"token";q=1;w=1')
    status, headers, _ = proxy.ask(token, HERE)
    assert (status, headers["Counterfoil-Status"], headers["Retry-After"]) == (
        "403 Forbidden", "429", "2",
    )  # fmt: skip
    (error,) = json.loads(headers["Counterfoil-Error"])["errors"]
    assert (error["code"], error["meta"]["violated-policies"]) == ("RATE_LIMIT_EXCEEDED", ["token"])
    assert proxy.ask(holder(proxy.replica, READ, token=BASE + 302), HERE)[0] == "200 OK"
    allows(proxy.replica, None)
    status, headers, _ = proxy.ask(token, HERE)
    assert (status, "RateLimit" in headers) == ("200 OK", False)


def test_of_two_rates_each_holds(proxy: Proxy, tmp_path: Path) -> None:
    """A token with a rate of its own keeps the policy's besides, and both are explained (I2)."""
    token = bound(proxy, rate=(2, 1000))
    allows(proxy.replica, 3)
    told = explained(proxy, tmp_path, token)
    assert told["rate"] == (True, "2 of 2 requests are left")
    assert told["delivery_rate"] == (True, "3 of 3 requests are left")
    assert [proxy.ask(token, HERE)[0] for _ in range(2)] == ["200 OK"] * 2
    told = explained(proxy, tmp_path, token)
    assert (list(told)[-1], told["rate"][0]) == ("rate", False)
    allows(proxy.replica, 0.001)
    other = bound(proxy, rate=(2, 1000), token=BASE + 303)
    assert proxy.ask(other, HERE)[0] == "200 OK"
    told = explained(proxy, tmp_path, other)
    assert told["rate"] == (True, "1 of 2 requests are left")
    assert not told["delivery_rate"][0]


def test_who_shows_no_token_has_no_rate(proxy: Proxy) -> None:
    """What is open to everybody is nobody's request, however low the policy's rate is."""
    allows(proxy.replica, 0.01)
    passed = [proxy.ask("", HERE, "/health")[0] for _ in range(3)]
    assert passed == ["200 OK"] * 3


@pytest.mark.parametrize(("address", "reason"), [(HERE, "ALLOWED"), (ELSEWHERE, "IP_NOT_ALLOWED")])
@pytest.mark.parametrize("door", ["decision", "explain"])
def test_a_program_asks_for_an_address(
    proxy: Proxy, tmp_path: Path, door: str, address: str, reason: str
) -> None:
    """What would become of a request from an address is said, and why (X9)."""
    token = bound(proxy, networks=("192.0.2.0/24",))
    api = spell(Prefix.API, SHOP)
    question = {
        "token": token,
        "action": "GET",
        "resource": {"api": api, "path": "/items"},
        "context": {"ip": address},
    }
    raw = tmp_path / "question"
    raw.write_bytes(json.dumps(question).encode())
    said: list[Any] = []
    with raw.open("rb") as sent:
        [body] = proxy.gateway(
            {"PATH_INFO": f"/authz/{door}", "REQUEST_METHOD": "POST", "wsgi.input": sent},
            lambda *line: said.extend(line),
        )
    answer = json.loads(body)
    assert answer["reason"] == reason
    if door == "explain":
        told = [(check["rule"], check["ok"]) for check in answer["checks"]]
        assert told[:2] == [("credential", True), ("networks", reason == "ALLOWED")]


def explained(proxy: Proxy, tmp_path: Path, token: str) -> dict[str, tuple[bool, str]]:
    """Return each check of what the token would get from here: whether it held, and why."""
    question = {
        "token": token,
        "action": "GET",
        "resource": {"api": spell(Prefix.API, SHOP), "path": "/items"},
        "context": {"ip": HERE},
    }
    raw = tmp_path / "question"
    raw.write_bytes(json.dumps(question).encode())
    with raw.open("rb") as sent:
        [body] = proxy.gateway(
            {"PATH_INFO": "/authz/explain", "REQUEST_METHOD": "POST", "wsgi.input": sent},
            lambda *_line: None,
        )
    return {one["rule"]: (one["ok"], one["detail"]) for one in json.loads(body)["checks"]}


def test_each_condition_is_a_check_of_its_own(proxy: Proxy, tmp_path: Path) -> None:
    """Whoever asks why reads of start, networks and rate apart, and a question costs no request."""
    token = bound(proxy, networks=("192.0.2.0/24",), rate=(2, 10), not_before=NOW - SECOND)
    told = [explained(proxy, tmp_path, token) for _ in range(3)][-1]
    rules = ["credential", "not_before", "networks", "route", "scope", "node", "rate"]
    assert list(told) == rules
    assert all(held for held, _ in told.values())
    assert told["rate"][1] == "2 of 2 requests are left"
    assert [proxy.ask(token, HERE)[0] for _ in range(2)] == ["200 OK"] * 2
    told = explained(proxy, tmp_path, token)
    assert list(told) == rules
    assert not told["rate"][0]


def test_a_token_that_works_later_is_explained(proxy: Proxy, tmp_path: Path) -> None:
    """Too early is the check that fails, by its own name."""
    told = explained(proxy, tmp_path, bound(proxy, not_before=NOW + SECOND))
    assert {rule: held for rule, (held, _) in told.items()} == {"not_before": False}


def test_a_token_without_conditions_has_no_such_check(proxy: Proxy, tmp_path: Path) -> None:
    """Where nothing bounds a token nothing is said of bounds."""
    told = explained(proxy, tmp_path, bound(proxy))
    assert list(told) == ["credential", "route", "scope", "node"]
