"""Webhooks over HTTP: what is refused changes nothing, and the secret is shown once."""

from __future__ import annotations

from typing import Any

import pytest

from counterfoil.operation import OPERATIONS
from counterfoil.runtime.outward import Outward
from counterfoil.webhooks.doors.webhooks import ROUTES
from support.doors import Probe
from support.webhooks import House

PATH = "/cma/webhooks"
GOOD = {"url": "https://hooks.example.com/x", "events": ["token.leaked"]}


@pytest.fixture
def door(house: House) -> Probe:
    return Probe(house.office, house.caller(house.ada), routes=ROUTES, operations=OPERATIONS)


def body(**attributes: Any) -> dict[str, Any]:
    return {"data": {"type": "webhook", "attributes": attributes}}


def test_the_secret_is_shown_once(door: Probe) -> None:
    """Neither a look, a list, an edit nor the same request again shows it (S9)."""
    key = {"idempotency-key": "0123456789abcdef"}
    made = door("POST", PATH, body(**GOOD), key)
    assert made.status == 201
    assert made.headers["cache-control"].endswith("no-store")
    secret = made.json["data"]["attributes"]["secret"]
    assert secret.startswith("whsec_")
    again = door("POST", PATH, body(**GOOD), key)
    assert again.json["data"]["id"] == made.json["data"]["id"]
    one = f"{PATH}/{made.json['data']['id']}"
    for answer in (
        again,
        door("GET", one),
        door("GET", PATH),
        door("PATCH", one, body(name="Other")),
        door("GET", f"{one}/messages"),
    ):
        assert answer.status in {200, 201}
        assert secret not in str(answer.json)
    rotated = door("POST", f"{one}/rotate")
    assert rotated.json["data"]["attributes"]["secret"] not in {None, secret}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"url": "http://hooks.example.com/"}, "url"),
        ({"url": "ftp://hooks.example.com/"}, "url"),
        ({"url": "https://"}, "url"),
        ({"url": "https://a:b@hooks.example.com/"}, "url"),
        ({"url": "https://hooks.example.com/#x"}, "url"),
        ({"url": "https://hooks.example.com:99999/"}, "url"),
        ({"url": "https://hooks.example.com/\r\nX: y"}, "url"),
        ({"url": "https://hooks.example.com/" + "x" * 2000}, "url"),
        ({"url": f"https://hooks.example.com/?t=cfp_{'0' * 50}"}, "url"),
        ({"events": []}, "events"),
        ({"events": ["webhook.ping"]}, "events"),
        ({"events": ["token.eaten"]}, "events"),
        ({"name": "a\nb"}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_cannot_be_is_refused(door: Probe, wrong: dict[str, Any], field: str) -> None:
    """A clear 422 that names the field, and nothing is made of it."""
    answer = door("POST", PATH, body(**{**GOOD, **wrong}))
    assert answer.status == 422
    pointed = answer.json["errors"][0]["source"]["pointer"]
    assert pointed.startswith("/data/attributes") or field in str(answer.json)
    assert door("GET", PATH).json["data"] == []


@pytest.mark.parametrize("url", ["https://10.1.2.3/x", "https://localhost/", "http://127.0.0.1/"])
def test_a_private_address_is_refused_at_once(house: House, door: Probe, url: str) -> None:
    """What is private by its spelling is no webhook's: the field and the setting are named (S53).

    One that is there already, since the operator allowed that once, can be changed otherwise.
    """
    made = door("POST", PATH, body(**GOOD))
    there = door("POST", PATH, body(**{**GOOD, "url": url}))
    one, old = (f"{PATH}/{it.json['data']['id']}" for it in (made, there))
    house.office.reaches = Outward().admits
    for answer in (
        door("POST", PATH, body(**{**GOOD, "url": url})),
        door("PATCH", one, body(url=url)),
    ):
        (error,) = answer.json["errors"]
        assert (answer.status, error["source"]["pointer"]) == (422, "/data/attributes/url")
        assert "COUNTERFOIL_WEBHOOK_NETWORKS" in error["detail"]
    assert door("PATCH", old, body(url=url, name="Other")).status == 200
    assert len(door("GET", PATH).json["data"]) == 2


def test_a_stale_version_changes_nothing(door: Probe) -> None:
    """Who looked at an older state is told so."""
    made = door("POST", PATH, body(**GOOD))
    one = f"{PATH}/{made.json['data']['id']}"
    assert door("PATCH", one, body(enabled=False), {"if-match": '"1"'}).status == 200
    for method, there in (("PATCH", one), ("POST", f"{one}/rotate"), ("DELETE", one)):
        sent = body(enabled=True) if method == "PATCH" else None
        assert door(method, there, sent, {"if-match": '"1"'}).status == 412
    shown = door("GET", one).json["data"]
    assert (shown["attributes"]["standing"], shown["meta"]["version"]) == ("off", 2)
    assert door("DELETE", one, None, {"if-match": '"2"'}).status == 204
    assert door("GET", one).status == 404


def test_only_who_manages_the_policy_sees_any(house: House) -> None:
    """Others get a 403, whatever they ask."""
    reader = Probe(house.office, house.caller(house.rea), routes=ROUTES, operations=OPERATIONS)
    for method, path, sent in (
        ("GET", PATH, None),
        ("POST", PATH, body(**GOOD)),
        ("GET", f"{PATH}/4031846205310216", None),
        ("DELETE", f"{PATH}/4031846205310216", None),
    ):
        assert reader(method, path, sent).status == 403


def test_what_was_told_is_listed_page_by_page(door: Probe, house: House) -> None:
    """Each message says what became of it, and not what was in it."""
    hook = house.register("token.created")
    for name in "abc":
        house.granted(house.dan, name)
    house.deliver()
    one = f"{PATH}/{hook.webhook.id}/messages"
    first = door("GET", f"{one}?page[size]=2").json
    assert first["meta"]["total_count"] == 4
    rest = door("GET", first["links"]["next"]).json
    facts = [each["attributes"] for each in (*first["data"], *rest["data"])]
    assert sorted(each["event"] for each in facts) == [*["token.created"] * 3, "webhook.ping"]
    assert {each["state"] for each in facts} == {"delivered"}
    assert "tok_" not in str(first)
    id_ = first["data"][0]["id"]
    sent = door("POST", f"{one}/{id_}/resend")
    assert (sent.status, sent.json["data"]["attributes"]["state"]) == (202, "waiting")
    assert door("POST", f"{one}/4031846205310216/resend").status == 404
