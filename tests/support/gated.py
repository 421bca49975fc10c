"""An API in front of which a gate stands, and what an admin sees of who passed."""

from __future__ import annotations

from contextlib import closing
from typing import Any

from counterfoil.demo.walk import Walk
from support.sample import Sample, Talker


def admin_of(sample: Sample, port: int) -> Talker:
    """Return one who speaks for the admin, signed in at the server of a port."""
    ann = sample.told["people"][0]
    with closing(Walk(f"http://127.0.0.1:{port}", tell=lambda _line: None)) as walk:
        return Talker(port).bearing(walk.sign_in("Ann", ann["email"], ann["password"]))


def personal(admin: Talker) -> tuple[str, str]:
    """Let the admin have a token for the API; return its id, and it."""
    attributes = {"name": "ci-laptop", "scopes": ["pages:read"]}
    data = {"type": "personal_access_token", "attributes": attributes}
    made = admin("POST", "/cma/personal_access_tokens", {"data": data})
    assert made.status == 201, made.body
    return made.body["data"]["id"], made.body["data"]["attributes"]["token"]


def registered(admin: Talker) -> str:
    """Register an API with routes; return its id."""
    attributes = {"name": "Pages", "audience": "pages", "scopes": [{"name": "pages:read"}]}
    made = admin("POST", "/cma/apis", {"data": {"type": "api", "attributes": attributes}})
    api = str(made.body["data"]["id"])
    routes = [{"methods": ["GET"], "path": "/pages/{page}", "scope": "pages:read", "node": "any"}]
    data = {"data": {"type": "api_routes", "attributes": {"routes": routes}}}
    assert admin("PUT", f"/cma/apis/{api}/routes", data).status == 200
    return api


def trail(admin: Talker, api: str) -> list[dict[str, Any]]:
    """Return all that went through the gate to an API, the latest first."""
    found: list[dict[str, Any]] = []
    path = f"/cma/audit_events?filter[api]={api}&page[size]=100"
    while path:
        page = admin("GET", path)
        assert page.status == 200, page.body
        found += page.body["data"]
        path = (page.body.get("links") or {}).get("next") or ""
    return found


def used(admin: Talker, id_: str) -> int:
    """Return how often a token is known to have come to the APIs of others."""
    told = admin("GET", f"/cma/personal_access_tokens/{id_}/usage")
    assert told.status == 200, told.body
    return int(told.body["data"]["attributes"]["surfaces"]["gate"])


def in_an_address(port: int, api: str, token: str) -> None:
    """Have a gate asked for an address in which a token stands."""
    said = {"X_Forwarded_Method": "GET", "X_Forwarded_Uri": f"/pages/12?access_token={token}"}
    assert Talker(port)("GET", f"/authz/forward/api_{api}", **said).status == 400


def leaks(admin: Talker, id_: str) -> list[str]:
    """Return where a token was seen that should not have been, for who may read of reports."""
    told = admin("GET", f"/cma/personal_access_tokens/{id_}")
    assert told.status == 200, told.body
    flags = told.body["data"]["attributes"]["flags"]
    return [one["detail"] for one in flags if one["reason"] == "leaked"]


def ids(found: list[dict[str, Any]]) -> list[str]:
    """Return the ids of their requests."""
    return [one["attributes"]["request_id"] for one in found]
