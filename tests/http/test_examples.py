"""The examples of the reference run: each is sent to the real server as it stands there (G2).

Only the ids in them are put in, which are nobody's, and the credentials, which are truncated.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from copy import deepcopy
from dataclasses import replace
from http.client import HTTPConnection
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import pytest

from counterfoil.app.routes import PROGRAMS
from counterfoil.demo.walk import Walk
from counterfoil.jsonapi.body import FORM_TYPE
from counterfoil.jsonapi.parameter import SAMPLE, Parameter
from counterfoil.jsonapi.route import Route
from counterfoil.operation import OPERATIONS
from counterfoil.web.reference_example import Example
from counterfoil.web.reference_example import example_of as shown_of
from counterfoil.web.reference_example import spelled as written
from infra.server import Server, serving
from support.examples import LANGUAGES
from support.sample import Said, Sample, Talker, said
from support.stock import Stock, example_of, kind_of

ASKED = {"/amplience/graphql", "/graphql/assets"}
"""Where the example of the reference asks, and another body would change something."""


def reads(route: Route) -> bool:
    """Say whether nothing that a door may do changes anything."""
    return all(one.reads for one in route.performs(OPERATIONS))


FILTERED = [route for route in PROGRAMS if route.method == "GET" and route.query and not route.open]
FIRST = {
    "POST /cma/users/{id}/reactivate": ("POST", "/cma/users/{id}/deactivate"),
    "POST /cma/nodes/{id}/restore": ("DELETE", "/cma/nodes/{id}"),
}
"""What comes before an operation that undoes something; before a DELETE, what made it there."""

ELSEWHERE = {
    "DELETE /cma/identities/{id}": "test_signin_sessions.py",
    "DELETE /cma/sessions/{id}": "test_signin_sessions.py",
    "DELETE /cma/token": "test_http_position.py",
    "GET /oauth/authorize": "test_http_position.py",
    "POST /signout": "test_http_position.py",
    "POST /cma/invitations/{id}/accept": "test_directory_invitations.py",
    "POST /cma/invitations/{id}/decline": "test_directory_invitations.py",
}
"""What nobody can ask for who is an admin of the sample, and where it is tried."""

HERE = [route for route in PROGRAMS if f"{route.method} {route.path}" not in ELSEWHERE]
TAKING = [route for route in HERE if route.takes is not None]
BARE = [route for route in HERE if route.takes is None and not reads(route)]
PAIR = example_of("POST", "/cma/key_pairs")
TOKEN = example_of("POST", "/cma/personal_access_tokens")


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
    talker = Talker(server.port)
    walk = Walk(server.url, tell=lambda _line: None)
    people = sample.told["people"]
    sessions = [walk.sign_in(one["email"], one["email"], one["password"]) for one in people]
    walk.close()
    admin, asker = talker.bearing(sessions[0]), talker.bearing(sessions[2])
    path = f"/cma/organizations/{sample.told['organization']['id']}/token_policy"
    version = admin("GET", path).headers["etag"]
    attributes = {
        "quota": None,
        "management_limit": 100_000,
        "scope_mode_default": "inherit",
        "allow_no_expiration": True,
        "creations_per_hour": 1_000,
    }
    body = {"data": {"type": "token_policy", "attributes": attributes}}
    assert admin("PATCH", path, body, If_Match=version).status == 200

    def put(url: str, raw: bytes) -> int:
        connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
        connection.request("PUT", urlsplit(url).path, raw)
        status = connection.getresponse().status
        connection.close()
        return status

    return Stock(admin, asker, put, sample.told)


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
        speaker = stock.asker if address.endswith("/cancel") else stock.admin
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
    seen = stock.admin(route.method, address + asking(route), **headers)
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


NOT_HERE = {
    "DELETE /cma/sessions/{id}",
    "DELETE /cma/identities/{id}",
    "PUT /cma/uploads/{ticket}",
    "GET /cma/items/{id}/schedule",
    "GET /cma/nodes/{id}/lock",
    "GET /cma/api_tokens/{id}/lock",
    "GET /cda/items/{id}",
    "GET /datocms/job-results/{id}",
    "PATCH /cma/organizations/{id}/token_policy",
    "POST /agility/api/v1/instance/{guid}/user/save",
    *(f"GET /agility/api/v1/instance/{{guid}}/{{locale}}/item/{{id}}/{verb}"
      for verb in ("approve", "decline", "request-approval")),
}  # fmt: skip
"""What is about a thing that no request of the reference has made, what
`test_body` asks for once and cannot be asked for again, and a workflow that is off."""

SPELLED = [route for route in HERE if name_of(route) not in NOT_HERE]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("route", SPELLED, ids=map(name_of, SPELLED))
def test_languages(
    route: Route, language: str, stock: Stock, server: Server, sample: Sample
) -> None:
    """What the reference shows in each of three languages is run, and succeeds (D16)."""
    speaker = stock.asker if route.path.endswith("/cancel") else stock.admin
    assert isinstance(speaker, Talker)
    bearer = speaker.headers["Authorization"].removeprefix("Bearer ")
    example = real(route, stock, sample)
    status, told = LANGUAGES[language](example, server, bearer)
    assert status in route.gives, told


def real(route: Route, stock: Stock, sample: Sample) -> Example:
    """Return the request that the reference shows, about things that are there."""
    address, own = addressed(route, stock)
    example = replace(shown_of(route), address=address + asking(route))
    for before in first(route):
        body = stock.filled(deepcopy(before.example), own)
        stock.admin(before.method, before.path.replace("{id}", own), body)
    headers = dict(example.headers)
    if route.conditional:
        headers["If-Match"] = tag(stock, address)
    if route.takes is None:
        return replace(example, headers=headers)
    filled = stock.fresh(stock.filled(deepcopy(route.example), own))
    body = with_credentials(filled, route, stock, sample)
    return replace(example, headers=headers, body=written(body, headers["Content-Type"]))


def first(route: Route) -> list[Route]:
    """Return what must have been done, so that a route has something to undo."""
    makers = {("POST", route.path), ("PUT", route.path)} if route.method == "DELETE" else set()
    named = makers | {FIRST.get(name_of(route))}
    return [one for one in PROGRAMS if (one.method, one.path) in named]


def spelled(one: Parameter, stock: Stock) -> dict[str, str]:
    """Return an example as a query says it; one that asks of properties names their type too."""
    if not one.family:
        return {one.name: here(one.name, str(one.example), stock)}
    assert isinstance(one.example, dict)
    asked = {f"{one.name}[{name}]": value for name, value in one.example.items()}
    return {"filter[type]": "article", **asked}


def addressed(route: Route, stock: Stock) -> tuple[str, str]:
    """Put things that are there into an address; return it, and what `{id}` is."""
    own = stock.one(kind_of(route.path)) if "{id}" in route.path else ""
    filled = {
        "{guid}": stock.one("organization"),
        "{locale}": "en",
        "{number}": "1",
        "{schema}": stock.one("item_type") if "{schema}" in route.path else "",
    }
    return re.sub(r"{\w+}", lambda part: filled.get(part[0], own), route.path), own


def asking(route: Route) -> str:
    """Return the query that a route needs, as the reference shows it."""
    needed = {one.name: str(one.example) for one in route.query if one.required}
    return f"?{urlencode(needed)}" if needed else ""


def tag(stock: Stock, address: str) -> str:
    """Return the version of what an address names, be it with a verb at its end or not."""
    thing = re.sub(r"/(approve|deny|cancel)$", "", address)
    return stock.admin("GET", thing).headers["etag"]


def here(name: str, value: str, stock: Stock) -> str:
    """Put a node that is there into a filter that asks for one."""
    return stock.one("node") if name in {"filter[parent]", "filter[under]"} else value


def with_credentials(body: Any, route: Route, stock: Stock, sample: Sample) -> Any:
    """Put credentials that work where the reference shows truncated ones, or nobody's."""
    if not route.open:
        data = body.get("data") if isinstance(body, dict) else None
        attributes = data.get("attributes", {}) if isinstance(data, dict) else {}
        if "upload" in attributes:
            attributes["upload"] = stock.uploaded()
        if "path" in attributes:
            attributes["path"] = f"/{stock.uploaded()}/hello.txt"
        return body
    person = sample.told["people"][1 if route.path == "/password" else 0]
    real = {"ada@example.com": person["email"], "correct-horse-battery": person["password"]}
    if "client_id" in body:
        made = stock.admin("POST", "/cma/key_pairs", stock.fresh(stock.filled(PAIR))).body["data"]
        real |= {SAMPLE: made["id"], "cfk_EXAMPLE": made["attributes"]["token"]}
    if "token" in body:
        made = stock.admin("POST", "/cma/personal_access_tokens", TOKEN).body["data"]
        real["cfp_EXAMPLE"] = made["attributes"]["token"]
    if "code" in body:
        made = stock.admin("POST", f"/cma/users/{stock.one('user')}/invitation").body["meta"]
        real = {"cfi_EXAMPLE": made["invitation"]["code"]}
    return {name: real.get(value, value) for name, value in body.items()}


def form(server: Server, address: str, body: dict[str, str]) -> Said:
    """Send a body as a form."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
    try:
        headers = {"Content-Type": FORM_TYPE, "Accept": "application/json"}
        connection.request("POST", address, urlencode(body, quote_via=quote), headers)
        return said(connection.getresponse())
    finally:
        connection.close()
