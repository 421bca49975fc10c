"""What the gate lets through stands in the trail of the office, whoever is killed meanwhile."""

from __future__ import annotations

import os
import signal
from contextlib import closing
from functools import partial
from typing import Any

from counterfoil.demo.walk import Walk
from infra.server import Server, gateway, serving
from infra.wait import wait_until as patiently
from support.sample import Sample, Talker

wait_until = partial(patiently, pause=0.3)  # an admin, too, may ask only so often


def admin_of(sample: Sample, server: Server) -> Talker:
    """Return one who speaks for the admin, signed in."""
    ann = sample.told["people"][0]
    with closing(Walk(server.url, tell=lambda _line: None)) as walk:
        return Talker(server.port).bearing(walk.sign_in("Ann", ann["email"], ann["password"]))


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


def ask(gate: Server, api: str, token: str) -> str:
    """Ask as a proxy does; return the id of the request."""
    said = {"X_Forwarded_Method": "GET", "X_Forwarded_Uri": "/pages/12"}
    told = Talker(gate.port).bearing(token)("GET", f"/authz/forward/api_{api}", **said)
    assert told.status == 200, told.body
    return str(told.headers["counterfoil-request-id"])


def used(admin: Talker, id_: str) -> int:
    """Return how often a token is known to have come to the APIs of others."""
    told = admin("GET", f"/cma/personal_access_tokens/{id_}/usage")
    assert told.status == 200, told.body
    return int(told.body["data"]["attributes"]["surfaces"]["gate"])


def ids(found: list[dict[str, Any]]) -> list[str]:
    return [one["attributes"]["request_id"] for one in found]


def test_every_pass_is_on_record_once(sample: Sample) -> None:
    """Through two killed offices and a killed gate each row is there once (X2, R4).

    A gate that is told to stop writes what it has; one that is killed had a second to.
    """
    with serving(sample.directory) as server:
        admin = admin_of(sample, server)
        api = registered(admin)
        id_, token = personal(admin)
        with gateway(sample.directory, "--workers", "2") as gate:
            known = [ask(gate, api, token) for _ in range(30)]
            wait_until(lambda: len(trail(admin, api)) == 30, "the rows to arrive")
            wait_until(lambda: used(admin, id_) == 30, "the counts to arrive")
            [first, *_] = trail(admin, api)
            os.killpg(server.process.pid, signal.SIGKILL)
            known += [ask(gate, api, token) for _ in range(30)]
    with serving(sample.directory) as server:
        admin = admin_of(sample, server)
        wait_until(lambda: len(trail(admin, api)) == 60, "what a stopped gate left")
        with gateway(sample.directory) as gate:
            known += [ask(gate, api, token) for _ in range(30)]
            wait_until(lambda: len(trail(admin, api)) == 90, "the rows to arrive")
            os.killpg(gate.process.pid, signal.SIGKILL)
        os.killpg(server.process.pid, signal.SIGKILL)
    with serving(sample.directory) as server, gateway(sample.directory) as gate:
        admin = admin_of(sample, server)
        known.append(ask(gate, api, token))
        wait_until(lambda: known[-1] in ids(trail(admin, api)), "the row of the last")
        assert sorted(ids(trail(admin, api))) == sorted(known)
    facts = first["attributes"]
    assert (facts["operation"], facts["route"]) == ("gate.look", "GET /pages/{page}")
    assert (facts["outcome"], facts["token_name"]) == ("allowed", "ci-laptop")
    assert first["relationships"]["api"]["data"]["id"] == api
