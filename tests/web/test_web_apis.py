"""The pages of registered APIs: what each brings along, and what its gates do."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from playwright.sync_api import expect

from counterfoil.directory.declare_routes import declare_routes
from counterfoil.kernel.ids import ApiId
from counterfoil.routing.table import Route
from support.browse import NARROW, At
from support.office import ORIGIN
from support.web import caller_of, seeder_of


def give_routes(own: Path, api: str) -> None:
    """Let a route of an API be open to who may read the catalog, and reads pass in a grace."""
    route = Route(frozenset({"GET"}), "/entities/{entity}", "catalog:read", "{entity}")
    with closing(seeder_of(own)) as seeder:
        ann = caller_of(seeder.office, json.loads((own / "sample.json").read_text()), "Ann")
        with seeder.office.work(ann, ORIGIN) as work:
            declare_routes(work, ApiId(int(api)), [route], grace_seconds=30)


def test_an_api_shows_its_scopes_its_routes_and_its_grace(
    browse: Callable[..., At], own: Path, tokens: dict[str, str]
) -> None:
    """Who manages APIs sees what gates let pass, and for how long without the office."""
    api = tokens["registered"]
    at = browse("Ann", viewport=NARROW)
    at.goto(f"/apis/{api}")
    expect(at.page.get_by_role("main")).to_contain_text("lets nothing pass once its lease ends")
    give_routes(own, api)
    at.goto("/apis")
    at.page.locator("table a").first.click()
    expect(at.page.get_by_text("30 seconds: for so long after its lease ends")).to_be_visible()
    row = at.page.get_by_role("row", name="/entities/{entity}")
    expect(row).to_contain_text("catalog:read")
    expect(row).to_contain_text("GET")
    at.fits()
    at.accessible()
    at.shot("api-routes")


def test_who_manages_no_apis_sees_the_scopes_alone(
    browse: Callable[..., At], tokens: dict[str, str]
) -> None:
    """Every member may know an API and its scopes (X7); its routes are for who manages it."""
    at = browse("Rita")
    at.goto("/roles-and-permissions")
    at.page.locator(f"a[href='/apis/{tokens['registered']}']").click()
    expect(at.page.get_by_role("rowheader", name="catalog:read")).to_be_visible()
    expect(at.page.get_by_text("Read-only grace")).to_have_count(0)
