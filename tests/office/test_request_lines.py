"""The lines of requests: they wait for a moment, and none is lost, torn or told twice."""

from __future__ import annotations

import io
import json
import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from select import PIPE_BUF
from typing import Any

import pytest

from counterfoil.kernel.entropy import names, system_entropy
from counterfoil.runtime.logging import Request, Requests

AT = datetime(2026, 3, 1, tzinfo=UTC)


def request(id_: str) -> Request:
    return Request(id_, "GET", "GET /cda/items/{id}", 200, 0.1, "org_1", None, AT)


@pytest.fixture
def log() -> Iterator[tuple[Requests, Any]]:
    """Lines that go into a pipe, and its other end."""
    out, in_ = os.pipe()
    with os.fdopen(out, "rb") as reader, os.fdopen(in_, "wb", buffering=0) as writer:
        requests = Requests()
        requests.configure(writer)  # type: ignore[arg-type]
        yield requests, reader
        requests.configure(None)


def test_lines_wait() -> None:
    """Lines are written together and in order, and by whoever brings one too many to wait."""
    requests, out = Requests(), io.StringIO()

    def written() -> list[str]:
        return [json.loads(line)["request_id"] for line in out.getvalue().splitlines()]

    requests.configure(out)
    for name in "abc":
        requests.note(request(name))
    assert written() == []
    requests.flush()
    requests.flush()
    assert written() == ["a", "b", "c"]
    assert json.loads(out.getvalue().splitlines()[0])["event"] == "request"
    for _ in range(499):
        requests.note(request("d"))
    assert len(written()) == 3
    requests.note(request("last"))
    assert written()[-2:] == ["d", "last"]


class Pieces(io.StringIO):
    """Remembers what came in one piece."""

    def __init__(self) -> None:
        super().__init__()
        self.came: list[str] = []

    def write(self, text: str) -> int:
        self.came.append(text)
        return super().write(text)


def test_lines_are_whole() -> None:
    """Workers share a pipe: whole lines are written, as many as it takes in one piece."""
    requests, out = Requests(), Pieces()
    requests.configure(out)
    for number in range(100):
        requests.note(request(str(number)))
    requests.flush()
    assert 1 < len(out.came) < 20
    assert all(len(piece) <= PIPE_BUF and piece.endswith("\n") for piece in out.came)
    ids = [json.loads(line)["request_id"] for line in out.getvalue().splitlines()]
    assert ids == [str(number) for number in range(100)]


def test_no_line_is_lost(log: tuple[Requests, Any]) -> None:
    """Of lines that threads bring while others are written each is written once."""
    requests, reader = log
    seen: list[bytes] = []
    reading = threading.Thread(target=lambda: seen.extend(reader))
    reading.start()

    def bring(name: int) -> None:
        for number in range(1_000):
            requests.note(request(f"{name}-{number}"))
            if number % 97 == 0:
                requests.flush()

    threads = [threading.Thread(target=bring, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    requests.note(request("end"))
    requests.flush()
    while not seen or b'"end"' not in seen[-1]:
        reading.join(0.01)
    ids = [json.loads(line)["request_id"] for line in seen]
    assert len(ids) == len(set(ids)) == 4_001


def test_names_are_told_apart() -> None:
    """Ids are drawn by the dozen, and no two are alike, whichever threads draw them."""
    draw = names(system_entropy, 16)
    drawn: list[str] = []

    def some() -> None:
        drawn.extend(draw() for _ in range(1_000))

    threads = [threading.Thread(target=some) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(drawn) == len(set(drawn)) == 4_000
    assert {len(name) for name in drawn} == {32}
