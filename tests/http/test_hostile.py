"""Bodies that nobody means well: one law for every door that takes one, ours and the vendors'."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest
from werkzeug.test import Client

from counterfoil.app.routes import PROGRAMS
from counterfoil.feed.outbox import read_head
from counterfoil.jsonapi.body import ANY_TYPE, FORM_TYPE
from counterfoil.jsonapi.parameter import Parameter
from counterfoil.jsonapi.route import Route
from counterfoil.operation import OPERATIONS
from support.conformance import Reference
from support.inside import Inside
from support.stock import Speaker, Stock, kind_of

TAKING = [
    route
    for route in PROGRAMS
    if route.takes is not None and not route.open and route.reads != (FORM_TYPE,)
]
CREATING = [
    route
    for route in TAKING
    if route.method == "POST" and "{" not in route.path and {200, 201} & set(route.gives)
    and isinstance(route.example, dict) and "attributes" in route.example.get("data", {})
    and not route.path.endswith(("/preview", "/query"))
]  # fmt: skip


_MARK = "a number stands here"


def with_number(value: Any, mark: str) -> Iterator[Any]:
    """Yield a body with a mark in the place of a number, once for each in it."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        yield mark
    elif isinstance(value, dict):
        for name, member in value.items():
            yield from ({**value, name: other} for other in with_number(member, mark))
    elif isinstance(value, list):
        for place, member in enumerate(value):
            for other in with_number(member, mark):
                yield [*value[:place], other, *value[place + 1 :]]


def name_of(route: Route) -> str:
    return f"{route.method} {route.path}"


@pytest.fixture(scope="module")
def reference() -> Reference:
    return Reference(PROGRAMS, OPERATIONS)


@pytest.fixture(scope="module")
def ann(house: Inside) -> Speaker:
    """The admin, in a session of her own."""
    return house.bearing(house.sign_in(0))


@pytest.fixture(scope="module")
def knock(house: Inside, stock: Stock, reference: Reference) -> Any:
    """Sends bytes as the admin; returns the status of an answer that is as the reference says.

    What an address names is made when it is first knocked at.
    """
    session = house.sign_in(0)
    known = {"{guid}": stock.one("organization"), "{schema}": stock.one("item_type")}
    ids: dict[str, str] = {}

    def send(route: Route, raw: bytes, media_type: str = "application/json") -> int:
        path = route.path
        for name, value in known.items():
            path = path.replace(name, value)
        if "{id}" in path and path not in ids:
            ids[path] = stock.one(kind_of(route.path))
        path = path.replace("{id}", ids.get(path, ""))
        needed = {one.name: str(one.example) for one in route.query if one.required}
        path += f"?{urlencode(needed)}" if needed else ""
        headers = {"Authorization": f"Bearer {session}", "Content-Type": media_type}
        if route.conditional:
            headers["If-Match"] = '"1"'
        seen = Client(house.app.wsgi).open(path, method=route.method, data=raw, headers=headers)
        told = seen.headers.get("content-type", "")
        reference.hold(name_of(route), seen.status_code, told, seen.data)
        return seen.status_code

    return send


@pytest.mark.parametrize("route", TAKING, ids=map(name_of, TAKING))
def test_two_readings(route: Route, knock: Any, house: Inside) -> None:
    """What two readers could understand differently is a 400, and nothing has happened (S38)."""
    raw = json.dumps(route.example)
    first = raw.partition(":")[0].lstrip("[{") if raw[0] == "{" else '"roleID"'
    deep = "[" * 33 + "]" * 33
    twice = f"{{{first}: 1, {first}: 1}}"
    knock(route, b"")
    before = head(house)
    for bad in (
        twice if raw[0] == "{" else f"[{twice}]",
        f'{raw[:-1]}, "x": {deep}}}' if raw[0] == "{" else f"[{deep}]",
        '{"x": NaN}',
        f'{{"x": {2**60}}}',
        '{"x": "\\ud800"}',
        raw[:-1],
        *([] if route.optional else [""]),
    ):
        assert knock(route, bad.encode()) == 400, bad
    assert knock(route, raw.encode("utf-16")) == 400
    if ANY_TYPE not in route.reads:
        assert knock(route, raw.encode(), "text/plain") == 415
        assert knock(route, raw.encode(), "application/json; charset=latin-1") == 415
    assert head(house) == before


@pytest.mark.parametrize("route", TAKING, ids=map(name_of, TAKING))
def test_mass_assignment(route: Route, knock: Any, house: Inside) -> None:
    """A member that a door does not name is a 422, wherever it stands (S39)."""
    knock(route, b"")
    before = head(house)
    for body in with_one_more(route.example):
        try:
            msgspec.convert(body, route.takes)
        except msgspec.ValidationError:
            assert knock(route, json.dumps(body).encode()) == 422, body
    assert head(house) == before


@pytest.mark.parametrize("route", CREATING, ids=map(name_of, CREATING))
def test_ids_are_given(route: Route, knock: Any, house: Inside) -> None:
    """Nobody chooses the id of what is made (S39)."""
    body = deepcopy(route.example)
    body["data"]["id"] = "4031846205310216"  # type: ignore[index]
    before = head(house)
    assert knock(route, json.dumps(body).encode()) == 422
    assert head(house) == before


COUNTING = [route for route in TAKING if any(with_number(route.example, _MARK))]
NO_NUMBERS = (
    "NaN", "Infinity", "1e400", "-1e400", "9" * 5_000, str(2**63), str(-(2**64)), "true", '"0x10"',
    '"\uff11\uff12"', "[1]",
)  # fmt: skip


@pytest.mark.parametrize("route", COUNTING, ids=map(name_of, COUNTING))
def test_numbers(route: Route, knock: Any, house: Inside) -> None:
    """What is no number, or beyond 2**53, is a 4xx wherever one stands in a body (S38).

    What is one, and larger or smaller than anybody means, is answered, and by no failure of ours.
    """
    knock(route, b"")
    before = head(house)
    for body in with_number(route.example, _MARK):
        raw = json.dumps(body)
        for bad in NO_NUMBERS:
            assert knock(route, raw.replace(f'"{_MARK}"', bad).encode()) in {400, 422}, bad[:20]
    assert head(house) == before
    for body in with_number(route.example, _MARK):
        for odd in ("-1", "0.5", "-0", str(2**31), str(2**53 - 1), "1e300"):
            raw = json.dumps(body).replace(f'"{_MARK}"', odd)
            assert knock(route, raw.encode()) < 500, odd


def with_one_more(value: Any) -> Iterator[Any]:
    """Yield a body with a member more, once for every object in it."""
    if isinstance(value, dict):
        yield {**value, "is_admin": True}
        for name, member in value.items():
            yield from ({**value, name: other} for other in with_one_more(member))
    elif isinstance(value, list):
        for place, member in enumerate(value):
            for other in with_one_more(member):
                yield [*value[:place], other, *value[place + 1 :]]


def head(house: Inside) -> int:
    """Return the feed's position, which every effect moves."""
    with house.app.database.reading() as tx:
        return read_head(tx).position


PARTICULAR = [
    (route, one)
    for route in PROGRAMS
    for one in route.query
    if not route.open and route.method == "GET"
    and one.schema.keys() & {"enum", "pattern", "format", "minimum"}
]  # fmt: skip


@pytest.mark.parametrize(
    ("route", "one"), PARTICULAR, ids=[f"{route.path} {one.name}" for route, one in PARTICULAR]
)
def test_parameters(route: Route, one: Parameter, stock: Stock, ann: Speaker) -> None:
    """A parameter that is not what its address understands is a 400, whichever list it is (S39)."""
    path = re.sub(
        r"{(\w+)}",
        lambda part: (
            {"guid": stock.one("organization"), "locale": "en", "position": "1"}.get(part[1])
            or stock.one(kind_of(route.path))
        ),
        route.path,
    )
    needed = {each.name: str(each.example) for each in route.query if each.required}
    odd = ("1e3", "0x10", "\uff11\uff12", "+1", " 1", "NaN", str(2**63), "9" * 5_000)
    for nonsense in ("?!", "-1", "9" * 30, *(odd if one.schema.get("type") == "integer" else ())):
        query = urlencode({**needed, one.name: nonsense})
        assert ann("GET", f"{path}?{query}").status == 400, nonsense


STEPS = ("//", "/../", "/./", "\\", ";", "%2f", "%2e%2e/", "%00", "%5c")


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(
    "path",
    ["/cma/users/me", "/datocms/users/me", "/amplience/v2/content/hubs", "/agility/api/v1/users/me",
     "/dx/auth.info", "/__api/assets"],
)  # fmt: skip
def test_paths(path: str, step: str, house: Inside, stock: Stock) -> None:
    """An address that two readers could take for two is none, in any dialect (S34)."""
    first, last = path.rsplit("/", 1)
    session = {"Authorization": f"Bearer {stock.everything()}"}
    for raw in (f"{first}{step}{last}", f"{path}{step}", f"{first}/x{step}{last}"):
        seen = Client(house.app.wsgi).open(
            "/", headers=session, environ_overrides={"PATH_INFO": raw, "RAW_URI": raw}
        )
        assert seen.status_code in {400, 404}, raw
        assert seen.is_json
