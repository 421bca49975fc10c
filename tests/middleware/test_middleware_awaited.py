"""Who names a position of the feed is waited for, in every framework, and holds up nobody (S29)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore
from types import SimpleNamespace
from typing import Any

import pytest

from counterfoil.feed.event import TokenStruck
from counterfoil.gate.position import MOST_WAITING
from counterfoil.middleware import awaited
from counterfoil.middleware.asgi import CounterfoilMiddleware
from counterfoil.secret import digest
from infra.wait import wait_until
from middleware.conftest import Host
from support.frameworks import API, FRAMEWORKS, Send
from support.gate import BASE, tell

AT_LEAST = "Counterfoil-At-Least"
THREADED = ("wsgi", "django", "flask")


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """It looks as often as a slow machine may need, so that no test is about time."""
    monkeypatch.setattr(awaited, "_LOOKS", 500)


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How often a request slept between two looks, whichever way its framework sleeps."""
    told: list[int] = []

    def slept(seconds: float) -> None:
        told.append(1)
        time.sleep(seconds)

    async def slept_on_loop(seconds: float) -> None:
        told.append(1)
        await asyncio.sleep(seconds)

    on_loop = SimpleNamespace(sleep=slept_on_loop, get_running_loop=asyncio.get_running_loop)
    monkeypatch.setattr(awaited, "time", SimpleNamespace(sleep=slept))
    monkeypatch.setattr(awaited, "asyncio", on_loop)
    return told


def follow(host: Host) -> None:
    """Let the host come one position further."""
    gone = host.tokens["elsewhere"]
    assert gone is not None
    tell(host.replica, TokenStruck(token=BASE + 305, digests=(digest(gone),)))


@pytest.fixture(params=FRAMEWORKS)
def judged(request: pytest.FixtureRequest, host: Host) -> Iterator[Send]:
    with FRAMEWORKS[request.param](api=API, data_dir=host.data_dir) as send:
        assert send("GET", "/items/17", host.tokens["reader"]).status == 200  # it is open now
        yield send


@pytest.mark.usefixtures("patient")
def test_who_comes_a_moment_early_is_answered(judged: Send, host: Host, naps: list[int]) -> None:
    """As soon as the host stands where a client has seen the feed, that client is judged."""
    there = host.replica.position() + 1
    with ThreadPoolExecutor(1) as elsewhere:
        asked = elsewhere.submit(
            judged, "GET", "/items/17", host.tokens["reader"], headers={AT_LEAST: str(there)}
        )
        wait_until(lambda: bool(naps), "the request to be kept")
        assert not asked.done()
        follow(host)
        assert asked.result().status == 200


def test_who_comes_too_early_is_told_so(judged: Send, host: Host, naps: list[int]) -> None:
    """After a tenth of a second it is 503, with a time after which to ask again."""
    there = host.replica.position() + 1
    answer = judged("GET", "/items/17", host.tokens["reader"], headers={AT_LEAST: str(there)})
    assert (answer.status, answer.code) == (503, "NOT_READY")
    assert answer.headers["retry-after"] == "1"
    assert len(naps) == awaited._LOOKS  # noqa: SLF001 - how long that is


def test_nobody_else_waits(judged: Send, host: Host, naps: list[int]) -> None:
    """Who names no position, one where the host stands, or none that can be read, is not kept."""
    here, token = str(host.replica.position()), host.tokens["reader"]
    for headers, status in (({}, 200), ({AT_LEAST: here}, 200), ({AT_LEAST: "soon"}, 400)):
        assert judged("GET", "/items/17", token, headers=headers).status == status
    assert naps == []


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("kind", THREADED)
def test_few_threads_wait(kind: str, host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where so many wait as may, the next one is told at once, and who names none is served."""
    places = BoundedSemaphore(MOST_WAITING)
    monkeypatch.setattr(awaited, "_places", places)
    token = host.tokens["reader"]
    with (
        FRAMEWORKS[kind](api=API, data_dir=host.data_dir) as send,
        ThreadPoolExecutor(MOST_WAITING) as elsewhere,
    ):
        assert send("GET", "/items/17", token).status == 200
        early = {AT_LEAST: str(host.replica.position() + 1)}
        kept = [
            elsewhere.submit(send, "GET", "/items/17", token, headers=early)
            for _ in range(MOST_WAITING)
        ]
        wait_until(lambda: places._value == 0, "all places to be taken")  # noqa: SLF001 - as it is
        assert send("GET", "/items/17", token, headers=early).status == 503
        assert send("GET", "/items/17", token).status == 200
        follow(host)
        assert [one.result().status for one in kept] == [200] * MOST_WAITING
    assert places._value == MOST_WAITING  # noqa: SLF001 - all of them are given back


@pytest.mark.usefixtures("patient")
def test_a_loop_serves_others_meanwhile(host: Host) -> None:
    """On one event loop many wait for a position, and who names none is answered before them."""
    answered: list[str] = []

    async def passed(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    gate = CounterfoilMiddleware(passed, api=API, data_dir=host.data_dir)

    async def receive() -> MutableMapping[str, Any]:
        raise AssertionError("nobody reads a body")

    async def ask(name: str, headers: dict[str, str]) -> None:
        async def send(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                answered.append(f"{name} {message['status']}")

        shown = {"Authorization": f"Bearer {host.tokens['reader']}", **headers}
        scope: dict[str, Any] = {
            "type": "http", "method": "GET", "path": "/items/17", "raw_path": b"/items/17",
            "query_string": b"", "client": None,
            "headers": [(name.lower().encode(), text.encode()) for name, text in shown.items()],
        }  # fmt: skip
        await gate(scope, receive, send)

    async def all_of_them() -> None:
        await ask("first", {})
        early = {AT_LEAST: str(host.replica.position() + 1)}
        kept = [asyncio.create_task(ask("kept", early)) for _ in range(3 * MOST_WAITING)]
        await asyncio.sleep(0)
        await ask("other", {})
        assert not any(one.done() for one in kept)
        follow(host)
        await asyncio.gather(*kept)

    asyncio.run(all_of_them())
    assert answered == ["first 200", "other 200", *["kept 200"] * 3 * MOST_WAITING]


def test_a_loop_that_is_not_asyncios_is_not_left(host: Host, naps: list[int]) -> None:
    """Where nobody knows how to sleep it answers at once, as it stands, and does not fail."""
    said: list[int] = []

    async def send(message: MutableMapping[str, Any]) -> None:
        said.append(message.get("status", 0))

    async def receive() -> MutableMapping[str, Any]:
        raise AssertionError("nobody reads a body")

    gate = CounterfoilMiddleware(_unreached, api=API, data_dir=host.data_dir)
    scope: dict[str, Any] = {
        "type": "http", "method": "GET", "path": "/items/17", "raw_path": b"/items/17",
        "query_string": b"", "client": None, "headers": [(AT_LEAST.lower().encode(), b"9" * 9)],
    }  # fmt: skip
    serving = gate(scope, receive, send)
    with pytest.raises(StopIteration):
        serving.send(None)
    assert (said[0], naps) == (503, [])


async def _unreached(_scope: Any, _receive: Any, _send: Any) -> None:
    raise AssertionError("a refused request reached the application")
