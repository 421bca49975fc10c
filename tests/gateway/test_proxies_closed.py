"""A proxy whose gate does not answer lets nothing through, by each configuration that we ship."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from infra.echo import echo
from infra.proxies import BEFORE
from infra.wait import free_port
from support.raw_http import say
from support.shop import SHOP
from support.smuggling import Case

PATIENCE_S = 40
"""Traefik waits 30 s for its gate, and has no setting for it; the others wait 2 s at most."""

OPEN = Case("", target="/health", presents=False)


@contextmanager
def talking(answer: bytes) -> Iterator[int]:
    """Serve a gate that says this to whoever asks, and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def talk() -> None:
            while True:
                try:
                    line, _ = listening.accept()
                except OSError:
                    return
                with line:
                    line.recv(65_536)
                    line.sendall(answer)

        thread = threading.Thread(target=talk, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()


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


@pytest.mark.parametrize("gate", GATES)
@pytest.mark.parametrize("kind", sorted(BEFORE))
def test_without_its_gate_a_proxy_lets_nothing_through(
    kind: str, gate: str, tmp_path: Path
) -> None:
    """Gone, asleep, silent, cut short or broken: no answer but a whole yes is one (I7, S51).

    The client is told so before it gives up, however long the gate takes.
    """
    with (
        echo() as api,
        GATES[gate]() as asked,
        BEFORE[kind](tmp_path, gate=asked, api=api.port, id_=SHOP) as port,
    ):
        heard = say(port, OPEN.raw(""), timeout=PATIENCE_S if kind == "traefik" else 5)
    assert heard.status >= 400
    assert api.seen == []
