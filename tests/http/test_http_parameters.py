"""What a parameter cannot say is refused by the name under which it came, in every dialect."""

from __future__ import annotations

import json
from typing import Any

import pytest

from counterfoil.app.routes import PROGRAMS
from counterfoil.jsonapi.openapi_codes import statuses
from counterfoil.operation import OPERATIONS
from support.inside import Inside
from support.stock import Stock

OURS = ("filter[path]", "page[after]")


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("/__api/assets?url=/site%252f..", "url"),
        ("/dx/catalog.entities.list?cursor=x", "cursor"),
        ("/datocms/items?nested=maybe", "nested"),
        ("/datocms/items/1234567890123456?nested=maybe", "nested"),
        ("/amplience/v2/content/hubs?sort=x", "sort"),
        ("/amplience/v2/content/hubs/{organization}/content-types?sort=label,up", "sort"),
        ("/cma/audit_events?filter[outcome]=x", "filter[outcome]"),
        ("/cma/nodes?filter[path]=x", "filter[path]"),
        ("/cma/nodes?page[after]=x", "page[after]"),
    ],
)
def test_a_refusal_names_what_was_sent(house: Inside, stock: Stock, path: str, named: str) -> None:
    """A value that means nothing is a 400 which names its parameter, and no other (S39)."""
    speak = house.bearing(stock.everything())
    seen = speak("GET", path.replace("{organization}", stock.one("organization")))
    told = json.dumps(seen.body)
    assert (seen.status, f"'{named}'" in told or f'"{named}"' in told) == (400, True), told
    assert not any(name in told for name in OURS if name != named)


def test_a_foreign_token_of_the_vendors_trail(house: Inside) -> None:
    """The vendor's question names its own member, though the cursor is ours (S35)."""
    body = {"data": {"type": "audit_log_query", "attributes": {"next_token": "x"}}}
    seen = house.bearing(house.sign_in(0))("POST", "/datocms/audit-log-events/query", body)
    assert seen.status == 400
    assert "'next_token'" in json.dumps(seen.body)


@pytest.mark.parametrize("prefix", ["", "nod_"])
def test_the_trail_is_asked_by_either_spelling(stock: Stock, prefix: str) -> None:
    """What was done on a thing is found by its digits as by its spelled id (X2)."""
    node = stock.one("node")
    found = stock.admin("GET", f"/cma/audit_events?filter[target]={prefix}{node}").body["data"]
    assert {one["attributes"]["target"] for one in found} == {f"nod_{node}"}


def _stricter(stock: Stock) -> tuple[str, Any]:
    """Return a draft that its type no longer allows."""
    entry = stock.one("item")
    shown = stock.admin("GET", f"/cma/items/{entry}").body["data"]
    type_ = shown["relationships"]["item_type"]["data"]["id"]
    path = f"/cma/item-types/{type_}"
    body = stock.admin("GET", path).body["data"]["attributes"]["body"]
    stricter = {**body, "required": [*body.get("required", ()), "never_said"]}
    stricter["properties"] = {**body.get("properties", {}), "never_said": {"type": "string"}}
    attributes = {"body": stricter}
    change = {"data": {"type": "item_type", "id": type_, "attributes": attributes}}
    assert stock.admin("PATCH", path, change).status == 200
    change["data"]["attributes"] = {"body": body}
    return entry, lambda: stock.admin("PATCH", path, change)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/cma/items/{id}/publish"),
        ("PUT", "/datocms/items/{id}/publish"),
        ("GET", "/agility/api/v1/instance/{guid}/{locale}/item/{id}/publish"),
    ],
)
def test_a_type_that_became_stricter(house: Inside, stock: Stock, method: str, path: str) -> None:
    """A draft that its type no longer allows is not published, with a status that is documented."""
    (route,) = (one for one in PROGRAMS if (one.method, one.path) == (method, path))
    entry, undo = _stricter(stock)
    try:
        address = path.replace("{id}", entry).replace("{locale}", "en")
        address = address.replace("{guid}", stock.one("organization"))
        seen = house.bearing(house.sign_in(0))(method, address)
    finally:
        undo()
    assert seen.status == 422, seen.body
    assert seen.status in statuses(route, route.performs(OPERATIONS))
