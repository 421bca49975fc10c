"""A token at somebody else's API, through a real gate on the office's host: its page knows."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from playwright.sync_api import expect

from counterfoil.demo.walk import Walk
from infra.server import Server, gateway
from support.apart import apart
from support.browse import At, password_of, seen_in_time
from support.raw_http import ask
from support.sample import Sample, Talker

own, tokens, house = apart()

API = {
    "name": "Pages",
    "audience": "https://pages.example.com",
    "scopes": [{"name": "pages:read", "description": "Read pages"}],
}
ROUTES = [{"methods": ["GET"], "path": "/pages/{page}", "scope": "pages:read"}]
AGENT = "page-reader/2.1"


def data(type_: str, **attributes: object) -> dict[str, object]:
    return {"data": {"type": type_, "attributes": attributes}}


def registered(house: Server, seeded: Sample) -> tuple[str, str, str]:
    """Register an API as Ann, who makes a token for it; return the ids of both, and the secret."""
    email, password = password_of(seeded, "Ann")
    with closing(Walk(house.url, tell=lambda _line: None)) as walk:
        ann = Talker(house.port).bearing(walk.sign_in("Ann", email, password))
    api = ann("POST", "/cma/apis", data("api", **API)).body["data"]["id"]
    done = ann("PUT", f"/cma/apis/{api}/routes", data("api_routes", routes=ROUTES))
    assert done.status == 200, done.body
    asked = data("personal_access_token", name="at-the-gate", scopes=["pages:read"])
    made = ann("POST", "/cma/personal_access_tokens", asked)
    assert made.status == 201, made.body
    return api, made.body["data"]["id"], made.body["data"]["attributes"]["token"]


def test_what_passed_the_gate_is_usage(
    browse: Callable[..., At], own: Path, house: Server, seeded: Sample
) -> None:
    """Requests that the gate let through and refused are in the chart and the last use (G12g)."""
    api, token, secret = registered(house, seeded)
    at = browse("Ann")
    at.goto(f"/tokens/{token}/usage")
    expect(at.page.get_by_role("heading", name="Not used in this time")).to_be_visible()
    with gateway(own) as gate:
        for page, status in (("12", 200), ("13", 200), ("12/secrets", 403)):
            heard = ask(
                gate.port,
                "GET",
                f"/authz/nginx/api_{api}",
                f"Authorization: Bearer {secret}",
                f"X-Original-URI: /pages/{page}",
                "X-Original-Method: GET",
                "X-Forwarded-For: 192.0.2.44",
                f"User-Agent: {AGENT}",
            )
            assert heard.status == status, heard.body
        totals = at.page.get_by_role("region", name="Totals")
        seen_in_time(at, totals)
    allowed = totals.get_by_role("row").filter(has_text="Allowed")
    expect(allowed.locator("td").first).to_have_text("2")
    expect(totals.locator("tfoot")).to_contain_text("3")
    head = at.page.locator(".usage-head")
    expect(head).to_contain_text(AGENT)
    expect(head).to_contain_text("192.0.2")
    at.accessible()
    at.shot("token-usage-gate")
    at.goto("/tokens")
    row = at.page.get_by_role("main").get_by_role("row").filter(has_text="at-the-gate")
    expect(row).to_contain_text(AGENT)
    assert json.dumps(secret) not in at.page.content()
