"""`counterfoil doctor --proxy`: finds what a proxy lets through that it should not."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from counterfoil.cli.doctor.finding import Health
from counterfoil.cli.doctor.proxy import Proxy, look
from infra import proxies
from infra.echo import echo
from infra.nginx import nginx
from infra.wait import free_port
from support.proxied import Live, Proxied
from support.shop import SHOP

Run: TypeAlias = Callable[[str, str, str], dict[str, Health]]
DICE = random.Random(11)


def found(port: int, token: str) -> dict[str, Health]:
    """Return how each thing is."""
    proxy = Proxy(f"http://127.0.0.1:{port}/items/17?a=1", DICE.randbytes)
    return {one.what: one.health for one in look(proxy, token)}


def test_what_we_ship_is_in_order(proxied: Proxied) -> None:
    """A proxy that is set up as we ship it passes every probe."""
    assert set(found(proxied.port, proxied.live.tokens.shelf).values()) == {Health.GOOD}


@pytest.fixture
def mended(tmp_path: Path, live: Live) -> Run:
    """Run nginx with a line of our configuration replaced."""

    def run(file: str, line: str, instead: str) -> dict[str, Health]:
        deploy = tmp_path / "deploy" / "nginx"
        deploy.mkdir(parents=True)
        for name in ("gate.conf", "protect.conf"):
            text = (proxies.DEPLOY / "nginx" / name).read_text()
            assert name != file or line in text
            (deploy / name).write_text(text.replace(line, instead))
        port = free_port()
        with echo() as api:
            server = proxies.NGINX.format(
                gate=live.gate.port, api=api.port, port=port, id=SHOP, deploy=tmp_path / "deploy"
            )
            with nginx(tmp_path, server, port):
                return found(port, live.tokens.shelf)

    return run


@pytest.mark.parametrize(
    ("file", "line", "instead", "wrong"),
    [
        ("protect.conf", "auth_request /_counterfoil;", "", {"no token", "unknown token"}),
        (
            "gate.conf",
            "proxy_set_header X-Original-URI $request_uri;",
            "",
            {"forged X-Original-URI"},
        ),
        ("gate.conf", "underscores_in_headers off;", "underscores_in_headers on;",
         {"forged Counterfoil_Subject"}),
        ("gate.conf", 'proxy_set_header Counterfoil-Subject "";', "",
         {"forged Counterfoil-Subject"}),
    ],
)  # fmt: skip
def test_a_line_that_is_missing_is_found(
    mended: Run, file: str, line: str, instead: str, wrong: set[str]
) -> None:
    """The doctor names what a proxy lets through once a line of its configuration is gone."""
    seen = mended(file, line, instead)
    assert wrong <= {what for what, health in seen.items() if health is Health.BAD}
