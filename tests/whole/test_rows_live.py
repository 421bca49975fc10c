"""A gate that begins is handed the books of its office's host over HTTP, and decides by them."""

from __future__ import annotations

import json
from http.client import HTTPConnection
from pathlib import Path

import pytest

from chaos.plain import plain
from counterfoil.feed.rows import AskRows, Rows, unsealed_rows
from counterfoil.gate.replica import Replica
from counterfoil.gateway.credential import Credential
from counterfoil.gateway.line import Line
from counterfoil.kernel.errors import Code
from counterfoil.runtime.places import Places

NONCE = "0d" * 16


@pytest.mark.slow
def test_a_gate_is_handed_rows(tmp_path: Path) -> None:
    """What a gate has over HTTP is what the host of its office has, row by row (R19, S8)."""
    with plain(tmp_path, many=1, victims=300) as running:
        credential = Credential.read(tmp_path / "gate-0.credential")
        line = Line(f"http://127.0.0.1:{running.office.port}", credential.secret)
        frames = [
            unsealed_rows(frame, credential.key, NONCE) for frame in line.rows(AskRows(NONCE, 0, 0))
        ]
        assert answered(running.office.port, "/gates/rows") == Code.MISSING_AUTHORIZATION_HEADER
        for one in (running.office, *running.gates):
            one.kill()
    here, there = (Replica(Places(tmp_path / at).replica_dir) for at in ("data", "gate-0/data"))
    books = {name: stands for name, stands in here.dump().items() if stands}
    assert len(books["tokens"]) > 300
    assert here.dump() == there.dump()
    assert gathered(frames) == books
    assert [one.last for one in frames] == [*[False] * (len(frames) - 1), True]


def gathered(frames: list[Rows]) -> dict[str, list[tuple[bytes, bytes]]]:
    found: dict[str, list[tuple[bytes, bytes]]] = {}
    for one in frames:
        found.setdefault(one.book, []).extend(one.rows)
    return found


def answered(port: int, path: str) -> str:
    """Return the code by which a stranger is refused."""
    line = HTTPConnection("127.0.0.1", port, timeout=10)
    line.request("POST", path, b"{}", {"Content-Type": "application/json"})
    told = json.loads(line.getresponse().read())
    line.close()
    return str(told["errors"][0]["code"])
