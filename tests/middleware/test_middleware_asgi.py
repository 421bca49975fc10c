"""What ASGI has besides: a life with an end, WebSockets, addresses as they were sent."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Any

import pytest
from django.test.utils import override_settings
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.testclient import TestClient, WebSocketDenialResponse
from starlette.websockets import WebSocket

from counterfoil.middleware import CounterfoilError, opened
from counterfoil.middleware.asgi import CounterfoilMiddleware
from middleware.conftest import Host
from support.frameworks import API, FRAMEWORKS, of_asgi


async def greet(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text(str(socket.scope["counterfoil"].token_name))
    await socket.close()


async def read(request: Request) -> PlainTextResponse:
    return PlainTextResponse(request.path_params["item"])


def app(host: Host) -> Starlette:
    gate = Middleware(CounterfoilMiddleware, api=API, data_dir=host.data_dir)
    return Starlette(
        routes=[WebSocketRoute("/docs", greet), Route("/items/{item}", read)], middleware=[gate]
    )


def presenting(token: str | None) -> dict[str, str]:
    return {} if token is None else {"Authorization": f"Bearer {token}"}


def test_a_life(host: Host) -> None:
    """The books are opened before the first request and given back after the last (R2)."""
    home = str(host.data_dir)
    opened.close(home)
    with TestClient(app(host)) as client:
        assert home in opened._open  # noqa: SLF001 - whether it is open is the point
        answer = client.get("/items/17", headers=presenting(host.tokens["reader"]))
        assert (answer.status_code, answer.text) == (200, "17")
    assert home not in opened._open  # noqa: SLF001 - as above


def test_a_websocket_is_judged_when_it_opens(host: Host) -> None:
    """A WebSocket opens for whoever may GET its address, and for nobody else (S12)."""
    client = TestClient(app(host))
    with client.websocket_connect("/docs", headers=presenting(host.tokens["reader"])) as socket:
        assert socket.receive_text() == "ci"
    for who in ("nobody", "stranger", "expired"):
        headers = presenting(host.tokens[who])
        with (
            pytest.raises(WebSocketDenialResponse) as refused,
            client.websocket_connect("/docs", headers=headers),
        ):
            pass
        assert refused.value.status_code == 401


def test_a_refused_websocket_is_never_accepted(host: Host) -> None:
    """A server that has no answers for WebSockets is told to close it, without the application."""
    said: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        said.append(message)

    scope: dict[str, Any] = {
        "type": "websocket", "path": "/docs", "raw_path": b"/docs", "query_string": b"",
        "headers": [], "client": None,
    }  # fmt: skip
    asyncio.run(
        CounterfoilMiddleware(reached, api=API, data_dir=host.data_dir)(scope, receive, send)
    )
    assert said == [{"type": "websocket.close", "code": 1008}]


def test_a_websocket_that_its_view_refuses_is_closed_at_once(host: Host) -> None:
    """Of a view that has heard of the opening, nothing more is awaited than its refusal."""
    said: list[MutableMapping[str, Any]] = []
    heard = iter([{"type": "websocket.connect"}])

    async def receive() -> MutableMapping[str, Any]:
        return next(heard)  # there is no second message until the client goes

    async def send(message: MutableMapping[str, Any]) -> None:
        said.append(message)

    async def view(scope: Any, receive: Any, _send: Any) -> None:
        await receive()
        scope["counterfoil"].require("shop:write", node="17")

    scope: dict[str, Any] = {
        "type": "websocket", "path": "/docs", "raw_path": b"/docs", "query_string": b"",
        "headers": [(b"authorization", f"Bearer {host.tokens['reader']}".encode())],
        "client": None,
    }  # fmt: skip
    asyncio.run(CounterfoilMiddleware(view, api=API, data_dir=host.data_dir)(scope, receive, send))
    assert said == [{"type": "websocket.close", "code": 1008}]


async def reached(_scope: Any, _receive: Any, _send: Any) -> None:
    raise AssertionError("a refused request reached the application")


@pytest.mark.parametrize(
    ("raw", "path", "root", "status"),
    [
        (b"/items/17", "/items/17", "", 200),
        (b"/items/1%37", "/items/17", "", 200),
        (None, "/items/17", "", 200),
        (b"/items/17?draft=1", "/items/17", "", 200),
        (b"/17", "/items/17", "/items", 200),
        (b"/items/17", "/17", "/items", 200),
        (b"/items/1%37", "/items/18", "", 403),
        (b"/docs", "/items/18", "", 403),
        (b"/items/17", "/items/18", "", 403),
    ],
)
def test_the_address_is_the_applications(
    host: Host, raw: bytes | None, path: str, root: str, status: int
) -> None:
    """What is judged is what the application reads, wherever a server puts it (S51)."""

    async def passed(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    gate = CounterfoilMiddleware(passed, api=API, data_dir=host.data_dir)

    async def rewritten(scope: Any, receive: Any, send: Any) -> None:
        scope.update(path=path, raw_path=raw, root_path=root)
        await gate(scope, receive, send)

    answer = of_asgi(rewritten)("GET", "/", host.tokens["shelf"])
    assert answer.status in {status, 400} if status == 403 else answer.status == status


def test_an_answer_that_has_begun_is_not_answered_again(host: Host) -> None:
    """A refusal after the first bytes is the server's to end, and no second answer."""

    async def late(scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        scope["counterfoil"].require("shop:write", node="17")

    gate = CounterfoilMiddleware(late, api=API, data_dir=host.data_dir)
    with pytest.raises(CounterfoilError):
        of_asgi(gate)("GET", "/items/17", host.tokens["reader"])


def test_below_a_mount_the_whole_address_is_judged(host: Host) -> None:
    """An application that is mounted below a path is judged by the path that was sent."""
    inner = Starlette(routes=[Route("/{item}", read)])
    gate = CounterfoilMiddleware(inner, api=API, data_dir=host.data_dir)
    send = of_asgi(Starlette(routes=[Mount("/items", app=gate)]))
    assert send("GET", "/items/17", host.tokens["shelf"]).body == b"17"
    assert send("GET", "/items/18", host.tokens["shelf"]).code == "OUTSIDE_ROOT_NODES"


@pytest.mark.parametrize("below", ["", "/items"])
def test_below_a_root_path_the_whole_address_is_judged(host: Host, below: str) -> None:
    """What an application reads as one address is judged as one, whatever was sent for it (S51).

    Of a path that begins with the root, Starlette reads what comes after; of any other, all.
    """
    gate = Middleware(CounterfoilMiddleware, api=API, data_dir=host.data_dir)
    inner = Starlette(routes=[Route("/{item}", read)], middleware=[gate])

    async def rooted(scope: Any, receive: Any, send: Any) -> None:
        scope["root_path"] = "/items"
        await inner(scope, receive, send)

    send = of_asgi(rooted)
    assert send("GET", f"{below}/17", host.tokens["shelf"]).body == b"17"
    assert send("GET", f"{below}/1%37", host.tokens["shelf"]).body == b"17"
    assert send("GET", f"{below}/18", host.tokens["shelf"]).code == "OUTSIDE_ROOT_NODES"


@pytest.mark.parametrize("below", ["", "/items"])
def test_djangos_own_root_is_the_root(host: Host, below: str) -> None:
    """Django reads one address as one too, where its settings say below which path it is (S51)."""
    with (
        override_settings(FORCE_SCRIPT_NAME="/items"),
        FRAMEWORKS["django, asynchronous"](api=API, data_dir=host.data_dir) as send,
    ):
        assert send("GET", f"{below}/17", host.tokens["shelf"]).status == 200
        assert send("GET", f"{below}/18", host.tokens["shelf"]).code == "OUTSIDE_ROOT_NODES"
