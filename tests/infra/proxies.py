"""Real proxies in front of an API, each by what is pasted to put a gate there.

That is the configuration that we ship, with addresses put in: where proxy, gate (at a port, or
`unix:/path`) and API listen, and the API's id. A test may name a copy of `deploy/` in which it has
changed something.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Final, Protocol

import yaml

from counterfoil.kernel.ids import ApiId
from counterfoil.snippets import SNIPPETS, Whereabouts, pasted
from infra.nginx import nginx
from infra.wait import free_port, listens, wait_until
from support.raw_http import say

DEPLOY: Final = Path(__file__).parents[2] / "deploy"
BIN: Final = Path(sys.executable).parent

_CADDY_ITSELF: Final = """
{
	admin off
	auto_https off
	persist_config off
	default_bind 127.0.0.1
	%s
}
"""
_ANYTHING: Final = b"GET /nothing HTTP/1.1\r\nHost: api.test\r\nConnection: close\r\n\r\n"
_UNROUTED: Final = 404

Change = Callable[[Any], None]
"""Changes what a file of YAML says, once it says where things are."""


class Before(Protocol):
    """Runs a proxy in front of an API, and says at which port."""

    def __call__(
        self, here: Path, *, gate: int | str, api: int, id_: int, deploy: Path = DEPLOY
    ) -> AbstractContextManager[int]: ...


def snippet(
    kind: str, *, gate: int | str, api: int, id_: int, port: int, deploy: Path = DEPLOY
) -> list[str]:
    """Return what is pasted for a proxy, file by file; it listens on this machine alone."""
    place = Whereabouts(
        ApiId(id_),
        "Tested",
        upstream=f"127.0.0.1:{api}",
        port=str(port),
        gate=gate if isinstance(gate, str) else f"127.0.0.1:{gate}",
    )
    texts = [one.text for one in pasted(SNIPPETS[kind], place, deploy)]
    for everywhere, here in (
        (f"listen {port}", f"listen 127.0.0.1:{port}"),
        ("address: 0.0.0.0", "address: 127.0.0.1"),
        (f'":{port}"', f"127.0.0.1:{port}"),
    ):
        texts = [text.replace(everywhere, here) for text in texts]
    return texts


@contextmanager
def nginx_before(
    here: Path, *, gate: int | str, api: int, id_: int, deploy: Path = DEPLOY
) -> Iterator[int]:
    """Run nginx."""
    port = free_port()
    [server] = snippet("nginx", gate=gate, api=api, id_=id_, port=port, deploy=deploy)
    with nginx(here, server, port):
        yield port


@contextmanager
def caddy_before(
    here: Path, *, gate: int | str, api: int, id_: int, deploy: Path = DEPLOY
) -> Iterator[int]:
    """Run Caddy."""
    port = free_port()
    [sites] = snippet("caddy", gate=gate, api=api, id_=id_, port=port, deploy=deploy)
    with caddy(here, sites, port):
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
    with running(here, command, port):
        yield


@contextmanager
def envoy_before(
    here: Path,
    *,
    gate: int | str,
    api: int,
    id_: int,
    deploy: Path = DEPLOY,
    change: Change | None = None,
) -> Iterator[int]:
    """Run Envoy, changed where that is wanted."""
    port = free_port()
    conf = here / "envoy-counterfoil.yaml"
    [told] = snippet("envoy", gate=gate, api=api, id_=id_, port=port, deploy=deploy)
    conf.write_text(_changed(told, change))
    with envoy_by(here, conf, port):
        yield port


@contextmanager
def envoy_by(here: Path, conf: Path, port: int) -> Iterator[None]:
    """Run Envoy by a file."""
    command: list[Path | str] = [BIN / "envoy", "-c", conf]
    with running(here, [*command, "--disable-hot-restart", "--concurrency", "1"], port):
        yield


@contextmanager
def traefik_before(
    here: Path,
    *,
    gate: int | str,
    api: int,
    id_: int,
    deploy: Path = DEPLOY,
    change: Change | None = None,
) -> Iterator[int]:
    """Run Traefik, with what it routes changed where that is wanted."""
    port = free_port()
    static, dynamic = here / "traefik.yaml", here / "traefik-counterfoil.yaml"
    told, rest = snippet("traefik", gate=gate, api=api, id_=id_, port=port, deploy=deploy)
    static.write_text(told + "global: {checkNewVersion: false, sendAnonymousUsage: false}\n")
    dynamic.write_text(_changed(rest, change))
    with running(here, [BIN / "traefik", f"--configfile={static}"], port):
        wait_until(lambda: is_routed(port), "Traefik to know its routes")
        yield port


def _changed(told: str, change: Change | None) -> str:
    if change is None:
        return told
    whole = yaml.safe_load(told)
    change(whole)
    return yaml.safe_dump(whole)


def is_routed(port: int) -> bool:
    """Whether requests are asked about: who waits for the gate's answer is routed."""
    try:
        return say(port, _ANYTHING, timeout=2).status != _UNROUTED
    except TimeoutError:
        return True


@contextmanager
def running(
    here: Path,
    command: Sequence[Path | str],
    port: int,
    environment: Mapping[str, str] | None = None,
) -> Iterator[None]:
    """Run a proxy in a folder, from when it listens."""
    log = here / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            cwd=here,
            env=environment or {"PATH": os.environ["PATH"], "HOME": str(here)},
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
