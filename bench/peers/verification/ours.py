"""Our gate, as a proxy asks it: the token, its holder's live role, the route, scope and node."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench.peers.process import free_port, running
from bench.peers.verification.verifier import Request, Verifier
from bench.shop import API, fill, followed


@contextmanager
def gate(folder: Path, count: int) -> Iterator[Verifier]:
    """Run `counterfoil gate` with one worker."""
    folder.mkdir()
    tokens = fill(folder)[:count]
    port = free_port()
    program = Path(sys.executable).with_name("counterfoil")
    listen = ["--data-dir", str(folder), "--listen", f"127.0.0.1:{port}"]
    with ExitStack() as open_:
        followed(folder, open_)
        pid = open_.enter_context(running([program, "gate", *listen], folder, port, "/readyz", {}))
        yield Verifier("Counterfoil", port, pid, tokens, _asked)


def _asked(token: str) -> Request:
    headers = {
        "X-Forwarded-Method": "GET",
        "X-Forwarded-Uri": "/items/17",
        "X-Forwarded-For": "192.0.2.7",
    }
    bearer = {"Authorization": f"Bearer {token}"} if token else {}
    return Request("GET", f"/authz/forward/api_{API}", headers | bearer)
