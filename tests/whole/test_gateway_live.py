"""Office and gateway of one host: what the office says, the gateway decides by at once."""

from __future__ import annotations

from contextlib import closing
from typing import Any

from counterfoil.demo.walk import Walk
from infra.server import Server, gateway
from support.sample import Said, Sample, Talker


def admin_of(sample: Sample, server: Server) -> Talker:
    """Return one who speaks for the admin, signed in."""
    ann = sample.told["people"][0]
    with closing(Walk(server.url, tell=lambda _line: None)) as walk:
        return Talker(server.port).bearing(walk.sign_in("Ann", ann["email"], ann["password"]))


def registered(admin: Talker) -> str:
    """Register an API with routes and a tree; return its id."""
    attributes = {"name": "Pages", "audience": "pages", "scopes": [{"name": "pages:read"}]}
    made = admin("POST", "/cma/apis", {"data": {"type": "api", "attributes": attributes}})
    api = str(made.body["data"]["id"])
    route = {"methods": ["GET"], "path": "/pages/{page}", "scope": "pages:read", "node": "{page}"}
    put(admin, f"/cma/apis/{api}/routes", "api_routes", routes=[route])
    put(admin, f"/cma/apis/{api}/tree", "api_tree", nodes=[["blog", None, ""], ["12", "blog", ""]])
    return api


def put(admin: Talker, path: str, type_: str, **attributes: Any) -> None:
    told = admin("PUT", path, {"data": {"type": type_, "attributes": attributes}})
    assert told.status == 200, told.body


def paced(admin: Talker, sample: Sample, delivery_rate: float | None) -> None:
    """Let the policy allow each token so many requests a second."""
    path = f"/cma/organizations/{sample.told['organization']['id']}/token_policy"
    body = {"data": {"type": "token_policy", "attributes": {"delivery_rate": delivery_rate}}}
    changed = admin("PATCH", path, body, If_Match=admin("GET", path).headers["etag"])
    assert changed.status == 200, changed.body


def test_what_the_office_says_holds_at_the_gateway(sample: Sample, server: Server) -> None:
    """Routes, trees, rates and revocations hold there once the office has answered (R1, S27)."""
    admin = admin_of(sample, server)
    api = registered(admin)
    found = admin("GET", f"/cma/apis/{api}/resources?filter%5Bkey%5D=blog").body["data"]
    role = {"data": {"type": "role", "id": sample.told["roles"]["admin"]}}
    attributes = {"name": "reader", "scopes": ["pages:read"], "roots": [found[0]["id"]]}
    data = {"type": "api_token", "attributes": attributes, "relationships": {"role": role}}
    made = admin("POST", "/cma/api_tokens", {"data": data}).body["data"]
    token = made["attributes"]["token"]
    with gateway(sample.directory) as gate:

        def ask(target: str) -> Said:
            asking = Talker(gate.port).bearing(token)
            said = {"X_Forwarded_Method": "GET", "X_Forwarded_Uri": target}
            return asking("GET", f"/authz/forward/api_{api}", **said)

        passed = ask("/pages/12")
        assert (passed.status, passed.headers["counterfoil-token-name"]) == (200, "reader")
        assert ask("/pages/blog").status == 200
        paced(admin, sample, 0.01)
        assert [ask("/pages/12").status for _ in range(2)] == [200, 429]
        paced(admin, sample, None)
        assert ask("/pages/13").body["errors"][0]["code"] == "OUTSIDE_ROOT_NODES"
        put(
            admin, f"/cma/apis/{api}/tree", "api_tree", nodes=[["blog", None, ""], ["12", None, ""]]
        )
        assert ask("/pages/12").body["errors"][0]["code"] == "OUTSIDE_ROOT_NODES"
        put(admin, f"/cma/apis/{api}/routes", "api_routes", routes=[])
        assert ask("/pages/blog").body["errors"][0]["code"] == "ROUTE_NOT_LISTED"
        assert admin("DELETE", f"/cma/api_tokens/{made['id']}").status == 200
        assert ask("/pages/blog").body["errors"][0]["code"] == "INVALID_TOKEN"
