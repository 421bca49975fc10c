"""The router: Falcon, made from the route table and nothing else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

import falcon
import msgspec

from counterfoil.jsonapi.desk import REQUEST_ID, Desk, send
from counterfoil.jsonapi.dialect import Dialect, dialect_of
from counterfoil.jsonapi.reply import Setting, answered, failed
from counterfoil.jsonapi.route import Answer, Route, spoken_in
from counterfoil.kernel.errors import Code, CounterfoilError, Malformed, NotFound, Unserved
from counterfoil.operation import Operation

_METHODS: Final = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})


class UnfitRouteError(Exception):
    """A route that the house does not serve, because it leaves something open."""


class _Resource:
    """One address, with a responder for each method."""


def router(routes: Sequence[Route], desk: Desk, operations: Mapping[str, Operation]) -> falcon.App:  # type: ignore[type-arg]
    """Build the application.

    Raises:
        UnfitRouteError: for a route that names no operation, or takes what it does not read whole.
    """
    resources: dict[str, _Resource] = defaultdict(_Resource)
    for route in routes:
        inspect(route, operations)
        name = f"on_{route.method.lower()}"
        if hasattr(resources[route.path], name):
            message = f"{route.method} {route.path} stands twice in the table"
            raise UnfitRouteError(message)
        setattr(resources[route.path], name, desk.responder(route))
    spoken = spoken_in(routes)
    harmless = {route.path for route in routes if _only_looks(route, operations)}
    app = falcon.App(media_type="application/json")
    for path, resource in resources.items():
        if path in harmless:
            resource.on_head = resource.on_get  # type: ignore[attr-defined]
        resource.on_options = _options(resource, spoken)  # type: ignore[attr-defined]
        app.add_route(path, resource)
    app.add_error_handler(falcon.HTTPError, _misdirected(spoken))
    return app


def _only_looks(route: Route, operations: Mapping[str, Any]) -> bool:
    """Say whether a GET changes nothing, so that HEAD is the same without the body.

    Some contracts have a GET that acts: a client or a crawler that only asks must not set it off.
    """
    reads = not route.operation or operations[route.operation].reads
    return route.method == "GET" and reads


def inspect(route: Route, operations: Mapping[str, Operation]) -> None:
    """Return if a route is closed wherever it says nothing."""
    fault = ""
    if route.method not in _METHODS:
        fault = "has a method that the house does not serve"
    elif not route.open and route.operation not in operations:
        fault = f"names no operation ({route.operation!r})"
    elif unknown := [name for name in (*route.also, *route.instead) if name not in operations]:
        fault = f"names no operation ({unknown[0]!r})"
    elif route.idempotent and route.open:
        fault = "honours Idempotency-Key for nobody in particular"
    elif route.streams and (route.takes is not None or route.idempotent):
        fault = "both reads its body whole and lets its door read it"
    elif route.takes is not None and (loose := _loose(route.takes)):
        fault = f"takes {loose}, which ignores unknown members"
    if fault:
        message = f"{route.method} {route.path} {fault}"
        raise UnfitRouteError(message)


def _loose(taken: type) -> str:
    """Return the name of a struct in `taken` that lets unknown members pass."""
    waiting: list[Any] = [msgspec.inspect.type_info(taken)]
    seen: set[type] = set()
    while waiting:
        info = waiting.pop()
        if isinstance(info, msgspec.inspect.StructType):
            if info.cls in seen:
                continue
            seen.add(info.cls)
            if not info.forbid_unknown_fields:
                return info.cls.__name__
            waiting.extend(field.type for field in info.fields)
        elif isinstance(info, msgspec.inspect.UnionType):
            waiting.extend(info.types)
        elif isinstance(info, msgspec.inspect.CollectionType):
            waiting.append(info.item_type)
        elif isinstance(info, msgspec.inspect.DictType):
            waiting.append(info.value_type)
    return ""


def _options(resource: _Resource, spoken: Sequence[Dialect]) -> Any:  # noqa: ANN401 - a responder
    methods = [name[3:].upper() for name in vars(resource)]
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
