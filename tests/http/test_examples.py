"""The examples of the reference run: each is sent to the real server as it stands there (G2).

Only the ids in them are put in, which are nobody's, and the credentials, which are truncated.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from copy import deepcopy
from http.client import HTTPConnection
from urllib.parse import quote, urlencode

import pytest

from counterfoil.app.routes import PROGRAMS
from counterfoil.jsonapi.body import FORM_TYPE
from counterfoil.jsonapi.parameter import Parameter
from counterfoil.jsonapi.route import Route
from counterfoil.operation import OPERATIONS
from infra.server import Server, serving
from support.examples import addressed, asking, first, stocked, tag, with_credentials
from support.sample import Said, Sample, said
from support.stock import Stock

ASKED = {"/amplience/graphql", "/graphql/assets", "/leaks", "/cma/token/turned_down"}
"""Where the example of the reference asks, or nobody is told whether it changed something."""


def reads(route: Route) -> bool:
    """Say whether nothing that a door may do changes anything."""
    return all(one.reads for one in route.performs(OPERATIONS))


FILTERED = [route for route in PROGRAMS if route.method == "GET" and route.query and not route.open]
ELSEWHERE = {
    "DELETE /cma/identities/{id}": "test_signin_sessions.py",
    "DELETE /cma/sessions/{id}": "test_signin_sessions.py",
    "DELETE /cma/token": "test_http_position.py",
    "GET /oauth/authorize": "test_http_position.py",
    "POST /signout": "test_http_position.py",
    "DELETE /cma/passkeys/{id}": "test_signin_passkeys.py",
    "POST /cma/invitations/{id}/accept": "test_directory_invitations.py",
    "POST /cma/invitations/{id}/decline": "test_directory_invitations.py",
    "POST /leaks/github": "test_tokens_found.py",
    "POST /oauth/introspect": "test_introspection_told.py",
}
"""What nobody can ask for who is an admin of the sample, and where it is tried."""

HERE = [route for route in PROGRAMS if f"{route.method} {route.path}" not in ELSEWHERE]
TAKING = [route for route in HERE if route.takes is not None]
BARE = [route for route in HERE if route.takes is None and not reads(route)]


def name_of(route: Route) -> str:
    return f"{route.method} {route.path}"


def position(sample: Sample) -> str:
    """Return where the feed stands, as the database says it."""
    with closing(sqlite3.connect(sample.directory / "office.sqlite")) as books:
        return str(books.execute("SELECT position FROM feed_head").fetchone()[0])


@pytest.fixture(scope="module")
def server(sample: Sample) -> Iterator[Server]:
    with serving(sample.directory) as running:
        yield running


@pytest.fixture(scope="module")
def stock(sample: Sample, server: Server) -> Stock:
    """The admin and a reader, signed in, and no limit that the number of examples would meet."""
    return stocked(server, sample)


@pytest.mark.parametrize("route", TAKING, ids=map(name_of, TAKING))
def test_body(route: Route, stock: Stock, server: Server, sample: Sample) -> None:
    """The body that the reference shows for an operation is answered with its success (G2)."""
    address, own = addressed(route, stock)
    address += asking(route)
    body = with_credentials(
        stock.fresh(stock.filled(deepcopy(route.example), own)), route, stock, sample
    )
    headers = {"If_Match": tag(stock, address)} if route.conditional else {}
    if route.open or route.reads == (FORM_TYPE,):
        seen = form(server, address, body)
    else:
        speaker = stock.speaker(address)
        seen = speaker(route.method, address, body, **headers)
    assert seen.status in route.gives, seen.body
    written = not reads(route) and route.path not in ASKED
    assert seen.headers.get("counterfoil-position") == (position(sample) if written else None)


@pytest.mark.parametrize("route", BARE, ids=map(name_of, BARE))
def test_bare_write(route: Route, stock: Stock, sample: Sample) -> None:
    """What changes something without a body succeeds, and says where the feed stood (S29)."""
    address, own = addressed(route, stock)
    for before in first(route):
        body = stock.filled(deepcopy(before.example), own)
        assert stock.admin(before.method, before.path.replace("{id}", own), body).status == 200
    headers = {"If_Match": tag(stock, address)} if route.conditional else {}
    seen = stock.speaker(address)(route.method, address + asking(route), **headers)
    assert seen.status in route.gives, seen.body
    assert seen.headers["counterfoil-position"] == position(sample)


@pytest.mark.parametrize("route", FILTERED, ids=map(name_of, FILTERED))
def test_parameters(route: Route, stock: Stock) -> None:
    """Each parameter of a list is understood as the reference shows it (G2)."""
    address, _ = addressed(route, stock)
    shown = [one for one in route.query if one.example is not None or one.required]
    needed = {one.name: str(one.example) for one in shown if one.required}
    for one in shown:
        said = needed | spelled(one, stock)
        seen = stock.admin("GET", f"{address}?{urlencode(said)}")
        assert seen.status in route.gives, (one.name, seen.body)
        assert "counterfoil-position" not in seen.headers


def spelled(one: Parameter, stock: Stock) -> dict[str, str]:
    """Return an example as a query says it; one that asks of properties names their type too."""
    if not one.family:
        return {one.name: here(one.name, str(one.example), stock)}
    assert isinstance(one.example, dict)
    asked = {f"{one.name}[{name}]": value for name, value in one.example.items()}
    return {"filter[type]": "article", **asked}


def here(name: str, value: str, stock: Stock) -> str:
    """Put a node that is there into a filter that asks for one."""
    return (
        stock.one("node") if name in {"filter[node]", "filter[parent]", "filter[under]"} else value
    )


def form(server: Server, address: str, body: dict[str, str]) -> Said:
    """Send a body as a form."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
    try:
        headers = {"Content-Type": FORM_TYPE, "Accept": "application/json"}
        connection.request("POST", address, urlencode(body, quote_via=quote), headers)
        return said(connection.getresponse())
    finally:
        connection.close()
