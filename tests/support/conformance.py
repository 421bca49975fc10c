"""Whether a route is what the reference says: whatever a test has it do is held to it (G2)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any, Final
from urllib.parse import quote

import jsonschema_rs
import msgspec

from counterfoil.jsonapi import openapi
from counterfoil.jsonapi.desk import ROUTE
from counterfoil.jsonapi.openapi_codes import codes
from counterfoil.jsonapi.route import Route
from counterfoil.kernel.errors import Code
from counterfoil.operation import Operation, Work
from tools.reference import WITHIN


class Conformance:
    """Stands before an application, and fails where an answer is not what its route says."""

    def __init__(
        self, app: Callable[..., Any], routes: Sequence[Route], operations: Mapping[str, Any]
    ) -> None:
        self._app = app
        named = tuple(map(id, routes))
        if named not in _KNOWN:
            _KNOWN[named] = Reference(routes, operations)
        self._reference = _KNOWN[named]

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        """Serve a request; what reaches no route is not looked at."""
        seen: list[Any] = []

        def started(line: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            seen[:] = int(line[:3]), {name.lower(): value for name, value in headers}
            return start(line, headers, *rest)

        done: set[str] = set()
        before = _DONE.set(done)
        try:
            out = self._app(environ, started)
        finally:
            _DONE.reset(before)
        if ROUTE in environ:
            self._reference.hold_to_operations(environ[ROUTE], done)
        if environ["REQUEST_METHOD"] != "HEAD" and ROUTE in environ and isinstance(out, list):
            status, headers = seen
            self._reference.hold(
                environ[ROUTE], status, headers.get("content-type", ""), b"".join(out)
            )
        return out


class Reference:
    """The document of these routes."""

    def __init__(self, routes: Sequence[Route], operations: Mapping[str, Any]) -> None:
        self.routes = routes
        described = openapi.document(routes, operations, version="0")
        self._paths = described["paths"]
        self._components = described["components"]
        self._registry = jsonschema_rs.Registry(
            [(_HERE, described)], draft=jsonschema_rs.Draft202012
        )
        self._codes = {
            f"{route.method} {route.path}": codes(route, route.performs(operations))
            for route in routes
        }
        self._performs = {
            f"{route.method} {route.path}": {one.name for one in route.performs(operations)}
            for route in routes
        }
        self._schema = lru_cache(None)(self._schema_of)

    def hold_to_operations(self, route: str, done: set[str]) -> None:
        """Fail if a route did what it does not say, and what does not follow from what it did."""
        silent = done - self._performs[route] - WITHIN.keys()
        assert not silent, f"{route} says nothing of {', '.join(sorted(silent))}"

    def hold(self, route: str, status: int, media_type: str, raw: bytes) -> None:
        """Fail unless a route (`GET /cma/items`) may answer this."""
        _, response = self._response(route, status)
        if "content" not in response:
            assert not raw, f"{route} says that it answers {status} without a body"
            return
        said = response["content"].keys() & {media_type, "*/*"}
        assert said, f"{route} says nothing of {media_type}"
        if "json" in media_type:
            told = msgspec.json.decode(raw)
            self._schema(route, status, media_type).validate(told)
            for code in _codes(told):
                assert code in self._codes[route], f"{route} says nothing of {code}"

    def _response(self, route: str, status: int) -> tuple[str, dict[str, Any]]:
        """Return where the document describes an answer, and how."""
        method, _, path = route.partition(" ")
        responses = self._paths[path][method.lower()]["responses"]
        assert str(status) in responses, f"{route} says nothing of {status}"
        response: dict[str, Any] = responses[str(status)]
        if "$ref" not in response:
            return _pointer("paths", path, method.lower(), "responses", str(status)), response
        where = response["$ref"].removeprefix("#")
        return where, self._components["responses"][where.rpartition("/")[2]]

    def _schema_of(self, route: str, status: int, media_type: str) -> Any:
        """Return what judges an answer; to read the whole document for each takes long."""
        where, _ = self._response(route, status)
        schema = {"$ref": f"{_HERE}#{where}{_pointer('content', media_type, 'schema')}"}
        return jsonschema_rs.Draft202012Validator(
            schema, registry=self._registry, validate_formats=True
        )


_HERE: Final = "urn:openapi"


def _pointer(*names: str) -> str:
    """Return a JSON pointer as a fragment has it (RFC 6901, 6)."""
    return "".join(f"/{quote(one.replace('~', '~0').replace('/', '~1'))}" for one in names)


def _codes(told: Any) -> Iterator[str]:
    """Yield the codes of the failures in an answer, in our own words or in DatoCMS's.

    What the vendor has a word of its own for is left out.
    """
    if isinstance(told, dict):
        for one in told.get("errors", ()):
            yield from {one.get("code")} & set(Code)
        for one in told["data"] if isinstance(told.get("data"), list) else ():
            if one.get("type") == "api_error":
                yield from {one["attributes"]["code"]} & set(Code)


_DONE: ContextVar[set[str] | None] = ContextVar("done", default=None)
_perform = Work.performing


def _watched(self: Work, doing: Operation) -> AbstractContextManager[None]:
    if (done := _DONE.get()) is not None:
        done.add(doing.name)
    return _perform(self, doing)


Work.performing = _watched  # type: ignore[method-assign,assignment]

_KNOWN: dict[tuple[int, ...], Reference] = {}
"""A document takes longer to make than most tests, so it is made once for each table of routes."""
