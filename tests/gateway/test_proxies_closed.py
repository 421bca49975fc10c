"""A proxy whose gate does not answer lets nothing through, by each configuration that we ship."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TypeAlias

import pytest

from counterfoil.feed.event import EpochRecorded
from docs.pages import ROOT
from infra.accepting import accepting
from infra.echo import Seen, echo
from infra.proxies import BEFORE
from infra.server import gateway
from infra.wait import free_port
from support.gate import mint
from support.proxied import Live
from support.raw_http import Heard, say
from support.shop import SHOP, shop_in
from support.smuggling import Case

PATIENCE_S = 40
"""Traefik waits 30 s for its gate, and has no setting for it; the others wait 2 s at most."""

OPEN = Case("", target="/health", presents=False)


@contextmanager
def talking(answer: bytes) -> Iterator[int]:
    """Serve a gate that says this to whoever asks, and hangs up."""

    def talk(line: socket.socket) -> None:
        line.recv(65_536)
        line.sendall(answer)

    with accepting(talk) as port:
        yield port


@contextmanager
def asleep() -> Iterator[int]:
    """Serve a gate that lets everybody in, hears what is asked, and says nothing to it."""
    heard: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def take() -> None:
            while True:
                try:
                    line, _ = listening.accept()
                except OSError:
                    return
                heard.append(line)

        thread = threading.Thread(target=take, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()
    for line in heard:
        line.close()


@contextmanager
def gone() -> Iterator[int]:
    """Name a port on which nobody listens."""
    yield free_port()


GATES: dict[str, Callable[[], AbstractContextManager[int]]] = {
    "gone": gone,
    "asleep": asleep,
    "silent": lambda: talking(b""),
    "cut short": lambda: talking(b"HTTP/1.1 200 OK\r\nCounterfoil-Subj"),
    "talking nonsense": lambda: talking(b"yes\r\n\r\n"),
    "broken": lambda: talking(b"HTTP/1.1 500 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
}


SEEN = {"nginx": (503, 503), "caddy": (502, 504), "envoy": (503, 503), "traefik": (500, 500)}
"""What a client is told where the gate gives no whole answer, and where it gives none in time."""
PAGE = ROOT / "docs" / "how-to" / "protect-an-api.md"
LONGEST = ("traefik", "asleep")

Asked: TypeAlias = tuple[Heard, list[Seen]]
"""What the client heard, and what reached the API."""


def ask(kind: str, gate: str, folder: Path) -> Asked:
    """Ask a proxy that has such a gate."""
    with (
        echo() as api,
        GATES[gate]() as asked,
        BEFORE[kind](folder, gate=asked, api=api.port, id_=SHOP) as port,
    ):
        heard = say(port, OPEN.raw(""), timeout=PATIENCE_S if kind == "traefik" else 5)
    return heard, api.seen


@pytest.fixture(scope="module")
def longest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Future[Asked]]:
    """Ask what takes half a minute while the others are asked: each has an echo of its own."""
    with ThreadPoolExecutor(1) as aside:
        yield aside.submit(ask, *LONGEST, tmp_path_factory.mktemp("longest"))


@pytest.mark.parametrize("gate", GATES)
@pytest.mark.parametrize("kind", sorted(BEFORE))
def test_without_its_gate_a_proxy_lets_nothing_through(
    kind: str, gate: str, tmp_path: Path, longest: Future[Asked]
) -> None:
    """Gone, asleep, silent, cut short or broken: no answer but a whole yes is one (I7, S51).

    The client is told so before it gives up, however long the gate takes.
    """
    found = longest.result() if (kind, gate) == LONGEST else ask(kind, gate, tmp_path)
    heard, reached = found
    handed_on = kind == "caddy" and gate == "broken"  # a whole answer, whatever it is
    assert heard.status == (500 if handed_on else SEEN[kind][gate == "asleep"])
    assert reached == []
    if kind == "nginx":
        assert heard.json["errors"][0]["code"] == "NOT_READY"
        assert heard.header("retry-after") == "1"


@pytest.mark.parametrize("kind", sorted(BEFORE))
def test_the_page_says_what_is_seen_then(kind: str) -> None:
    """The table of the page about protecting an API has these statuses."""
    rows = PAGE.read_text().splitlines()
    [row] = [one for one in rows if one.lower().startswith(f"| {kind} |")]
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert [int(cell[:3]) for cell in cells[1:3]] == [*SEEN[kind]]


@pytest.mark.parametrize("kind", sorted(BEFORE))
def test_a_gate_that_cannot_know_is_no_forbidding(kind: str, tmp_path: Path) -> None:
    """Where the gate itself says 503, every proxy says so: nobody is told that they may not."""
    home = tmp_path / "data"
    home.mkdir(mode=0o700)
    with shop_in(home) as replica, gateway(home) as gate, echo() as api:
        closing = EpochRecorded(epoch=1, quarantined=True)
        replica.write(lambda txn: replica.books.write(txn, closing))
        with BEFORE[kind](tmp_path, gate=gate.port, api=api.port, id_=SHOP) as port:
            heard = say(port, Case("", target="/items/17").raw(mint()))
    assert heard.status == 503
    assert api.seen == []
    if kind != "envoy":
        assert heard.json["errors"][0]["code"] == "QUARANTINED"
        assert heard.header("retry-after") == "1"


def test_an_apis_own_failure_passes(live: Live, tmp_path: Path) -> None:
    """What the API says of itself is not taken for the gate's silence, by nginx either."""
    with (
        talking(b"HTTP/1.1 500 No\r\nContent-Length: 4\r\nConnection: close\r\n\r\nmine") as api,
        BEFORE["nginx"](tmp_path, gate=live.gate.port, api=api, id_=SHOP) as port,
    ):
        heard = say(port, OPEN.raw(""))
    assert (heard.status, heard.body) == (500, b"mine")
