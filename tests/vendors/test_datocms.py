"""DatoCMS's own client and command line against our server, under its preset (D14, D15)."""

from __future__ import annotations

import json
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from infra.node import command, node
from vendors.dato import FLAGS, Dato, wish
from vendors.venue import Venue


@pytest.fixture(scope="module", autouse=True)
def _preset(venue: Venue) -> None:
    venue.under("datocms")


@pytest.mark.parametrize("mount", ["/datocms", "/cma", ""])
def test_the_life_of_a_token(venue: Venue, tmp_path: Path, manager: str, mount: str) -> None:
    """The client creates, finds, lists, updates, regenerates and destroys, at each mount (D15)."""
    dato = Dato(venue, tmp_path, mount)
    (made,) = dato(manager, ["accessTokens", "create", wish(venue, "Read-only API token", *FLAGS)])
    token = made["value"]
    assert (token["name"], token["hardcoded_type"]) == ("Read-only API token", "")
    id_, secret = token["id"], token["token"]
    change = {**wish(venue, "Renamed", "can_access_cma")}
    del change["role"]
    found, listed, updated, me = dato(
        manager,
        ["accessTokens", "find", id_],
        ["accessTokens", "list"],
        ["accessTokens", "update", id_, change],
        ["users", "findMe"],
    )
    assert found["value"]["token"] is None
    assert id_ in [one["id"] for one in listed["value"]]
    assert (updated["value"]["name"], updated["value"]["can_access_cda"]) == ("Renamed", False)
    assert updated["value"]["role"]["id"] == venue.role("editor")
    assert me["value"]["type"] == "access_token"
    (mine,) = dato(secret, ["users", "findMe"])
    assert mine["value"]["id"] == id_
    (again,) = dato(manager, ["accessTokens", "regenerateToken", id_])
    assert again["value"]["id"] == id_
    (old,), (new,) = (
        dato(secret, ["users", "findMe"]),
        dato(again["value"]["token"], ["users", "findMe"]),
    )
    assert (old["status"], old["error"]["code"]) == (401, "INVALID_AUTHORIZATION_HEADER")
    assert new["value"]["id"] == id_
    destroyed, gone = dato(manager, ["accessTokens", "destroy", id_], ["accessTokens", "find", id_])
    assert destroyed["value"]["id"] == id_
    assert (gone["status"], gone["error"]["code"]) == (404, "NOT_FOUND")


def test_another_environment(venue: Venue, manager: str) -> None:
    """Whoever asks for another environment is refused, and what is published stays (D13)."""
    id_ = venue.article("/site/press", "published")
    there = venue.bearing(manager, **{"X-Environment": "sandbox"})
    seen = there("PUT", f"/datocms/items/{id_}/unpublish")
    assert seen.body["data"][0]["attributes"]["code"] == "INVALID_ENVIRONMENT"
    assert venue.ann("GET", f"/cma/items/{id_}").body["data"]["meta"]["status"] == "published"
    here = venue.bearing(manager, **{"X-Environment": "main"})
    assert here("GET", f"/datocms/items/{id_}").status == 200


def test_roles(venue: Venue, dato: Dato, manager: str) -> None:
    """The client makes a role by its name alone, with an API token, and finds and removes it."""
    (made,) = dato(manager, ["roles", "create", {"name": "Nothing yet"}])
    id_ = made["value"]["id"]
    listed, found, gone = dato(
        manager, ["roles", "list"], ["roles", "find", id_], ["roles", "destroy", id_]
    )
    assert id_ in [one["id"] for one in listed["value"]]
    assert found["value"]["name"] == gone["value"]["name"] == "Nothing yet"
    personal = venue.bearing(venue.sample.token("personal"))
    body = {"data": {"type": "role", "attributes": {"name": "mine"}}}
    assert personal("POST", "/datocms/roles", body).status == 403


def test_flags_and_roles_bound_the_client(venue: Venue, dato: Dato, manager: str) -> None:
    """Without the Management flag nothing opens, and a reading role writes nothing (D9, D10)."""
    (cda,) = dato(manager, ["accessTokens", "create", wish(venue, "cda only", "can_access_cda")])
    (seen,) = dato(cda["value"]["token"], ["items", "list"])
    assert (seen["status"], seen["error"]["code"]) == (403, "INSUFFICIENT_PERMISSIONS")
    reading = wish(venue, "reads", *FLAGS, role="reader")
    (made,) = dato(manager, ["accessTokens", "create", reading])
    read, wrote, minted = dato(
        made["value"]["token"],
        ["items", "list", {"page": {"limit": 1}}],
        ["items", "publish", read_one(venue)],
        ["accessTokens", "create", wish(venue, "more", *FLAGS)],
    )
    assert len(read["value"]) == 1
    assert {wrote["status"], minted["status"]} == {403}


def read_one(venue: Venue) -> str:
    found = venue.ann("GET", "/cma/items?filter[type]=article&page[size]=1").body["data"]
    return str(found[0]["id"])


def test_the_audit_trail(venue: Venue, dato: Dato, manager: str) -> None:
    """The client reads who did what with which token, by its name then, page by page (X2)."""
    (made,) = dato(manager, ["accessTokens", "create", wish(venue, "traced", *FLAGS)])
    token, item = made["value"], read_one(venue)
    weak, known = dato(
        token["token"], ["accessTokens", "create", wish(venue, "more", *FLAGS)], ["roles", "list"]
    )
    assert (weak["status"], known["status"]) == (403, 403)
    assert venue.ann("PUT", f"/datocms/items/{item}/publish").status == 200
    pages = events_of(dato, manager)
    events = [one["attributes"] for one in chain(*pages)]
    created = first_of(events, "api_token.create", 200)
    assert (created["actor"]["type"], created["actor"]["name"]) == ("access_token", "demo-manager")
    assert (created["request"]["method"], created["request"]["path"]) == (
        "POST",
        "/datocms/access_tokens",
    )
    assert created["request"]["payload"] == {"target": f"tok_{token['id']}"}
    refused = first_of(events, "api_token.create", 403)
    assert refused["actor"] == {"type": "access_token", "id": token["id"], "name": "traced"}
    published = first_of(events, "entry.publish", 200)
    assert (published["request"]["method"], published["request"]["path"]) == (
        "PUT",
        f"/datocms/items/{item}/publish",
    )
    assert (published["actor"]["type"], published["actor"]["name"]) == ("user", "Ann")
    for one in events:
        assert_as_typed(one)
    (refused,) = dato(manager, ["auditLogEvents", "query", {"filter": "actor.id = '1'"}])
    assert (refused["status"], refused["error"]["code"]) == (422, "INVALID_FIELD")


def events_of(dato: Dato, token: str) -> list[list[dict[str, Any]]]:
    """Return the first two pages of the trail, which have nothing in common."""
    asked: dict[str, Any] = {"data": {"type": "audit_log_query", "attributes": {}}}
    (first,) = dato(token, ["auditLogEvents", "rawQuery", asked])
    asked["data"]["attributes"] = {"next_token": first["value"]["meta"]["next_token"]}
    (second,) = dato(token, ["auditLogEvents", "rawQuery", asked])
    pages = [first["value"]["data"], second["value"]["data"]]
    assert not {one["id"] for one in pages[0]} & {one["id"] for one in pages[1]}
    assert all(pages)
    return pages


def first_of(events: list[dict[str, Any]], action: str, status: int) -> dict[str, Any]:
    found = (one for one in events if one["action_name"] == action)
    return next(one for one in found if one["response"]["status"] == status)


def assert_as_typed(event: dict[str, Any]) -> None:
    """Hold an event to the types of the vendor's own package."""
    asked, answered, actor = event["request"], event["response"], event["actor"]
    assert {type(actor[name]) for name in ("type", "id", "name")} == {str}
    assert {type(asked[name]) for name in ("path", "method", "id")} == {str}
    assert asked["method"] in {"", "GET", "POST", "PUT", "PATCH", "DELETE"}
    assert asked["path"].startswith("/") or not asked["method"]
    assert asked["payload"] is None or isinstance(asked["payload"], dict)
    assert isinstance(answered["status"], int)
    assert isinstance(answered["payload"], dict)


def test_too_many_requests(venue: Venue, dato: Dato, manager: str) -> None:
    """The client waits for what X-RateLimit-Reset says, and goes on by itself (D12)."""
    (made,) = dato(manager, ["accessTokens", "create", wish(venue, "busy", *FLAGS)])
    secret = made["value"]["token"]
    bearer = venue.bearing(secret)
    while bearer("GET", "/datocms/users/me").status == 200:
        pass
    (seen,) = dato(secret, ["users", "findMe"])
    assert seen["value"]["id"] == made["value"]["id"]


def test_bad_tokens(dato: Dato) -> None:
    """A bad token is refused with a code that the client understands (D15)."""
    for bad in ("nope", "undefined", "cfs_" + "0" * 49):
        (seen,) = dato(bad, ["accessTokens", "list"])
        assert (seen["status"], seen["error"]["code"]) == (401, "INVALID_AUTHORIZATION_HEADER")


def test_the_command_line(dato: Dato, manager: str) -> None:
    """The vendor's CLI calls the API with a token, and fails with one that is wrong (D15)."""
    asked = ["cma:call", "accessTokens", "list", "--base-url", dato.url, "--api-token"]
    done = node(command("datocms"), *asked, manager, home=dato.home)
    assert done.returncode == 0, done.stderr
    assert "demo-manager" in done.stdout or len(json.loads(done.stdout)) > 1
    wrong = node(command("datocms"), *asked, "nope", home=dato.home)
    assert wrong.returncode != 0
