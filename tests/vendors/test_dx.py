"""DX's own Python client against our server, under its preset: scopes of a registered API."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from getdx import DXClient, DXWebConfig
from getdx.errors import DXAuthError, DXPermissionError, DXResponseError

from support.sample import Talker
from vendors.venue import Venue

LIST = "/dx/catalog.entities.list"


@pytest.fixture(scope="module", autouse=True)
def _preset(venue: Venue) -> None:
    venue.under("dx")


@contextmanager
def dx(venue: Venue, token: str) -> Iterator[Any]:
    """DX's client, as its users make it."""
    client = DXClient(web=DXWebConfig(token=token, base_url=f"{venue.url}/dx"))
    try:
        yield client
    finally:
        client.web.close()


@pytest.fixture(scope="module")
def catalog_reader(venue: Venue) -> str:
    """A role that may read the catalog and nothing else."""
    return make_role(venue, "catalog reader", ["catalog:read"])


def make_role(venue: Venue, name: str, scopes: list[str]) -> str:
    body = {"data": {"type": "role", "attributes": {"name": name, "scopes": scopes}}}
    made = venue.ann("POST", "/cma/roles", body)
    assert made.status == 200, made.body
    return str(made.body["data"]["id"])


def give(venue: Venue, *roles: str) -> None:
    """Give Ben these roles and no others."""
    ben = venue.ben("GET", "/agility/api/v1/users/me").body["userID"]
    named = {"roles": {"data": [{"type": "role", "id": role} for role in roles]}}
    version = venue.ann("GET", f"/cma/users/{ben}").headers["etag"]
    body = {"data": {"type": "user", "relationships": named}}
    assert venue.ann("PATCH", f"/cma/users/{ben}", body, If_Match=version).status == 200


def ask(venue: Venue, name: str, *scopes: str) -> str:
    attributes = {"name": name, "scope_mode": "explicit", "scopes": list(scopes)}
    data = {"type": "personal_access_token", "attributes": attributes}
    made = venue.ben("POST", "/cma/personal_access_tokens", {"data": data})
    assert made.status == 201, made.body
    return str(made.body["data"]["attributes"]["token"])


def test_the_catalog_through_the_client(venue: Venue, manager: str) -> None:
    """The client lists the entities page by page, by type and by term, and shows one (X12)."""
    with dx(venue, manager) as client:
        whole = client.web.entities.list()
        assert whole["ok"] is True
        names = [one["identifier"] for one in whole["entities"]]
        assert len(names) >= 2
        first = client.web.entities.list(limit=1)
        cursor = first["response_metadata"]["next_cursor"]
        second = client.web.entities.list(limit=1, cursor=cursor)
        paged = [one["identifier"] for page in (first, second) for one in page["entities"]]
        assert paged == names[:2]
        kind = whole["entities"][0]["type"]
        typed = client.web.entities.list(type=kind)["entities"]
        assert {one["type"] for one in typed} == {kind}
        found = client.web.entities.list(search_term=names[0].upper())["entities"]
        assert names[0] in [one["identifier"] for one in found]
        assert client.web.entities.info(names[0])["entity"]["identifier"] == names[0]
        with pytest.raises(DXResponseError) as missing:
            client.web.entities.info("nobody")
        assert missing.value.status_code == 404


def test_a_personal_token(venue: Venue, catalog_reader: str) -> None:
    """A personal token opens any Web API method its scopes name, and says who it is (X12, X13)."""
    give(venue, venue.role("developer"), catalog_reader)
    token = ask(venue, "dx-cli-laptop", "catalog:read")
    with dx(venue, token) as client:
        assert client.web.entities.list()["entities"]
    told = venue.bearing(token)("GET", "/dx/auth.info").body
    assert told["ok"] is True
    assert told["auth"]["token_type"] == "personal_access_token"
    assert told["auth"]["token_name"] == "dx-cli-laptop"
    assert told["auth"]["scopes"] == ["catalog:read"]
    service = venue.bearing(venue.sample.token("manager"))("GET", "/dx/auth.info").body
    assert service["auth"]["token_type"] == "account_web_api_token"


def test_a_missing_scope(venue: Venue, catalog_reader: str) -> None:
    """A token without the scope is refused, and the scope is named (X4)."""
    give(venue, venue.role("developer"), catalog_reader)
    token = ask(venue, "no catalog", "content:read")
    with dx(venue, token) as client, pytest.raises(DXPermissionError) as refused:
        client.web.entities.list()
    assert "insufficient_scope" in str(refused.value)
    seen = venue.bearing(token)("GET", LIST)
    assert "catalog:read" in seen.body["error_details"]["message"]
    assert 'scope="catalog:read"' in seen.headers["www-authenticate"]


def test_downgrade_and_grant_again(venue: Venue, catalog_reader: str) -> None:
    """A downgrade takes the scope away on the next request, and a new grant restores it (X18)."""
    give(venue, venue.role("developer"), catalog_reader)
    token = ask(venue, "follows", "catalog:read")
    seen = []
    for roles in ((venue.role("developer"),), (venue.role("developer"), catalog_reader)):
        give(venue, *roles)
        seen.append(venue.bearing(token)("GET", LIST).status)
    assert seen == [403, 200]


def test_roles_add_their_scopes(venue: Venue) -> None:
    """Each admin role adds its scope, several add up, and other members are offered none (X5)."""
    scorecards = make_role(venue, "scorecards", ["catalog:read", "scorecards:write"])
    selfservice = make_role(venue, "selfservice", ["catalog:read", "workflowRuns:writeEvents"])

    def offered() -> set[str]:
        seen = venue.ben("GET", "/cma/scopes?filter[grantable]=true").body["data"]
        return {one["id"] for one in seen if ":write" in one["id"] and one["id"][0] in "sw"}

    for roles, scopes in (
        ((scorecards,), {"scorecards:write"}),
        ((selfservice,), {"workflowRuns:writeEvents"}),
        ((scorecards, selfservice), {"scorecards:write", "workflowRuns:writeEvents"}),
        ((), set()),
    ):
        give(venue, venue.role("developer"), *roles)
        assert offered() == scopes
    attributes = {"name": "x", "scope_mode": "explicit", "scopes": ["scorecards:write"]}
    data = {"type": "personal_access_token", "attributes": attributes}
    refused = venue.ben("POST", "/cma/personal_access_tokens", {"data": data})
    assert refused.status == 422
    assert "scorecards:write" in str(refused.body)
    data["attributes"] = {**attributes, "scopes": ["scorecards:paint"]}
    assert venue.ben("POST", "/cma/personal_access_tokens", {"data": data}).status == 422


def test_an_agent_is_on_record(venue: Venue, manager: str) -> None:
    """What a client claims of the agent behind it stands in the trail beside the token (X2)."""
    bearer = venue.bearing(
        manager, **{"X-DX-Agent-Name": "claude-code", "X-DX-Agent-Session-Id": "s-17"}
    )
    seen = bearer("GET", LIST)
    assert seen.status == 200
    wanted = seen.headers["x-request-id"]
    rows: list[dict[str, Any]] = []
    while not rows:  # reads are on record within a second
        found = venue.ann("GET", "/cma/audit_events?filter[operation]=catalog.list").body["data"]
        rows = [one["attributes"] for one in found if one["attributes"]["request_id"] == wanted]
    assert "agent=claude-code; session=s-17" in rows[0]["agent"]


def test_bad_tokens_and_input(venue: Venue, manager: str) -> None:
    """A bad token is an authentication error to the client, and bad input a 4xx with a message."""
    with dx(venue, "dxpat_nope") as client, pytest.raises(DXAuthError):
        client.web.entities.list()
    bearer = venue.bearing(manager)
    for path in (
        f"{LIST}?limit=0",
        f"{LIST}?limit=101",
        f"{LIST}?cursor=abc",
        f"{LIST}?search_term={'x' * 201}",
        f"{LIST}?unknown=1",
        "/dx/catalog.entities.info",
    ):
        seen = bearer("GET", path)
        assert (seen.status, seen.body["ok"], path) == (400, False, path)
        assert seen.body["error_details"]["message"]
    assert Talker(venue.server.port)("GET", LIST).status == 401
    assert bearer("POST", LIST, {}).status == 405
    nowhere = bearer("GET", "/dx/nothing.here")
    assert (nowhere.status, nowhere.body["ok"], nowhere.body["error"]) == (404, False, "not_found")
