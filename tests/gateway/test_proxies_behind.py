"""A proxy behind another one: by which lines it believes that one about the client's address."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TypeAlias

import pytest

from docs.pages import ROOT
from infra.echo import echo
from infra.nginx import nginx
from infra.proxies import BEFORE, DEPLOY, caddy, snippet
from infra.wait import free_port
from support.gate import BASE
from support.proxied import Live
from support.raw_http import say
from support.shop import SHOP, at_home
from support.smuggling import Case

BALANCER, STRANGER = "127.0.0.8", "127.0.0.10"
CLIENT, OTHER = "192.0.2.7", "192.0.2.8"
SAID = {
    "nginx": ("set_real_ip_from 10.0.0.0/8;", "real_ip_header X-Forwarded-For;"),
    "caddy": ("servers {", "trusted_proxies static 10.0.0.0/8", "trusted_proxies_strict", "}"),
    "envoy": ("xff_num_trusted_hops: 1",),
}
"""What the page says to add, line by line."""
TLS = "set $counterfoil_proto https;"
"""What it says besides of nginx where the balancer ends TLS."""
PAGE = (ROOT / "docs" / "how-to" / "protect-an-api.md").read_text()

Running: TypeAlias = Callable[[Path, dict[str, int], str], AbstractContextManager[int]]


@contextmanager
def in_nginx(here: Path, at: dict[str, int], lines: str) -> Iterator[int]:
    port = free_port()
    [site] = snippet("nginx", gate=at["gate"], api=at["api"], id_=SHOP, port=port)
    below, before = "    location / {", "    set "
    assert below in site
    text = site.replace(before, f"{lines}\n{before}", 1).replace(below, f"{TLS}\n{below}", 1)
    with nginx(here, text, port):
        yield port


@contextmanager
def in_caddy(here: Path, at: dict[str, int], lines: str) -> Iterator[int]:
    port = free_port()
    [sites] = snippet("caddy", gate=at["gate"], api=at["api"], id_=SHOP, port=port)
    with caddy(here, sites, port, lines):
        yield port


@contextmanager
def in_envoy(here: Path, at: dict[str, int], lines: str) -> Iterator[int]:
    file = here / "deploy" / "envoy" / "envoy-counterfoil.yaml"
    file.parent.mkdir(parents=True)
    text, line = (DEPLOY / "envoy" / file.name).read_text(), "use_remote_address: true\n"
    assert line in text
    file.write_text(text.replace(line, f"{line}                {lines}\n"))
    before = BEFORE["envoy"](here, gate=at["gate"], api=at["api"], id_=SHOP, deploy=here / "deploy")
    with before as port:
        yield port


RUN: dict[str, Running] = {"nginx": in_nginx, "caddy": in_caddy, "envoy": in_envoy}


@pytest.mark.parametrize("kind", sorted(RUN))
def test_a_proxy_that_is_trusted_says_who_the_client_is(
    kind: str, live: Live, tmp_path: Path
) -> None:
    """A balancer's word on its client is the client's address, and a client's own word is not.

    What a client writes stands before what the balancer adds, and is not looked at (S42).
    """
    assert all(line in PAGE for line in (*SAID[kind], TLS))
    lines = "\n".join(SAID[kind]).replace("10.0.0.0/8", f"{BALANCER}/32")
    token = at_home(live.replica, f"{CLIENT}/32", token=BASE + 390 + sorted(RUN).index(kind))

    def hears(source: str, said: str) -> int:
        headers = (("X-Forwarded-For", said), ("X-Forwarded-Proto", "https"))
        case = Case("", target="/items/18", headers=headers)
        return say(port, case.raw(token), source=source).status

    with echo() as api:
        at = {"gate": live.gate.port, "api": api.port}
        with RUN[kind](tmp_path, at, lines) as port:
            assert hears(BALANCER, CLIENT) == 200
            assert hears(BALANCER, f"{OTHER}, {CLIENT}") == 200
            for seen in api.seen:
                assert CLIENT in seen.values("X-Forwarded-For")[0], seen
                assert seen.values("X-Forwarded-Proto") == ["https"], seen
            assert hears(BALANCER, f"{CLIENT}, {OTHER}") == 403
            if kind != "envoy":  # which believes whoever reaches it, as the page says
                assert hears(STRANGER, CLIENT) == 403
