"""The page about protecting an API, typed; its gate, and each proxy by what it says to paste."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from docs.pages import ROOT, blocks, commands
from docs.reading import Reader
from docs.terminal import Person
from infra.echo import echo
from infra.nginx import nginx
from infra.proxies import BEFORE, DEPLOY, caddy
from infra.server import Server, gateway, serving
from infra.wait import free_port
from support.sample import Talker

PAGE = "how-to/protect-an-api.md"
TEXT = (ROOT / "docs" / PAGE).read_text()
TRIED_AT = TEXT[: TEXT.index("## Try it")].count("\n")
SCRIPT = tuple(commands(TEXT, "ann"))
ALL = {one.command for one in SCRIPT}
[GATE] = [one.command for one in SCRIPT if one.terminal == "server"]
TRIED = {one.command for one in SCRIPT if one.line > TRIED_AT}
[STANDS_IN] = [command for command in TRIED if "--stand-in" in command]
[TOKEN] = [command for command in TRIED if command.startswith("export ")]
NOBODYS = "api_0000000000000000"


def pasted(proxy: str) -> list[str]:
    """Return what the page says to paste for a proxy, block by block."""
    section = re.split(rf"^### {proxy}$", TEXT, flags=re.MULTILINE)[1]
    text = re.split(r"^##+ ", section, maxsplit=1, flags=re.MULTILINE)[0]
    return ["\n".join(block.lines) + "\n" for block in blocks(text)]


@dataclass(frozen=True)
class Told:
    """What the page's reader has before any proxy: a server, a gate, an API, a folder."""

    server: Server
    gate: Server
    api: int
    folder: Path
    ann: Person

    def type(self, wanted: set[str], real: Mapping[str, str] | None = None) -> int:
        """Type some of the page's commands; return how many."""
        reader = Reader(
            self.folder,
            self.server.url,
            first="ann",
            people={"ann": self.ann},
            real=real or {},
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
        assert told.type(ALL - TRIED - {GATE}) > 4
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


@contextmanager
def before(kind: str, here: Path, told: Told, api: int) -> Iterator[int]:
    """Run a proxy by what the page says to paste, and say at which port."""
    port = free_port()
    places: dict[str, object] = {
        "127.0.0.1:8401": f"127.0.0.1:{told.gate.port}",
        "127.0.0.1:8000": f"127.0.0.1:{api}",
        NOBODYS: f"api_{told.api}",
    }
    if kind == "nginx":
        [block] = pasted("nginx")
        there: dict[str, object] = {
            "listen 8080": f"listen 127.0.0.1:{port}",
            "/etc/nginx/counterfoil": DEPLOY / kind,
        }
        with nginx(here, put(block, places | there), port):
            yield port
    elif kind == "caddy":
        [block] = pasted("Caddy")
        there = {"http://:8080": f"http://:{port}", "/etc/caddy": DEPLOY / kind}
        with caddy(here, put(block, places | there), port):
            yield port
    else:
        names = {"envoy": ["counterfoil.yaml"], "traefik": ["traefik.yaml", "counterfoil.yaml"]}
        folder = here / "deploy" / kind
        folder.mkdir(parents=True)
        for name, block in zip(names[kind], pasted(kind.title()), strict=True):
            (folder / name).write_text(block)
        with BEFORE[kind](
            here, gate=told.gate.port, api=api, id_=told.api, deploy=here / "deploy"
        ) as at:
            yield at


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
    api = free_port()
    with before(kind, tmp_path, told, api) as port:
        real = {"localhost:8080": f"localhost:{port}", "127.0.0.1:8000": f"127.0.0.1:{api}"}
        assert told.type({TOKEN, STANDS_IN}, real) == 2
        with echo(api) as behind:
            assert told.type(TRIED - {STANDS_IN}, real) > 3
    first = behind.seen[0]
    assert (first.target, first.values("Counterfoil-Token-Name")) == ("/pages/12", ["pages"])
    assert {one.target for one in behind.seen} == {"/pages/12"}


@pytest.mark.parametrize(
    ("proxy", "files"),
    [
        ("Envoy", ["envoy/counterfoil.yaml"]),
        ("Traefik", ["traefik/traefik.yaml", "traefik/counterfoil.yaml"]),
    ],
)
def test_what_is_pasted_is_what_we_ship(proxy: str, files: list[str]) -> None:
    """A configuration that the page shows whole is the one that the other tests try (S51)."""
    assert pasted(proxy) == [(DEPLOY / file).read_text() for file in files]
