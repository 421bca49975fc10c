"""Whoever floods an office or a gate with tokens that nobody has shuts nobody else out (R18)."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from itertools import cycle
from typing import Any

import pytest

from bench.pouring import nobodys
from chaos.plain import Plain, plain
from chaos.running import Victim

LINES = 20
"""So many connections ask without a pause: ten for each process that answers them."""
ROUNDS = 10


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plain]:
    with plain(tmp_path_factory.mktemp("house"), many=1, victims=2 * ROUNDS + 1) as running:
        yield running


class Flood:
    """Asks by tokens that nobody has, over many connections, and keeps what it was answered."""

    def __init__(self, ask: Callable[[HTTPConnection], int], port: int) -> None:
        self.seen: set[int] = set()
        self.answers = 0
        self._ask = ask
        self._port = port
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._run) for _ in range(LINES)]

    def begin(self) -> None:
        for one in self._threads:
            one.start()

    def end(self) -> None:
        self._over.set()
        for one in self._threads:
            one.join()

    def _run(self) -> None:
        line = HTTPConnection("127.0.0.1", self._port, timeout=30)
        while not self._over.is_set():
            try:
                self.seen.add(self._ask(line))
                self.answers += 1
            except (OSError, HTTPException):
                line.close()
        with suppress(OSError):
            line.close()


def at_the_office(line: HTTPConnection) -> int:
    line.request("GET", "/cma/token", headers={"Authorization": f"Bearer {nobodys()}"})
    answer = line.getresponse()
    answer.read()
    return answer.status


def at_the_gate(root: str) -> Callable[[HTTPConnection], int]:
    def ask(line: HTTPConnection) -> int:
        told = decided(line, root, *(nobodys() for _ in range(20)))
        return sum(one["allowed"] for one in told)

    return ask


def decided(line: HTTPConnection, root: str, *tokens: str) -> list[dict[str, Any]]:
    asked = [{"token": one, "action": "content:read", "resource": {"node": root}} for one in tokens]
    line.request("POST", "/authz/decision", json.dumps(asked))
    told: list[dict[str, Any]] = json.loads(line.getresponse().read())
    return told


@contextmanager
def line_to(port: int) -> Iterator[HTTPConnection]:
    line = HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        yield line
    finally:
        line.close()


@pytest.mark.slow
@pytest.mark.parametrize("where", ["office", "gate", "both"])
def test_who_is_good_is_served(built: Plain, where: str) -> None:
    """In a flood of unknown tokens each good one is decided, and revocations come back (R18)."""
    gate, managers = built.gates[0], cycle(built.managers)
    floods = {
        "office": Flood(at_the_office, built.office.port),
        "gate": Flood(at_the_gate(built.root), gate.port),
    }
    with line_to(gate.port) as asking, line_to(built.office.port) as telling:
        running = [one for name, one in floods.items() if where in {name, "both"}]
        for one in running:
            one.begin()
        try:
            for _ in range(ROUNDS // 2):
                _round(built, asking, telling, next(managers), built.victims.pop())
        finally:
            for one in running:
                one.end()
    for one in running:
        assert one.answers > LINES
    assert floods["office"].seen <= {401, 429, 503}
    assert floods["gate"].seen <= {0}


def _round(
    built: Plain,
    asking: HTTPConnection,
    telling: HTTPConnection,
    manager: str,
    victim: Victim,
) -> None:
    good, doomed = built.victims[0].text, victim.text
    assert [one["allowed"] for one in decided(asking, built.root, good, doomed)] == [True, True]
    held = {"Authorization": f"Bearer {manager}"}
    told: dict[str, Any] = {}
    for method in ("GET", "DELETE"):
        telling.request(method, f"/cma/api_tokens/{victim.id}", headers=held)
        answer = telling.getresponse()
        told = json.loads(answer.read())
        assert answer.status == 200, told
    assert told["meta"]["effective"] == "everywhere"
    assert [one["allowed"] for one in decided(asking, built.root, good, doomed)] == [True, False]
