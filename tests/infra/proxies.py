"""Real proxies in front of an API, each by the configuration that we ship.

Only addresses are put in: where the proxy listens, where gate and API are, and the API's id. A test
may name a copy of `deploy/` in which it has changed something.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final, Protocol

from infra.nginx import nginx
from infra.wait import free_port, listens, wait_until
from support.raw_http import say

DEPLOY: Final = Path(__file__).parents[2] / "deploy"
BIN: Final = Path(sys.executable).parent
_NOBODYS: Final = "api_0000000000000000"

NGINX: Final = """
upstream counterfoil {{ server 127.0.0.1:{gate}; keepalive 32; }}
upstream app {{ server 127.0.0.1:{api}; }}
server {{
    listen 127.0.0.1:{port};
    set $counterfoil_api api_{id};
    include {deploy}/nginx/gate.conf;
    location / {{
        include {deploy}/nginx/protect.conf;
        proxy_pass http://app;
    }}
}}
"""

_CADDY_ITSELF: Final = """
{
	admin off
	auto_https off
	persist_config off
	default_bind 127.0.0.1
	%s
}
"""
CADDY: Final = """
import {deploy}/caddy/counterfoil.caddy
http://:{port} {{
	route {{
		import counterfoil api_{id} 127.0.0.1:{gate}
		reverse_proxy 127.0.0.1:{api}
	}}
}}
"""


_ANYTHING: Final = b"GET /nothing HTTP/1.1\r\nHost: api.test\r\nConnection: close\r\n\r\n"
_UNROUTED: Final = 404


class Before(Protocol):
    """Runs a proxy in front of an API, and says at which port."""

    def __call__(
        self, here: Path, *, gate: int, api: int, id_: int, deploy: Path = DEPLOY
    ) -> AbstractContextManager[int]: ...


@contextmanager
def nginx_before(
    here: Path, *, gate: int, api: int, id_: int, deploy: Path = DEPLOY
) -> Iterator[int]:
    """Run nginx."""
    port = free_port()
    server = NGINX.format(gate=gate, api=api, port=port, id=id_, deploy=deploy)
    with nginx(here, server, port):
        yield port


@contextmanager
def caddy_before(
    here: Path, *, gate: int, api: int, id_: int, deploy: Path = DEPLOY
) -> Iterator[int]:
    """Run Caddy."""
    port = free_port()
    with caddy(here, CADDY.format(gate=gate, api=api, port=port, id=id_, deploy=deploy), port):
        yield port


@contextmanager
def caddy(here: Path, sites: str, port: int, itself: str = "") -> Iterator[None]:
    """Run Caddy with sites of which one listens on a port, of this machine alone.

    Args:
        here: a folder of its own.
        sites: as they stand in a Caddyfile.
        port: where one of them listens.
        itself: more of its global options.
    """
    conf = here / "Caddyfile"
    conf.write_text(_CADDY_ITSELF % itself + sites)
    command: list[Path | str] = [BIN / "caddy", "run", "--config", conf, "--adapter", "caddyfile"]
    with _running(here, command, port):
        yield


@contextmanager
def envoy_before(
    here: Path, *, gate: int, api: int, id_: int, deploy: Path = DEPLOY
) -> Iterator[int]:
    """Run Envoy."""
    port = free_port()
    conf = here / "envoy.yaml"
    conf.write_text(
        (deploy / "envoy" / "counterfoil.yaml")
        .read_text()
        .replace("address: 0.0.0.0", "address: 127.0.0.1")
        .replace("port_value: 8080", f"port_value: {port}")
        .replace("port_value: 8000", f"port_value: {api}")
        .replace("port_value: 8401", f"port_value: {gate}")
        .replace(_NOBODYS, f"api_{id_}")
    )
    command: list[Path | str] = [
        BIN / "envoy",
        "-c",
        conf,
        "--disable-hot-restart",
        "--concurrency",
        "1",
    ]
    with _running(here, command, port):
        yield port


@contextmanager
def traefik_before(
    here: Path, *, gate: int, api: int, id_: int, deploy: Path = DEPLOY
) -> Iterator[int]:
    """Run Traefik."""
    port = free_port()
    ships = deploy / "traefik"
    static, dynamic = here / "traefik.yaml", here / "counterfoil.yaml"
    static.write_text(
        (ships / "traefik.yaml")
        .read_text()
        .replace(":8080", f"127.0.0.1:{port}")
        .replace("filename: counterfoil.yaml", f"filename: {dynamic}")
        + "global: {checkNewVersion: false, sendAnonymousUsage: false}\n"
    )
    dynamic.write_text(
        (ships / "counterfoil.yaml")
        .read_text()
        .replace(":8401", f":{gate}")
        .replace(":8000", f":{api}")
        .replace(_NOBODYS, f"api_{id_}")
    )
    with _running(here, [BIN / "traefik", f"--configfile={static}"], port):
        wait_until(lambda: _is_routed(port), "Traefik to know its routes")
        yield port


def _is_routed(port: int) -> bool:
    """Whether requests are asked about: who waits for the gate's answer is routed."""
    try:
        return say(port, _ANYTHING, timeout=2).status != _UNROUTED
    except TimeoutError:
        return True


@contextmanager
def _running(here: Path, command: Sequence[Path | str], port: int) -> Iterator[None]:
    log = here / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            cwd=here,
            env={"PATH": os.environ["PATH"], "HOME": str(here)},
        )
    try:
        wait_until(lambda: listens(port) or process.poll() is not None, f"{command[0]} to listen")
        assert process.poll() is None, log.read_text()
        yield
    finally:
        process.terminate()
        process.wait(20)


BEFORE: Final[dict[str, Before]] = {
    "nginx": nginx_before,
    "caddy": caddy_before,
    "envoy": envoy_before,
    "traefik": traefik_before,
}
