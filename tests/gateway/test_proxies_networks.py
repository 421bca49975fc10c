"""From where a request comes, through each proxy by the configuration that we ship."""

from __future__ import annotations

import pytest

from infra.proxies import BEFORE
from infra.wait import wait_until
from support.decisions import told
from support.gate import BASE
from support.proxied import Proxied
from support.raw_http import Heard, say
from support.shop import at_home
from support.smuggling import Case

HOME, ELSEWHERE = "127.0.0.9", "127.0.0.10"
"""Two clients, neither of them where the proxy is."""

_SAID = (
    *("X-Forwarded-For", "X_Forwarded_For", "X.Forwarded.For", "X-Real-IP", "True-Client-IP"),
    *("X-Original-Address", "X_Original_Address", "X.Original.Address", "X-Client-IP"),
    *("X-Envoy-External-Address", "X-Envoy-Original-Dst-Host", "CF-Connecting-IP"),
)
FORGED = (
    *(((name, HOME),) for name in _SAID),
    *(((name, HOME), (name, HOME)) for name in _SAID),
    *(((name, HOME), ("Connection", f"close, {name}")) for name in _SAID),
    (("Forwarded", f"for={HOME}"),),
    (("X-Forwarded-For", f"{ELSEWHERE}, {HOME}"),),
    (("X-Forwarded-For", ""), ("X-Original-Address", "")),
)
_BESIDES = (
    *("0.0.0.0/2", "64.0.0.0/3", "96.0.0.0/4", "112.0.0.0/5", "120.0.0.0/6", "124.0.0.0/7"),
    *("126.0.0.0/8", "128.0.0.0/1"),
)
"""All networks of IPv4 but 127.0.0.0/8."""


def ask(proxied: Proxied, token: str, source: str, *headers: tuple[str, str]) -> Heard:
    return say(
        proxied.port, Case("", target="/items/18", headers=headers).raw(token), source=source
    )


@pytest.fixture
def number(proxied: Proxied) -> int:
    """The id of a token for each proxy."""
    return BASE + 350 + sorted(BEFORE).index(proxied.kind)


def test_a_token_holds_in_its_networks_through_every_proxy(proxied: Proxied, number: int) -> None:
    """A network is the client's: neither the proxy's own nor one that a client writes (S42).

    The same token passes from its network, whatever is written beside it.
    """
    token = at_home(proxied.live.replica, f"{HOME}/32", token=number)
    proxied.api.seen.clear()
    assert ask(proxied, token, HOME).status == 200
    assert ask(proxied, token, HOME, ("X-Forwarded-For", ELSEWHERE)).status == 200
    assert ask(proxied, token, HOME, ("X-Original-Address", ELSEWHERE)).status == 200
    assert len(proxied.api.seen) == 3
    for headers in ((), *FORGED):
        heard = ask(proxied, token, ELSEWHERE, *headers)
        assert heard.status in {400, 403}, headers
    heard = ask(proxied, token, ELSEWHERE)
    assert (heard.status, heard.json["errors"][0]["code"]) == (403, "IP_NOT_ALLOWED")
    assert len(proxied.api.seen) == 3


def test_who_is_on_the_proxys_own_machine_is_that(proxied: Proxied, number: int) -> None:
    """A client at 127.0.0.1 is no other address of its machine, as which Envoy forwards it."""
    here = at_home(proxied.live.replica, "127.0.0.1/32", token=number)
    proxied.api.seen.clear()
    assert ask(proxied, here, "127.0.0.1").status == 200
    assert ask(proxied, here, HOME).status == 403
    anywhere_else = at_home(proxied.live.replica, *_BESIDES, "::/0", token=number + len(BEFORE))
    assert ask(proxied, anywhere_else, "127.0.0.1").status == 403
    assert len(proxied.api.seen) == 1


def test_the_trail_names_the_client(proxied: Proxied, number: int) -> None:
    """What goes on record of a request through a proxy is whose it is: its address, its program."""
    token = at_home(proxied.live.replica, "127.0.0.0/8", token=number)
    program = ("User-Agent", "harbour-build/2.1")
    proxied.api.seen.clear()
    assert ask(proxied, token, HOME, ("X-Forwarded-For", ELSEWHERE), program).status == 200
    [id_] = proxied.api.seen[0].values("Counterfoil-Request-Id")
    rows: dict[str, tuple[str, str]] = {}

    def is_written() -> bool:
        rows.update({one.request_id: (one.address, one.agent) for one in told(proxied.live.home)})
        return id_ in rows

    wait_until(is_written, "the decision to be written")
    assert rows[id_] == (HOME, program[1])
