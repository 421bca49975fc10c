"""A create that is sent twice under one key happens once, in each vendor's way of speaking too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from counterfoil.app.routes import PROGRAMS
from support.sample import Said
from vendors.venue import Venue

Ask = Callable[[Venue, str], Said]
CREATES = ("create", "duplicate", "enroll", "upload", "regenerate", "invite")
"""How the names of operations begin that make something, or a secret."""


def record(venue: Venue, key: str) -> Said:
    types = venue.sample.told["content_types"]
    of = {"item_type": {"data": {"type": "item_type", "id": types["article"]}}}
    data = {
        "type": "item",
        "attributes": {"title": "Sent twice", "text": "Once."},
        "relationships": of,
    }
    return venue.ann("POST", "/datocms/items", {"data": data}, Idempotency_Key=key)


def duplicate(venue: Venue, key: str) -> Said:
    path = f"/datocms/roles/{venue.role('reader')}/duplicate"
    return venue.ann("POST", path, Idempotency_Key=key)


def regenerated(venue: Venue, key: str) -> Said:
    id_ = venue.api_token("reader", name=f"again {key}")[0] if key not in MADE else MADE[key]
    MADE[key] = id_
    path = f"/datocms/access_tokens/{id_}/regenerate_token"
    return venue.ann("POST", path, Idempotency_Key=key)


def agility(venue: Venue, key: str) -> Said:
    venue.under("agility")
    path = "/agility/api/v1/tokens/create"
    return venue.ann("POST", path, {"Name": f"again {key}"}, Idempotency_Key=key)


def schema(venue: Venue, key: str) -> Said:
    hub = venue.sample.told["organization"]["id"]
    path = f"/amplience/v2/content/hubs/{hub}/content-type-schemas"
    id_ = f"https://schema.example/{key}.json"
    body = '{"type": "object", "properties": {"title": {"type": "string"}}}'
    said = {"schemaId": id_, "body": body, "validationLevel": "CONTENT_TYPE"}
    return venue.ann("POST", path, said, Idempotency_Key=key)


def by_graphql(venue: Venue, key: str) -> Said:
    venue.under("amplience")
    create = "createPersonalAccessToken(input: {name: $name}) { id token }"
    asked = {"query": f"mutation($name: String!) {{ {create} }}", "variables": {"name": key}}
    return venue.ann("POST", "/amplience/graphql", asked, Idempotency_Key=key)


def sending(venue: Venue, key: str) -> Said:
    said = {"type": "upload_request", "attributes": {"filename": f"{key}.png"}}
    return venue.ann("POST", "/datocms/upload-requests", {"data": said}, Idempotency_Key=key)


MADE: dict[str, str] = {}
WAYS: dict[str, tuple[Ask, Callable[[Any], Any], Callable[[Any], Any] | None]] = {
    "a record": (record, lambda body: body["data"]["id"], None),
    "where to send a file": (sending, lambda body: body["data"]["attributes"]["url"], None),
    "a role": (duplicate, lambda body: body["data"]["id"], None),
    "a secret": (
        regenerated,
        lambda body: body["data"]["id"],
        lambda body: body["data"]["attributes"]["token"],
    ),
    "a token of Agility's": (agility, lambda body: body["tokenID"], lambda body: body["token"]),
    "a schema": (schema, lambda body: body["id"], None),
    "a token of Amplience's": (
        by_graphql,
        lambda body: body["data"]["createPersonalAccessToken"]["id"],
        lambda body: body["data"]["createPersonalAccessToken"]["token"],
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_create_that_is_sent_twice_happens_once(venue: Venue, way: str) -> None:
    """A try that is repeated gets the first answer, without its secret, in each dialect (R9)."""
    ask, id_of, secret_of = WAYS[way]
    key = f"key-of-{list(WAYS).index(way):010}"
    first, again = ask(venue, key), ask(venue, key)
    assert first.status == again.status
    assert first.status in {200, 201}, first.body
    assert id_of(first.body) == id_of(again.body)
    if secret_of is None:
        assert first.body == again.body
        return
    assert secret_of(first.body).startswith("cf")
    assert secret_of(again.body) is None
    said = again.body.get("extensions" if "graphql" in ask.__name__ else "meta")
    assert said == {"secret_already_shown": True}


def test_every_create_honours_the_key() -> None:
    """No create, nor what makes a secret anew, ignores Idempotency-Key (CONTRACT 16)."""
    asks = {"token.request", "token.renew", "upload.request"}
    silent = {
        route.name
        for route in PROGRAMS
        if not route.idempotent
        and not route.open
        and route.method == "POST"
        and any(
            name.rpartition(".")[2].startswith(CREATES) or name in asks
            for name in (route.operation, *route.also)
        )
    }
    assert silent == set()
