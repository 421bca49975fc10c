"""The gate in front of an ASGI application: Starlette, FastAPI, Litestar, Quart, or a bare one.

    app.add_middleware(CounterfoilMiddleware, api="api_…")      # Starlette, FastAPI
    app = CounterfoilMiddleware(app, api="api_…")               # any

Behind it, `scope["counterfoil"]` is a `Visitor`. What may not pass is answered here and never
reaches the application; a refusal that the application lets pass is answered here too, while its
answer has not begun. A WebSocket is judged as the GET that opens it, and not again.

Nothing here holds up the event loop: a decision reads memory, and counts in memory where a token
has a rate of its own. So it is made there. Only where the audit is strict the loop waits for the
disk, as the answer does. Who names a position of the feed waits for it, and the loop does not.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, TypeAlias, Unpack
from urllib.parse import unquote

from counterfoil.gate.position import AT_LEAST_HEADER, AT_LEAST_KEY
from counterfoil.gateway.original import ADVERSE
from counterfoil.gateway.refusal import Headers
from counterfoil.kernel.errors import CounterfoilError
from counterfoil.middleware.door import KEY, Answer, Door, Options, target
from counterfoil.middleware.recording import Recording

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Application: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

_READ: Final = (
    "Authorization",
    "Origin",
    "Access-Control-Request-Method",
    AT_LEAST_HEADER,
    "User-Agent",
)
_POLICY_VIOLATION: Final = 1008
_TWO_READINGS: Final = "?"
"""No address at all, so no table lists it."""
_ADVERSE: Final = {
    name[len("HTTP_") :].replace("_", "-").lower().encode(): name for name in ADVERSE
}


class CounterfoilMiddleware:
    """Lets in whoever may.

    Args:
        app: the application behind it.
        api: the id of the API that it is.
        options: see `Options`.
    """

    def __init__(self, app: Application, *, api: str, **options: Unpack[Options]) -> None:
        self._app = app
        self._door = Door(api, **options)
        self._keys = {name.lower().encode(): _key(name) for name in (*_READ, self._door.header)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        kind = scope["type"]
        if kind == "lifespan":
            await self._live(scope, receive, send)
            return
        method = scope["method"] if kind == "http" else "GET"
        environ = _environ_of(scope, self._keys)
        if AT_LEAST_KEY in environ:
            await self._door.wait_on_loop(environ)
        visitor, refusal, more = self._door.ask(environ, method, target_of(scope))
        hearing = _Hearing(receive)
        if refusal is not None:
            await _refuse(scope, hearing, send, refusal)
            return
        scope[KEY] = visitor
        sending = _Sending(send, more)
        try:
            await self._app(scope, hearing, sending)
        except CounterfoilError as error:
            if sending.begun:
                raise
            await _refuse(scope, hearing, send, self._door.refusal(error, more))

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Open the books before the application starts, and give them back when it has stopped."""

        async def heard() -> Message:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._door.open()
            return message

        async def said(message: Message) -> None:
            if message["type"].startswith("lifespan.shutdown"):
                self._door.close()
            await send(message)

        await self._app(scope, heard, said)


class CounterfoilRecorder:
    """Writes down which routes an application is asked for, and lets everybody in as before.

    Args:
        app: the application behind it, which nothing protects by this.
        api: the id of the API that it is.
        record: the file to write to.
        data_dir: of the server on this host; what COUNTERFOIL_DATA_DIR says by default.
    """

    def __init__(
        self,
        app: Application,
        *,
        api: str,
        record: str | Path,
        data_dir: str | Path | None = None,
    ) -> None:
        self._app = app
        self._recording = Recording(api, record=record, data_dir=data_dir)
        self._keys = {name.lower().encode(): _key(name) for name in _READ}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "lifespan":
            method = scope["method"] if scope["type"] == "http" else "GET"
            with suppress(
                ValueError, KeyError
            ):  # as no server says it; the application may take it
                self._recording.note(_environ_of(scope, self._keys), method, target_of(scope))
        await self._app(scope, receive, send)


class _Hearing:
    """What an application hears.

    Attributes:
        begun: whether it has heard anything: of a WebSocket that it wants to be opened.
    """

    __slots__ = ("_receive", "begun")

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self.begun = False

    async def __call__(self) -> Message:
        self.begun = True
        return await self._receive()


class _Sending:
    """What an application sends, with what is said besides of its caller's rate.

    Attributes:
        begun: whether its answer has.
    """

    __slots__ = ("_more", "_send", "begun")

    def __init__(self, send: Send, more: Headers) -> None:
        self._send = send
        self._more = more
        self.begun = False

    async def __call__(self, message: Message) -> None:
        if not self.begun:
            self.begun = True
            if self._more and message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *_raw(self._more)]}
        await self._send(message)


def _environ_of(scope: Scope, keys: Mapping[bytes, str]) -> Mapping[str, str]:
    """Return what is read of a request, under the names that WSGI has for it.

    Of a header that is there twice, both are kept, so that two credentials are seen as two.
    """
    client = scope.get("client")
    environ = {"REMOTE_ADDR": client[0] if client else ""}
    for name, value in scope["headers"]:
        key = keys.get(name) or _ADVERSE.get(name.replace(b"_", b"-"))
        if key is not None:
            text = value.decode("latin-1")
            environ[key] = f"{environ[key]},{text}" if key in environ else text
    return environ


def _key(name: str) -> str:
    return "HTTP_" + name.upper().replace("-", "_")


def target_of(scope: Scope) -> str:
    """Return the target as it was sent, if that is what the application reads.

    Servers differ in whether the path below which an application is mounted stands in the path, in
    the raw one, or in both; applications do not: they take it off where it is. So it is put before
    a path that has it not, and two addresses that are one to the application are judged as one.

    Where what was sent is another address, something in front rewrote it: then the application's is
    judged, unless what was sent is escaped, for that may be read in two ways.
    """
    path, root = scope["path"], scope.get("root_path") or ""
    query, raw = scope["query_string"].decode("latin-1"), scope.get("raw_path")
    whole = path if path == root or path.startswith(f"{root}/") else f"{root}{path}"
    spelled = target(whole, "")
    if raw:
        sent = raw.partition(b"?")[0].decode("latin-1")
        if unquote(sent) in {whole, f"{root}{path}"}:
            spelled = sent
        elif unquote(full := f"{target(root, '')}{sent}") == whole:
            spelled = full
        elif "%" in sent:
            spelled = _TWO_READINGS
    return f"{spelled}?{query}" if query else spelled


async def _refuse(scope: Scope, hearing: _Hearing, send: Send, refusal: Answer) -> None:
    status, headers, body = refusal
    if scope["type"] == "websocket":
        if "websocket.http.response" not in scope.get("extensions", {}):
            if not hearing.begun:  # after that, nothing comes before the client goes
                await hearing()
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
            return
        kind = "websocket.http.response"
    else:
        kind = "http.response"
        body = b"" if scope["method"] == "HEAD" else body
    await send({"type": f"{kind}.start", "status": int(status[:3]), "headers": _raw(headers)})
    await send({"type": f"{kind}.body", "body": body})


def _raw(headers: Headers) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), value.encode("latin-1")) for name, value in headers]
