"""The reference as pages show it, made from the same routes and structs as `/openapi.json`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from counterfoil.jsonapi import openapi
from counterfoil.jsonapi.fault import status_of
from counterfoil.jsonapi.openapi_codes import codes
from counterfoil.jsonapi.openapi_sample import Schema, choices, resolved, sample
from counterfoil.jsonapi.route import Route
from counterfoil.kernel.errors import MEANING, Code
from counterfoil.operation import OPERATIONS, Operation
from counterfoil.web.views.reference_example import Example, example_of
from counterfoil.web.views.reference_members import Member, members, parameters, type_of

_WORD: Final = re.compile(r"[^a-z0-9]+")
_SAID: Final = {
    "X-Request-Id": "5d2f9a0c7be14f6f8f0d3b6a1c2e4d7f",
    "Counterfoil-Position": "1207",
    "Location": "/cma/users/4031846205310216",
}
_CODES: Final[Mapping[Code, str]] = {
    code: text for some in MEANING.values() for code, text in some.items()
}


@dataclass(frozen=True, slots=True)
class Given:
    """One way in which an operation succeeds: its status, the type it returns, and an answer."""

    status: int
    says: str
    resource: str
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """An operation in an index: where it stands, and what it is called."""

    section: str
    slug: str
    id: str
    method: str
    path: str
    summary: str

    @property
    def address(self) -> str:
        """The address at which it is explained."""
        return f"/reference/{self.slug}/{self.id}"


@dataclass(frozen=True, slots=True)
class Entry:
    """All that the reference says of one operation.

    Attributes:
        says: who may do it, in sentences.
        operation: by what name it stands in the audit trail; empty for what performs none.
        credentials: the kinds of credential that it admits.
        parameters: what stands in the address and in headers.
        takes: the members of the body.
        fails: each code with its status and what it means.
    """

    line: Line
    says: str
    operation: str
    scope: str
    surface: str
    credentials: tuple[str, ...]
    parameters: tuple[Member, ...]
    takes: tuple[Member, ...]
    example: Example
    gives: tuple[Given, ...]
    fails: tuple[tuple[int, str, str], ...]


def slug_of(section: str) -> str:
    """Return a section as an address spells it."""
    return _WORD.sub("-", section.lower().replace("'", "")).strip("-")


def lines(routes: Iterable[Route]) -> list[Line]:
    """Return every operation for programs, by section and address."""
    found = [line_of(route) for route in routes if not route.page]
    return sorted(found, key=lambda one: (one.section, one.path, one.method))


def line_of(route: Route) -> Line:
    """Return the line of a route."""
    id_ = _WORD.sub("-", f"{route.method}{route.path}".lower()).strip("-")
    slug = slug_of(route.section)
    return Line(route.section, slug, id_, route.method, route.path, route.summary)


def matching(every: Sequence[Line], words: str) -> list[Line]:
    """Return the operations in which each of these words stands."""
    asked = words.lower().split()
    return [
        one
        for one in every
        if all(
            word in f"{one.section} {one.method} {one.path} {one.summary}".lower() for word in asked
        )
    ]


def entry_of(routes: Iterable[Route], line: Line) -> Entry:
    """Return all that there is to say of one operation."""
    (route,) = (one for one in routes if not one.page and line_of(one) == line)
    document = openapi.document((route,), OPERATIONS, version="")
    said = document["paths"][route.path][route.method.lower()]
    return _entry(route, said, document["components"]["schemas"])


def _entry(route: Route, said: Mapping[str, Any], known: Mapping[str, Schema]) -> Entry:
    doings = route.performs(OPERATIONS)
    told = said.get("x-operation", {})
    return Entry(
        line_of(route),
        str(said.get("description", "")) if doings else "",
        route.operation,
        str(told.get("scope") or ""),
        str(told.get("surface") or ""),
        tuple(told.get("credentials", ())),
        parameters(said["parameters"]),
        members(said.get("requestBody"), route.example, known),
        example_of(route),
        tuple(_gives(route, said["responses"], known)),
        tuple(_fails(route, doings)),
    )


def _gives(
    route: Route, responses: Mapping[str, Any], known: Mapping[str, Schema]
) -> Iterator[Given]:
    for status in route.gives:
        response = responses[str(status)]
        contents: Mapping[str, Any] = response.get("content", {})
        media = next(iter(contents), "")
        schema: Schema | None = contents[media].get("schema") if media else None
        headers = {"Content-Type": media} if media else {}
        headers |= {name: _SAID[name] for name in response.get("headers", {}) if name in _SAID}
        body = "" if schema is None else _spelled(sample(schema, known), media)
        head = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"]
        head += [f"{name}: {value}" for name, value in headers.items()]
        yield Given(
            status,
            str(response["description"]),
            _resource(schema, known, media),
            "\n".join((*head, "", body)).rstrip("\n"),
        )


def _resource(schema: Schema | None, known: Mapping[str, Schema], media: str) -> str:
    """Return of which type that is which is answered; a document's is what stands in `data`."""
    if schema is None:
        return media
    held = resolved(choices(resolved(schema, known))[0], known)
    data = held.get("properties", {}).get("data")
    return type_of(schema if data is None else data, known)


def _spelled(value: object, media: str) -> str:
    if "json" not in media:
        return str(value)
    return json.dumps(value, indent=2, ensure_ascii=False)


def _fails(route: Route, doings: Sequence[Operation]) -> Iterator[tuple[int, str, str]]:
    found = codes(route, doings)
    for code in sorted(found, key=lambda one: (status_of(one), str(one))):
        yield status_of(code), str(code), _CODES[code]
