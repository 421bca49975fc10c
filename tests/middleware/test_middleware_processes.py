"""The replica belongs to a process: it is opened after the fork, and one office keeps it up."""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from counterfoil.feed.event import TokenStruck
from counterfoil.gate.replica import Replica
from counterfoil.secret import digest
from middleware.conftest import Host
from support.frameworks import API, FRAMEWORKS, Send
from support.gate import BASE, tell

_FORK = multiprocessing.get_context("fork")


def _serve(send: Send, token: str, line: Connection) -> None:
    for _ in range(2):
        line.recv()
        line.send(send("GET", "/items/17", token).status)


def _in_a_child(send: Send, token: str) -> tuple[Callable[[], int], BaseProcess]:
    """Fork, and return what asks the child, twice."""
    here, there = _FORK.Pipe()
    child = _FORK.Process(target=_serve, args=(send, token, there), daemon=True)
    child.start()

    def ask() -> int:
        here.send("ask")
        return int(here.recv())

    return ask, child


def test_a_child_opens_its_own(host: Host) -> None:
    """An application that is made before the fork opens its books after it, in each process."""
    token = host.tokens["reader"]
    assert token is not None
    with FRAMEWORKS["wsgi"](api=API, data_dir=host.data_dir) as send:
        ask, child = _in_a_child(send, token)
        assert (send("GET", "/items/17", token).status, ask()) == (200, 200)
        tell(host.replica, TokenStruck(token=BASE + 301, digests=(digest(token),)))
        assert (send("GET", "/items/17", token).status, ask()) == (401, 401)
        child.join(30)
        assert child.exitcode == 0


def test_a_child_never_reads_its_parents(host: Host) -> None:
    """A child of a process that has them open lets nobody in, and the parent is none the worse."""
    token = host.tokens["reader"]
    assert token is not None
    with FRAMEWORKS["wsgi"](api=API, data_dir=host.data_dir) as send:
        assert send("GET", "/items/17", token).status == 200
        ask, child = _in_a_child(send, token)
        assert (ask(), ask()) == (503, 503)
        child.join(30)
        assert child.exitcode == 0
        assert send("GET", "/items/17", token).status == 200


_OFFICE = """
import sys
from pathlib import Path
from counterfoil.feed.event import TokenStruck
from counterfoil.gate.replica import Replica
replica = Replica(Path(sys.argv[1]))
at = replica.position() + 1
replica.apply(at, TokenStruck(token=int(sys.argv[2]), digests=(bytes.fromhex(sys.argv[3]),)))
replica.close()
"""


def test_what_another_process_revokes_is_gone_here(host: Host) -> None:
    """A token that the office of the host revokes is refused by the next request here (S19)."""
    token = host.tokens["reader"]
    assert token is not None
    replica: Replica = host.replica
    with FRAMEWORKS["asgi"](api=API, data_dir=host.data_dir) as send:
        assert send("GET", "/items/17", token).status == 200
        program = [sys.executable, "-c", _OFFICE, str(replica.path), str(BASE + 301)]
        subprocess.run([*program, digest(token).hex()], check=True, timeout=60)
        assert send("GET", "/items/17", token).code == "INVALID_TOKEN"


def test_no_framework_is_needed() -> None:
    """The middleware for bare applications, and a gate in memory, import no framework."""
    program = (
        "import sys, counterfoil.middleware.asgi, counterfoil.middleware.wsgi\n"
        "import counterfoil.testing.memory_gate\n"
        "known = {'django', 'flask', 'fastapi', 'starlette', 'falcon', 'sqlalchemy'}\n"
        "print(*sorted(known & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, timeout=60
    )
    assert done.stdout == "\n"
