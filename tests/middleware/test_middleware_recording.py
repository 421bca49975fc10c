"""The recorder inside an application: its routes come out, and it serves as if nobody watched."""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpResponse
from django.test.utils import override_settings
from django.urls import path
from flask import Flask

from counterfoil.gateway.recorder import recorded
from counterfoil.middleware import asgi, opened, wsgi
from counterfoil.routing.propose import propose
from docs.pages import ROOT, programs
from middleware.conftest import Host
from support.frameworks import API, Answer, Send, of_asgi, of_wsgi
from support.gate import BASE

ASKED = (
    ("GET", "/items/17?draft=secret", "reader"),
    ("DELETE", "/items/17", "writer"),
    ("POST", "/orders", "writer"),
    ("GET", "/orders/2026-000017", "reader"),
    ("GET", "/orders/%32", "nobody"),
    ("GET", "/items/../admin", "reader"),
    ("GET", "/wp-login.php", "nobody"),
    ("GET", "/health", "stranger"),
)
PROPOSED = [
    (["DELETE"], "/items/{item}", "{item}"),
    (["GET"], "/items/{item}", "{item}"),
    (["POST"], "/orders", ""),
    (["GET"], "/orders/{order}", ""),
]

Made = Callable[..., Send]


def _plain_wsgi(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    keys = sorted(key for key in environ if key.startswith("counterfoil"))
    start_response("200 OK", [("X-Served", environ["PATH_INFO"])])
    return [json.dumps([environ.get("HTTP_AUTHORIZATION"), keys]).encode()]


async def _plain_asgi(scope: Any, _receive: Any, send: Any) -> None:
    headers = dict(scope["headers"])
    keys = sorted(key for key in scope if key.startswith("counterfoil"))
    shown = headers[b"authorization"].decode() if b"authorization" in headers else None
    said = [(b"x-served", scope["path"].encode("latin-1"))]
    await send({"type": "http.response.start", "status": 200, "headers": said})
    await send({"type": "http.response.body", "body": json.dumps([shown, keys]).encode()})


def _in_wsgi(**options: Any) -> Send:
    return of_wsgi(wsgi.CounterfoilRecorder(_plain_wsgi, **options))


def _in_asgi(**options: Any) -> Send:
    return of_asgi(asgi.CounterfoilRecorder(_plain_asgi, **options))


PLAIN = {"wsgi": of_wsgi(_plain_wsgi), "asgi": of_asgi(_plain_asgi)}
RECORDS: dict[str, Made] = {"wsgi": _in_wsgi, "asgi": _in_asgi}


@pytest.fixture(params=RECORDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "recorded"


def ask_all(send: Send, host: Host) -> list[Answer]:
    return [send(method, target, host.tokens[who]) for method, target, who in ASKED]


def test_routes_come_out(kind: str, host: Host, file: Path) -> None:
    """By one line an application is asked as ever, and a table is proposed of what it was asked."""
    send = RECORDS[kind](api=API, record=file, data_dir=host.data_dir)
    for _ in range(2):
        assert ask_all(send, host) == ask_all(PLAIN[kind], host)
    seen = list(recorded(file, API))
    found = propose(one for _, one in seen if one.token)
    assert [(sorted(one.methods), one.path, one.node) for one in found.routes] == PROPOSED
    assert set(found.needs) == {f"tok_{BASE + 301}", f"tok_{BASE + 303}"}
    assert len(seen) == len(file.read_text().splitlines()) == 7


def test_nothing_of_anybody_is_written(kind: str, host: Host, file: Path) -> None:
    """No token, no key of a node and no value of a query, in a file of its owner's alone (S9)."""
    ask_all(RECORDS[kind](api=API, record=file, data_dir=host.data_dir), host)
    text = file.read_text().replace(API, "").replace(f"tok_{BASE}", "")
    for value in ("17", "2026", "secret", "cfp_", "admin"):
        assert value not in text, value
    assert file.stat().st_mode & 0o077 == 0


def test_what_asks_for_something_else_is_not_written(kind: str, host: Host, file: Path) -> None:
    """Which method an application takes it for is not known where a header asks for another."""
    send = RECORDS[kind](api=API, record=file, data_dir=host.data_dir)
    answer = send(
        "POST", "/items/17", host.tokens["writer"], headers={"X-HTTP-Method-Override": "DELETE"}
    )
    assert (answer.status, file.read_text()) == (200, "")


def test_it_serves_without_books(kind: str, host: Host, file: Path, tmp_path: Path) -> None:
    """Where the host's server never was, nobody misses it; what it is asked then is not written."""
    send = RECORDS[kind](api=API, record=file, data_dir=tmp_path / "nowhere")
    assert ask_all(send, host) == ask_all(PLAIN[kind], host)
    assert file.read_text() == ""


def test_it_serves_on_a_full_disk(
    kind: str, host: Host, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be written down is served as ever."""
    send = RECORDS[kind](api=API, record=file, data_dir=host.data_dir)

    def full(_file: int, _data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    assert ask_all(send, host) == ask_all(PLAIN[kind], host)


def test_a_file_that_is_gone_is_told_of_once(
    kind: str, host: Host, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """If the file cannot be opened any more, the log says so once, and the API goes on."""
    send = RECORDS[kind](api=API, record=file, data_dir=host.data_dir)
    file.unlink()
    file.mkdir()
    with caplog.at_level(logging.ERROR, "counterfoil.middleware"):
        assert ask_all(send, host) == ask_all(PLAIN[kind], host)
    told = [one.getMessage() for one in caplog.records]
    assert told == [f"what is asked cannot be written to {file}: Is a directory"]


def test_it_begins_nowhere_where_nothing_can_be_written(kind: str, host: Host) -> None:
    """A recorder that would record nothing is told of when it is made, and so is a slip."""
    with pytest.raises(OSError, match="No such file"):
        RECORDS[kind](api=API, record=host.data_dir / "no" / "file", data_dir=host.data_dir)
    with pytest.raises(ValueError, match="no id of an API"):
        RECORDS[kind](api="Pages", record=host.data_dir / "file", data_dir=host.data_dir)


def test_it_goes_on_with_books_that_were_opened_again(kind: str, host: Host, file: Path) -> None:
    """After a fork, or where a server gives its books back, it writes by those that are open."""
    send = RECORDS[kind](api=API, record=file, data_dir=host.data_dir)
    before = len(list(Path("/proc/self/fd").iterdir()))
    for number, target in enumerate(("/items/17", "/orders", "/health"), 1):
        send("GET", target, host.tokens["reader"])
        assert len(file.read_text().splitlines()) == number
        opened.close(str(host.data_dir))
    assert len(list(Path("/proc/self/fd").iterdir())) <= before + 1


def test_before_the_gate_it_watches_what_that_refuses(kind: str, host: Host, file: Path) -> None:
    """It opens nothing: the gate behind it decides as ever, and its refusals are written too."""
    options: dict[str, Any] = {"api": API, "data_dir": host.data_dir}
    if kind == "wsgi":
        gated: Any = wsgi.CounterfoilMiddleware(_plain_wsgi, **options)
        send = of_wsgi(wsgi.CounterfoilRecorder(gated, **options, record=file))
    else:
        gated = asgi.CounterfoilMiddleware(_plain_asgi, **options)
        send = of_asgi(asgi.CounterfoilRecorder(gated, **options, record=file))
    assert send("DELETE", "/items/17", host.tokens["writer"]).code == "ROUTE_NOT_LISTED"
    assert send("GET", "/items/17", host.tokens["nobody"]).status == 401
    assert send("GET", "/items/17", host.tokens["reader"]).status == 200
    assert len(file.read_text().splitlines()) == 3


def test_a_flask_or_django_application_is_recorded(host: Host, file: Path) -> None:
    """By the callable that a server is given of each, and its views answer as before."""
    options: dict[str, Any] = {"api": API, "record": file, "data_dir": host.data_dir}
    flask = Flask("shop", static_folder=None)
    flask.add_url_rule("/items/<item>", "item", lambda item: f"flask {item}")
    flask.wsgi_app = wsgi.CounterfoilRecorder(flask.wsgi_app, **options)  # type: ignore[method-assign]  # as Flask's own page has it
    assert of_wsgi(flask)("GET", "/items/17", host.tokens["reader"]).body == b"flask 17"
    urls = ModuleType("watched_urls")
    urls.urlpatterns = [  # type: ignore[attr-defined]
        path("orders/<order>", lambda _request, order: HttpResponse(f"django {order}"))
    ]
    with override_settings(ROOT_URLCONF=urls, MIDDLEWARE=[]):
        django = wsgi.CounterfoilRecorder(WSGIHandler(), **options)
        answer = of_wsgi(django)("GET", "/orders/2026-17", host.tokens["reader"])
    assert answer.body == b"django 2026-17"
    assert {one.shape for _, one in recorded(file, API)} == {("items", None), ("orders", None)}


def test_a_websocket_is_recorded_as_what_opens_it(host: Host, file: Path) -> None:
    """A WebSocket is the GET of its address, as the gate will judge it; a life is nobody's."""
    heard: list[str] = []

    async def app(scope: Any, _receive: Any, _send: Any) -> None:
        heard.append(scope["type"])

    watched = asgi.CounterfoilRecorder(app, api=API, record=file, data_dir=host.data_dir)
    shown = [(b"authorization", f"Bearer {host.tokens['reader']}".encode())]
    scope: dict[str, Any] = {
        "type": "websocket", "path": "/docs", "raw_path": b"/docs", "query_string": b"",
        "headers": shown, "client": None,
    }  # fmt: skip

    async def unused(*_: Any) -> Any:
        raise AssertionError("nobody hears or says anything")

    for each in ({"type": "lifespan"}, scope):
        asyncio.run(watched(each, unused, unused))
    assert heard == ["lifespan", "websocket"]
    assert [(one.method, one.shape) for _, one in recorded(file, API)] == [("GET", ("docs",))]


@pytest.mark.parametrize("name", ["watched_asgi.py", "watched_wsgi.py"])
def test_the_page_shows_lines_that_record(name: str, host: Host, file: Path) -> None:
    """What the page pastes records as it stands, once it says where things are."""
    text = programs((ROOT / "docs" / "how-to" / "record-an-api.md").read_text())[name]
    for shown, real in (
        ("api_1000000000000042", API),
        ("/srv/recorded", str(file)),
        ("/srv/counterfoil", str(host.data_dir)),
    ):
        assert shown in text
        text = text.replace(shown, real)
    made: dict[str, Any] = {}
    exec(compile(text, name, "exec"), made)  # noqa: S102 - as its reader does
    send = of_asgi(made["app"]) if "asgi" in name else of_wsgi(made["app"])
    assert send("GET", "/items/17", host.tokens["reader"]).body == b"a page"
    assert [one.method for _, one in recorded(file, API)] == ["GET"]
