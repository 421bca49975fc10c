"""One application, made with each framework that we have middleware for, and a way to ask each.

Its views mirror the shop's table of routes, so the verdict must be the same whether the table says
what a request needs or a view does.
"""

from __future__ import annotations

import asyncio
import inspect
import io
import json
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from types import ModuleType
from typing import Annotated, Any, NamedTuple, TypeAlias
from urllib.parse import unquote, unquote_to_bytes

import django
from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.test.utils import override_settings
from django.urls import path, re_path
from fastapi import Depends, FastAPI, Request
from flask import Flask, g
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request as StarletteRequest
from starlette.responses import JSONResponse
from starlette.routing import Route

from counterfoil.kernel.ids import Prefix, spell
from counterfoil.middleware import ANY, Visitor, asgi, wsgi
from counterfoil.middleware.django import require as django_require
from counterfoil.middleware.fastapi import require as fastapi_require
from counterfoil.middleware.flask import Counterfoil
from counterfoil.middleware.flask import require as flask_require
from counterfoil.middleware.need import Need
from support.shop import SHOP

API = spell(Prefix.API, SHOP)
METHODS = ["GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS"]
_HERE = "192.0.2.7"

if not settings.configured:
    settings.configure(ALLOWED_HOSTS=["*"], SECRET_KEY="of no use", USE_TZ=True)
    django.setup()


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def code(self) -> str:
        """The code of a refusal."""
        return str(json.loads(self.body)["errors"][0]["code"])


Send: TypeAlias = Callable[..., Answer]
"""Asks: method, target, token, and headers by their names."""


def seen(visitor: Visitor) -> dict[str, Any]:
    """What an application sees of who asks."""
    return {
        "organization": visitor.organization,
        "subject": visitor.subject,
        "token": visitor.token,
        "name": visitor.token_name,
        "kind": visitor.kind,
        "scopes": sorted(visitor.scopes),
        "node": visitor.node,
    }


# -- how each is asked -------------------------------------------------------------------------


def of_wsgi(application: Callable[..., Any]) -> Send:
    """Ask as a WSGI server does."""

    def send(
        method: str,
        target: str,
        token: str | None = None,
        *,
        peer: str = _HERE,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        sent, _, query = target.partition("?")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(sent).decode("latin-1"),
            "QUERY_STRING": query,
            "REMOTE_ADDR": peer,
            "SERVER_NAME": "api.test",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(),
            "wsgi.errors": sys.stderr,
        }
        for name, value in _all(token, headers).items():
            environ["HTTP_" + name.upper().replace("-", "_")] = value
        said: list[Any] = []
        body = application(environ, lambda *line: said.append(line))
        try:
            whole = b"".join(body)
        finally:
            getattr(body, "close", lambda: None)()
        status, sent_back = said[0][:2]
        return Answer(int(status[:3]), {k.lower(): v for k, v in sent_back}, whole)

    return send


def of_asgi(application: Callable[..., Awaitable[None]]) -> Send:
    """Ask as an ASGI server does."""

    def send(
        method: str,
        target: str,
        token: str | None = None,
        *,
        peer: str = _HERE,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        sent, _, query = target.partition("?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(sent),
            "raw_path": sent.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [
                (name.lower().encode(), value.encode("latin-1"))
                for name, value in {"Host": "api.test", **_all(token, headers)}.items()
            ],
            "client": (peer, 4000),
            "server": ("api.test", 80),
        }
        with ThreadPoolExecutor(1) as elsewhere:  # a browser's loop may be running in this thread
            return elsewhere.submit(asyncio.run, _asked(application, scope)).result()

    return send


async def _asked(application: Callable[..., Awaitable[None]], scope: dict[str, Any]) -> Answer:
    said: list[MutableMapping[str, Any]] = []
    done = asyncio.Event()
    bodies = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> MutableMapping[str, Any]:
        for body in bodies:
            return body
        await done.wait()
        return {"type": "http.disconnect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        said.append(message)
        if message["type"] == "http.response.body" and not message.get("more_body"):
            done.set()

    await application(scope, receive, send)
    start = said[0]
    return Answer(
        start["status"],
        {name.decode().lower(): value.decode("latin-1") for name, value in start["headers"]},
        b"".join(one.get("body", b"") for one in said[1:]),
    )


def _all(token: str | None, headers: Mapping[str, str] | None) -> dict[str, str]:
    given = {} if token is None else {"Authorization": f"Bearer {token}"}
    return {**given, **(headers or {})}


# -- the application, with each ----------------------------------------------------------------


@contextmanager
def bare_asgi(**options: Any) -> Iterator[Send]:
    async def application(scope: Any, _receive: Any, send: Any) -> None:
        visitor = scope["counterfoil"]
        if options.get("routes") is False:
            _need(visitor, scope["method"], scope["path"], scope["query_string"].decode())
        body = json.dumps(seen(visitor)).encode()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body})

    yield of_asgi(asgi.CounterfoilMiddleware(application, **options))


@contextmanager
def starlette(**options: Any) -> Iterator[Send]:
    async def view(request: StarletteRequest) -> JSONResponse:
        visitor = request.scope["counterfoil"]
        if options.get("routes") is False:
            _need(visitor, request.method, request.url.path, request.url.query)
        return JSONResponse(seen(visitor))

    gate = Middleware(asgi.CounterfoilMiddleware, **options)
    yield of_asgi(
        Starlette(routes=[Route("/{rest:path}", view, methods=METHODS)], middleware=[gate])
    )


@contextmanager
def fastapi(**options: Any) -> Iterator[Send]:
    app = FastAPI()
    app.add_middleware(asgi.CounterfoilMiddleware, **options)
    if options.get("routes") is False:

        def there(method: str, where: str, scope: str, node: str = "") -> None:
            needed = Annotated[Visitor, Depends(fastapi_require(scope, node=node))]

            async def view(visitor: Any) -> dict[str, Any]:
                return seen(visitor)

            view.__annotations__["visitor"] = needed
            app.add_api_route(where, view, methods=[method])

        there("GET", "/items", "shop:read")
        there("GET", "/items/{item}", "shop:read", "{item}")
        there("PUT", "/items/{item}", "shop:write", "{item}")
        there("GET", "/search", "shop:read", "{?under}")
        there("GET", "/docs", "shop:read", "any")
    else:

        async def all_of_it(request: Request) -> dict[str, Any]:
            return seen(request.scope["counterfoil"])

        all_of_it.__annotations__["request"] = Request
        app.add_api_route("/{rest:path}", all_of_it, methods=METHODS)
    yield of_asgi(app)


@contextmanager
def bare_wsgi(**options: Any) -> Iterator[Send]:
    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        visitor = environ["counterfoil"]
        if options.get("routes") is False:
            _need(visitor, environ["REQUEST_METHOD"], environ["PATH_INFO"], environ["QUERY_STRING"])
        start_response("200 OK", [])
        return [json.dumps(seen(visitor)).encode()]

    yield of_wsgi(wsgi.CounterfoilMiddleware(application, **options))


@contextmanager
def flask(**options: Any) -> Iterator[Send]:
    app = Flask("shop", static_folder=None)
    Counterfoil(app, **options)

    def view(**_: str) -> Any:
        return seen(g.counterfoil)

    def there(method: str, where: str, scope: str, node: str = "") -> None:
        guarded = flask_require(scope, node=node)(view)
        app.add_url_rule(where, f"{method} {where}", guarded, methods=[method])

    if options.get("routes") is False:
        there("GET", "/items", "shop:read")
        there("GET", "/items/<item>", "shop:read", "{item}")
        there("PUT", "/items/<item>", "shop:write", "{item}")
        there("GET", "/search", "shop:read", "{?under}")
        there("GET", "/docs", "shop:read", "any")
    else:
        app.add_url_rule("/<path:rest>", "all", view, methods=METHODS)
    yield of_wsgi(app)


@contextmanager
def _django(make: Callable[[], Any], urls: list[Any], options: Mapping[str, Any]) -> Iterator[Any]:
    module = ModuleType("shop_urls")
    module.urlpatterns = urls  # type: ignore[attr-defined]
    sys.modules[module.__name__] = module
    with override_settings(
        ROOT_URLCONF=module.__name__,
        MIDDLEWARE=["counterfoil.middleware.django.CounterfoilMiddleware"],
        COUNTERFOIL=dict(options),
    ):
        yield make()
    del sys.modules[module.__name__]


@contextmanager
def django_sync(**options: Any) -> Iterator[Send]:
    def view(request: HttpRequest, **_: str) -> HttpResponse:
        return HttpResponse(json.dumps(seen(request.counterfoil)))

    with _django(WSGIHandler, _urls(view, options), options) as application:
        yield of_wsgi(application)


@contextmanager
def django_async(**options: Any) -> Iterator[Send]:
    async def view(request: HttpRequest, **_: str) -> HttpResponse:
        return HttpResponse(json.dumps(seen(request.counterfoil)))

    with _django(ASGIHandler, _urls(view, options), options) as application:
        yield of_asgi(application)


def _urls(view: Callable[..., Any], options: Mapping[str, Any]) -> list[Any]:
    if options.get("routes") is not False:
        return [re_path(r"^.*$", view)]
    read = django_require("shop:read", node="{item}")(view)
    write = django_require("shop:write", node="{item}")(view)

    def item(request: HttpRequest, **parameters: str) -> Any:
        return (write if request.method == "PUT" else read)(request, **parameters)

    if view.__name__ == "view" and _is_async(view):

        async def awaited(request: HttpRequest, **parameters: str) -> Any:
            return await (write if request.method == "PUT" else read)(request, **parameters)

        item = awaited
    return [
        path("items", django_require("shop:read")(view)),
        path("items/<item>", item),
        path("search", django_require("shop:read", node="{?under}")(view)),
        path("docs", django_require("shop:read", node="any")(view)),
    ]


def _is_async(view: Callable[..., Any]) -> bool:
    return inspect.iscoroutinefunction(view)


def _need(visitor: Visitor, method: str, where: str, query: str) -> None:
    """What a view says that has no decorator."""
    scope = "shop:write" if method == "PUT" else "shop:read"
    if where == "/docs":
        visitor.require(scope, node=ANY)
    elif where.startswith("/items/"):
        visitor.require(scope, node=where.removeprefix("/items/"))
    elif where == "/search":
        Need(scope, "{?under}").of(visitor, {}, query)
    else:
        visitor.require(scope)


FRAMEWORKS = {
    "asgi": bare_asgi,
    "starlette": starlette,
    "fastapi": fastapi,
    "wsgi": bare_wsgi,
    "django": django_sync,
    "django, asynchronous": django_async,
    "flask": flask,
}
