"""Cursors: one law for every list there is, and for those to come."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from counterfoil.app.routes import PROGRAMS
from counterfoil.jsonapi.route import Route
from counterfoil.tokens.report_leak import receive
from support.inside import Inside
from support.office import ORIGIN
from support.stock import Stock, example_of, kind_of

AFTER = "page[after]"
PERSONAL = "/cma/personal_access_tokens"
LISTS = [route for route in PROGRAMS if AFTER in route.allowed]
LISTS = [route for route in LISTS if not route.path.startswith(("/__api/", "/cma/audit_refusals"))]
"""All but Squiz's, which has its own links, and that of refusals, whose pages are minutes."""


@pytest.mark.parametrize("route", LISTS, ids=[route.path for route in LISTS])
def test_sealed(route: Route, house: Inside, stock: Stock) -> None:
    """A cursor goes on in one list for one session; elsewhere it is 400, as a bare id is (S35)."""
    kind = kind_of(route.path) if "{" in route.path else ""
    path = route.path.replace("{id}", stock.one(kind) if kind else "")
    if path.endswith("/versions"):
        another_version(stock, kind, path.removesuffix("/versions"))
    else:
        fill(route, path, stock, house)
    ann = house.bearing(house.sign_in(0))
    needed = {one.name: str(one.example) for one in route.query if one.required}
    first = ann("GET", f"{path}?{urlencode({**needed, 'page[size]': '1'})}")
    assert first.status == 200, first.body
    said = dict(parse_qsl(urlsplit(first.body["links"]["next"]).query))
    assert ann("GET", f"{path}?{urlencode(said)}").status == 200
    cursor = said[AFTER]
    flipped = ("A" if cursor[0] != "A" else "B") + cursor[1:]
    for forged in (flipped, cursor[:-2], str(first.body["data"][0]["id"]), "1", "\u00e9"):
        seen = ann("GET", f"{path}?{urlencode({**said, AFTER: forged})}")
        assert (seen.status, seen.body["errors"][0]["code"]) == (400, "INVALID_REQUEST"), forged
    again = house.bearing(house.sign_in(0))
    assert again("GET", f"{path}?{urlencode(said)}").status == 400
    elsewhere = "/cma/users" if route.path != "/cma/users" else "/cma/nodes"
    assert ann("GET", f"{elsewhere}?{urlencode({AFTER: cursor})}").status == 400


def fill(route: Route, path: str, stock: Stock, house: Inside) -> None:
    """See to it that a list has two pages of one."""
    if route.path == "/cma/leak_reports":
        for _ in range(2):
            made = stock.admin("POST", PERSONAL, stock.fresh(example_of("POST", PERSONAL))).body
            receive(house.app.office, made["data"]["attributes"]["token"], "", ORIGIN)
    if route.path.endswith("/messages"):
        stock.one("key_pair")  # of which the webhook is told
    if route.path.endswith("/resources"):
        tree = example_of("PUT", "/cma/apis/{id}/tree")
        assert stock.admin("PUT", path.replace("/resources", "/tree"), tree).status == 200
    kinds = {
        "/cma/token_requests": "token_request",
        "/cma/personal_access_tokens": "personal_access_token",
        "/cma/key_pairs": "key_pair",
        "/cma/trash": "trashed",
    }
    if route.path in kinds:
        for _ in range(2):
            stock.one(kinds[route.path])


def another_version(stock: Stock, kind: str, path: str) -> None:
    """Give an entry or an asset a second version."""
    if kind == "item":
        body = {"data": {"type": "item", "attributes": {"title": "Hello again"}}}
        assert stock.admin("PATCH", path, body).status == 200
        return
    attributes = {"upload": stock.uploaded(), "filename": "other.txt"}
    body = {"data": {"type": "node", "attributes": attributes}}
    assert stock.admin("PUT", f"{path}/file", body).status == 200
