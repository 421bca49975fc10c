"""Which routes are fit to be served: those that leave nothing open and say all (S17, G2)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

import msgspec

from counterfoil.jsonapi.body import FORM_TYPE
from counterfoil.jsonapi.route import Route
from counterfoil.operation import Operation

_METHODS: Final = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
_BODILESS: Final = frozenset({204, 303, 304})
_PART: Final = re.compile(r"{([a-z_]+)}")


class UnfitRouteError(Exception):
    """A route that the house does not serve, because it leaves something open."""


def inspect(route: Route, operations: Mapping[str, Operation]) -> None:
    """Return if a route is closed wherever it says nothing, and says all that the reference needs.

    Raises:
        UnfitRouteError: naming the first thing that is missing.
    """
    for missing in (*_gaps(route, operations), *_silences(route)):
        message = f"{route.method} {route.path} {missing}"
        raise UnfitRouteError(message)


def _gaps(route: Route, operations: Mapping[str, Operation]) -> Iterator[str]:
    """Yield what a route leaves open."""
    if route.method not in _METHODS:
        yield "has a method that the house does not serve"
    if not route.open and route.operation not in operations:
        yield f"names no operation ({route.operation!r})"
    for name in (*route.also, *route.instead):
        if name not in operations:
            yield f"names no operation ({name!r})"
    if route.idempotent and route.open:
        yield "honours Idempotency-Key for nobody in particular"
    if route.streams and (route.takes is not None or route.idempotent):
        yield "both reads its body whole and lets its door read it"
    if route.takes is not None and route.reads != (FORM_TYPE,) and (loose := _loose(route.takes)):
        yield f"takes {loose}, which ignores unknown members"
    if route.lasting and not _lasts(route, operations):
        yield "has an answer that may change by itself, or hangs on more than is asked"


def _lasts(route: Route, operations: Mapping[str, Operation]) -> bool:
    """Say whether whoever may ask is told the same by all that the desk knows of the request."""
    doings = route.performs(operations)
    plain = not (route.open or route.everywhere or route.media or route.dialect.asks)
    looks = all(one.reads and not one.owner and not one.fresh for one in doings)
    asks = route.method == "GET" or route.takes is not None
    return asks and plain and looks


def _silences(route: Route) -> Iterator[str]:
    """Yield what a route does not say of itself."""
    if not route.section:
        yield "stands in no section of the reference"
    if not route.gives:
        yield "does not say what it gives"
    for status, type_ in route.gives.items():
        if (type_ is None) != (status in _BODILESS):
            yield f"does not say what it gives with {status}"
    if _PART.findall(route.path) != [part.name for part in route.parts]:
        yield "does not say what stands in its braces"
    if route.takes is None:
        return
    try:
        msgspec.convert(route.example, route.takes, strict=True)
    except msgspec.ValidationError as error:
        yield f"shows no example that it would take ({error})"


@cache
def _loose(taken: type) -> str:
    """Return the name of a struct in `taken` that lets unknown members pass.

    A type says the same each time, and to read it takes as long as all else that a route is asked.
    """
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
