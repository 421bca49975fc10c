"""Where an API tells of itself (RFC 9728), by what the page about MCP servers says to paste."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import pytest
import yaml

from docs.pages import ROOT, blocks
from infra.echo import echo
from infra.nginx import nginx
from infra.proxies import caddy, envoy_before, snippet, traefik_before
from infra.wait import free_port
from support.proxied import Live
from support.raw_http import ask
from support.shop import SHOP

WHERE = "/.well-known/oauth-protected-resource"
PASTED = [
    "\n".join(block.lines)
    for block in blocks((ROOT / "docs/how-to/protect-an-mcp-server.md").read_text())
    if block.language != "console" and any(WHERE in line for line in block.lines)
]
Ports: TypeAlias = dict[str, int]


def put(text: str, office: int) -> str:
    """Return what is pasted with the API's id, and an office that speaks plain HTTP here."""
    text = text.replace("https://counterfoil.example.com", f"http://127.0.0.1:{office}")
    return text.replace("api_0000000000000000", f"api_{SHOP}")


def site(text: str, kind: str, before: str, ports: Ports) -> str:
    """Return a site with what is pasted before a line of it."""
    [whole] = snippet(kind, gate=ports["gate"], api=ports["api"], id_=SHOP, port=ports["port"])
    assert whole.count(before) == 1
    return whole.replace(before, f"{text}\n{before}")


@contextmanager
def in_nginx(here: Path, text: str, ports: Ports) -> Iterator[int]:
    with nginx(here, site(text, "nginx", "    location / {", ports), ports["port"]):
        yield ports["port"]


@contextmanager
def in_caddy(here: Path, text: str, ports: Ports) -> Iterator[int]:
    with caddy(here, site(text, "caddy", "\troute {", ports), ports["port"]):
        yield ports["port"]


def in_traefik(here: Path, text: str, ports: Ports) -> Any:
    def change(whole: Any) -> None:
        for part, more in yaml.safe_load(text)["http"].items():
            whole["http"][part] |= more

    return traefik_before(here, gate=ports["gate"], api=ports["api"], id_=SHOP, change=change)


def in_envoy(here: Path, text: str, ports: Ports) -> Any:
    def change(whole: Any) -> None:
        resources = whole["static_resources"]
        [chain] = resources["listeners"][0]["filter_chains"]
        [host] = chain["filters"][0]["typed_config"]["route_config"]["virtual_hosts"]
        host["routes"] = [*yaml.safe_load(text), *host["routes"]]
        address = {"socket_address": {"address": "127.0.0.1", "port_value": ports["office"]}}
        endpoints = [{"lb_endpoints": [{"endpoint": {"address": address}}]}]
        office = {"cluster_name": "office", "endpoints": endpoints}
        resources["clusters"].append({"name": "office", "load_assignment": office})

    return envoy_before(here, gate=ports["gate"], api=ports["api"], id_=SHOP, change=change)


RUN: dict[str, Any] = {
    "nginx": in_nginx,
    "caddy": in_caddy,
    "traefik": in_traefik,
    "envoy": in_envoy,
}


@pytest.mark.parametrize(("kind", "text"), [*zip(RUN, PASTED, strict=True)], ids=RUN)
def test_the_api_tells_where_tokens_come_from(
    kind: str, text: str, live: Live, tmp_path: Path
) -> None:
    """Who has no token yet hears from the API's own address of its office, and nothing else."""
    with echo() as api, echo() as office:
        ports = {
            "gate": live.gate.port, "api": api.port, "office": office.port, "port": free_port(),
        }  # fmt: skip
        with RUN[kind](tmp_path, put(text, office.port), ports) as port:
            assert ask(port, "GET", WHERE).status == 200
            for path in ("/items/17", f"{WHERE}/../items/17", f"{WHERE}/../../items/17"):
                assert ask(port, "GET", path).status in {400, 401}
    assert [one.target for one in office.seen] == [f"{WHERE}/api_{SHOP}"]
    assert office.seen[0].values("Host") != ["localhost"]
    assert api.seen == []
