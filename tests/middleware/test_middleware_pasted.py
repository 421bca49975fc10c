"""The lines that a page has pasted into an application: they protect it as they stand."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.test.utils import override_settings
from django.urls import re_path
from fastapi import FastAPI, Request
from flask import Flask, g

from counterfoil.kernel.ids import ApiId
from counterfoil.snippets import INSIDE, SNIPPETS, Whereabouts, pasted
from middleware.conftest import Host
from support.frameworks import Send, of_asgi, of_wsgi
from support.shop import SHOP


async def bare_asgi(scope: Any, _receive: Any, send: Any) -> None:
    body = scope["counterfoil"].token_name.encode()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})


def bare_wsgi(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("200 OK", [])
    return [environ["counterfoil"].token_name.encode()]


def with_fastapi() -> FastAPI:
    app = FastAPI()

    async def all_of_it(request: Request) -> str:
        return str(request.scope["counterfoil"].token_name)

    all_of_it.__annotations__["request"] = Request
    app.add_api_route("/{rest:path}", all_of_it)
    return app


def with_flask() -> Flask:
    app = Flask("shop", static_folder=None)
    app.add_url_rule("/<path:rest>", "all", lambda rest: f"{g.counterfoil.token_name}{rest[:0]}")
    return app


def in_django(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.counterfoil.token_name)


urlpatterns = [re_path(r"^.*$", in_django)]
APPLICATIONS: dict[str, tuple[Callable[[], Any], Callable[[Any], Send]]] = {
    "asgi": (lambda: bare_asgi, of_asgi),
    "wsgi": (lambda: bare_wsgi, of_wsgi),
    "fastapi": (with_fastapi, of_asgi),
    "flask": (with_flask, of_wsgi),
}


def lines(kind: str, host: Host) -> Any:
    """Return what is pasted, compiled."""
    place = Whereabouts(ApiId(SHOP), "Shop", data_dir=str(host.data_dir))
    [file] = pasted(SNIPPETS[kind], place)
    return compile(file.text, file.name, "exec")


def guards(send: Send, host: Host) -> None:
    """Fail unless a reader of the shop is let in under the name of their token, and no other."""
    answer = send("GET", "/items/17", host.tokens["reader"])
    assert (answer.status, answer.body.strip(b'"')) == (200, b"ci")
    assert send("GET", "/items/18", host.tokens["shelf"]).status == 403
    assert send("GET", "/nowhere", host.tokens["reader"]).code == "ROUTE_NOT_LISTED"
    refused = send("GET", "/items/17")
    assert refused.status == 401
    assert json.loads(refused.body)["errors"][0]["code"] == "MISSING_AUTHORIZATION_HEADER"


@pytest.mark.parametrize("kind", APPLICATIONS)
def test_pasted_lines_protect_an_application(kind: str, host: Host) -> None:
    """Below the line that makes an application they put the gate into it, as they stand (S12)."""
    make, of = APPLICATIONS[kind]
    there = {"app": make()}
    exec(lines(kind, host), there)  # noqa: S102 - what we ship
    guards(of(there["app"]), host)


def test_pasted_lines_protect_a_django_project(host: Host) -> None:
    """At the end of a project's settings they put the gate before its other middleware (S12)."""
    there: dict[str, Any] = {"MIDDLEWARE": ["django.middleware.common.CommonMiddleware"]}
    exec(lines("django", host), there)  # noqa: S102 - what we ship
    assert there["MIDDLEWARE"][1:] == ["django.middleware.common.CommonMiddleware"]
    settings = {name: there[name] for name in ("MIDDLEWARE", "COUNTERFOIL")}
    with override_settings(ROOT_URLCONF=__name__, **settings):
        guards(of_wsgi(WSGIHandler()), host)


def test_every_snippet_for_the_inside_is_tried() -> None:
    """A framework that is offered is one of these."""
    assert {one.key for one in INSIDE} == {*APPLICATIONS, "django"}
