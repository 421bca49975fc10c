"""Real proxies in front of an API that is not protected, each by what we ship to have it watched.

That is the configuration below `deploy/`, with addresses put in: where proxy, gate and API listen,
the way of the copies, and the API's id.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from docs.pages import nginx_of
from infra.nginx import nginx
from infra.proxies import BIN, DEPLOY, caddy, envoy_by, is_routed, running
from infra.wait import free_port, wait_until


class Places(NamedTuple):
    """Where things are: a folder for the proxy, the gate's port and the API's, its id.

    A test may name a copy of `deploy/` in which it has changed something.
    """

    here: Path
    gate: int
    api: int
    id_: int
    deploy: Path = DEPLOY


def _told(path: str, at: Places, port: int, way: int) -> str:
    text = (at.deploy / path).read_text()
    for shown, real in (
        ("api_0000000000000000", f"api_{at.id_}"),
        ("127.0.0.1:8401", f"127.0.0.1:{at.gate}"),
        ("127.0.0.1:8402", f"127.0.0.1:{way}"),
        ("127.0.0.1:8000", f"127.0.0.1:{at.api}"),
        ("port_value: 8401", f"port_value: {at.gate}"),
        ("port_value: 8402", f"port_value: {way}"),
        ("port_value: 8000", f"port_value: {at.api}"),
        ("0.0.0.0, port_value: 8080", f"127.0.0.1, port_value: {port}"),
        ('":8080"', f"127.0.0.1:{port}"),
    ):
        text = text.replace(shown, real)
    return text


@contextmanager
def _nginx(at: Places) -> Iterator[int]:
    port = free_port()
    conf = nginx_of("how-to/record-an-api.md", gate=at.gate, api=at.api, proxy=port)
    assert "api_0000000000000000" in conf
    conf = conf.replace("api_0000000000000000", f"api_{at.id_}")
    with nginx(at.here, conf.replace(str(DEPLOY), str(at.deploy)), port):
        yield port


@contextmanager
def _envoy(at: Places) -> Iterator[int]:
    port, conf = free_port(), at.here / "envoy.yaml"
    conf.write_text(_told("envoy/envoy-counterfoil-watch.yaml", at, port, free_port()))
    with envoy_by(at.here, conf, port):
        yield port


@contextmanager
def _traefik(at: Places) -> Iterator[int]:
    port, way = free_port(), free_port()
    static = at.here / "traefik-watch.yaml"
    itself = "global: {checkNewVersion: false, sendAnonymousUsage: false}\n"
    static.write_text(_told("traefik/traefik-watch.yaml", at, port, way) + itself)
    name = "traefik-counterfoil-watch.yaml"
    (at.here / name).write_text(_told(f"traefik/{name}", at, port, way))
    with running(at.here, [BIN / "traefik", f"--configfile={static}"], port):
        wait_until(lambda: is_routed(port), "Traefik to know its routes")
        yield port


@contextmanager
def _caddy(at: Places) -> Iterator[int]:
    port, way = free_port(), free_port()
    site = f"""
http://:{port} {{
	route {{
		import counterfoil_watch api_{at.id_} 127.0.0.1:{at.gate}
		reverse_proxy 127.0.0.1:{at.api}
	}}
}}
"""
    with caddy(at.here, _told("caddy/counterfoil-watch.caddy", at, port, way) + site, port):
        yield port


WATCHED: Final[dict[str, Callable[[Places], AbstractContextManager[int]]]] = {
    "nginx": _nginx,
    "caddy": _caddy,
    "envoy": _envoy,
    "traefik": _traefik,
}
