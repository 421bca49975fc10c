"""The router, made from the route table and nothing else.

What the desk has ready is answered at once. Otherwise Falcon finds the route, and answers whatever
is in no row of the table. What is goes straight to the desk: a request and a response of Falcon's
cost as much as half of what is read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import falcon
from falcon.routing import CompiledRouter

from counterfoil.gate.middleware_wsgi import Application, Environ, StartResponse
from counterfoil.jsonapi.desk import REQUEST_ID, Desk
from counterfoil.jsonapi.dialect import Dialect, dialect_of
from counterfoil.jsonapi.fit import UnfitRouteError, inspect
from counterfoil.jsonapi.reply import Reply, Setting, answered, failed, spelled
from counterfoil.jsonapi.route import Answer, Route, spoken_in
from counterfoil.jsonapi.send import send
from counterfoil.kernel.errors import Code, CounterfoilError, Malformed, NotFound, Unserved
from counterfoil.operation import Operation


class _Resource:
    """One address, with a responder for each method, and the routes behind them."""

    def __init__(self) -> None:
        self.routes: dict[str, Route] = {}


class Router:
    """Takes requests to the desk. What is no row of the table is left to Falcon.

    Where a browser asks for such an address there may be a page that says so.
    """

    def __init__(
        self, falcon_: Application, rows: CompiledRouter, desk: Desk, nowhere: Route | None
    ) -> None:
        self._falcon = falcon_
        self._find = rows.find
        self._desk = desk
        self._nowhere = nowhere

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        ready = self._desk.again(environ)
        if ready is not None:
            line, headers, body = ready
            start_response(line, headers)
            return [body]
        path = environ.get("PATH_INFO", "")
        found = self._find(path) if path.isascii() else None
        if found is not None:
            resource, _, params, _ = found
            route = resource.routes.get(environ["REQUEST_METHOD"])  # type: ignore[attr-defined]
            if route is not None:
                return _say(self._desk.serve(route, environ, params), start_response)
        elif self._nowhere is not None and environ["REQUEST_METHOD"] == "GET" and _browsed(environ):
            return _say(self._desk.serve(self._nowhere, environ, {}), start_response)
        return self._falcon(environ, start_response)


def _browsed(environ: Environ) -> bool:
    return "text/html" in environ.get("HTTP_ACCEPT", "")


def _say(reply: Reply, start_response: StartResponse) -> Iterable[bytes]:
    line, headers, body = spelled(reply)
    start_response(line, headers)
    return [body] if reply.stream is None else reply.stream


def router(
    routes: Sequence[Route],
    desk: Desk,
    operations: Mapping[str, Operation],
    nowhere: Route | None = None,
) -> Router:
    """Build the application; `nowhere` is what a browser is shown at an address that is none.

    Raises:
        UnfitRouteError: for a route that leaves something open, or stands twice in the table.
    """
    resources: dict[str, _Resource] = defaultdict(_Resource)
    for route in routes:
        inspect(route, operations)
        name = f"on_{route.method.lower()}"
        resource = resources[route.path]
        if route.method in resource.routes:
            message = f"{route.method} {route.path} stands twice in the table"
            raise UnfitRouteError(message)
        resource.routes[route.method] = route
        setattr(resource, name, desk.responder(route))
    spoken = spoken_in(routes)
    harmless = {route.path for route in routes if _only_looks(route, operations)}
    rows = CompiledRouter()
    app = falcon.App(media_type="application/json", router=rows)
    for path, resource in resources.items():
        if path in harmless:
            resource.on_head = resource.on_get  # type: ignore[attr-defined]
        resource.on_options = _options(resource, spoken)  # type: ignore[attr-defined]
        app.add_route(path, resource)
    app.add_error_handler(falcon.HTTPError, _misdirected(spoken))
    return Router(app, rows, desk, nowhere)


def _only_looks(route: Route, operations: Mapping[str, Any]) -> bool:
    """Say whether a GET changes nothing, so that HEAD is the same without the body.

    Some contracts have a GET that acts: a client or a crawler that only asks must not set it off.
    """
    reads = not route.operation or operations[route.operation].reads
    return route.method == "GET" and reads


def _options(resource: _Resource, spoken: Sequence[Dialect]) -> Any:  # noqa: ANN401 - a responder
    methods = [name[3:].upper() for name in vars(resource) if name.startswith("on_")]
    allowed = ", ".join(sorted({*methods, "OPTIONS"}))

    def on_options(req: falcon.Request, resp: falcon.Response, **_params: str) -> None:
        setting = Setting(req.env[REQUEST_ID], dialect_of(req.path, spoken))
        answer = Answer(204, headers={"Allow": allowed})
        send(answered(answer, setting), resp)

    return on_options


def _misdirected(spoken: Sequence[Dialect]) -> Any:  # noqa: ANN401 - an error handler
    """Return what says in our words that Falcon knows no such address or method."""

    def handle(
        req: falcon.Request, resp: falcon.Response, error: falcon.HTTPError, _params: object
    ) -> None:
        dialect = dialect_of(req.path, spoken)
        setting = Setting(req.env[REQUEST_ID], dialect, req.get_header("Accept") or "")
        ours: CounterfoilError
        if isinstance(error, falcon.HTTPMethodNotAllowed):
            setting.more["Allow"] = (error.headers or {})["Allow"]  # type: ignore[index]
            ours = Malformed(Code.METHOD_NOT_ALLOWED, "This address does not know this method.")
        elif isinstance(error, falcon.HTTPNotFound):
            ours = NotFound(Code.NOT_FOUND, "There is nothing at this address.")
        elif error.status_code < 500:  # noqa: PLR2004 - statuses of failure
            ours = Malformed(Code.INVALID_REQUEST, "The request cannot be read.")
        else:
            ours = Unserved(Code.INTERNAL_ERROR, "This is our fault.")
        send(failed(ours, setting), resp)

    return handle
