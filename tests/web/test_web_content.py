"""The content explorer: what one sees, and what a token would see."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from infra.server import Server
from support.browse import NARROW, At
from support.sample import Sample, Talker
from support.web import give_roles


@pytest.fixture
def nodes(own: Path) -> dict[str, str]:
    """The ids of the sample's folders, by address."""
    kept: dict[str, Any] = json.loads((own / "sample.json").read_text())
    return dict(kept["nodes"])


@pytest.fixture
def partial(own: Path) -> Iterator[str]:
    """Ben, who manages tokens for a while, some of which reach further than he does."""
    give_roles(own, "Ben", "developer", "tokens_only")
    yield "Ben"
    give_roles(own, "Ben", "developer")


def test_tree_list_and_item(browse: Callable[..., At], nodes: dict[str, str]) -> None:
    """Folders lead to what stands in them, with its status, and to one item and its queries."""
    at = browse("Rita")
    at.goto("/")
    at.page.get_by_role("navigation", name="Main").get_by_role("link", name="Content").click()
    tree = at.page.get_by_role("navigation", name="Folders")
    tree.get_by_role("link", name="site").click()
    tree.get_by_role("link", name="press").click()
    listed = at.page.get_by_role("region", name="What stands in it")
    expect(listed.get_by_text("Published").first).to_be_visible()
    expect(listed).to_contain_text(re.compile("50 of"))
    listed.get_by_role("link").nth(1).click()
    item = at.page.locator(".explorer-item")
    expect(item).to_contain_text('"title"')
    expect(item.locator("#rest")).to_contain_text("/cma/items/")
    at.accessible()
    at.fits()
    at.shot("content")
    at.page.get_by_role("link", name="Further").click()
    expect(at.page).to_have_url(re.compile(r"page%5Boffset%5D=50"))
    narrow = browse("Rita", viewport=NARROW, java_script_enabled=False)
    narrow.goto(f"/content?node={nodes['/site/press']}")
    narrow.fits()
    narrow.shot("content-narrow")


def test_as_a_token(
    browse: Callable[..., At], nodes: dict[str, str], tokens: dict[str, str]
) -> None:
    """Viewed as a token, all outside its roots is greyed and says its 403 (Q12)."""
    at = browse("Ann")
    at.goto(f"/content?node={nodes['/site']}")
    at.page.get_by_label("View as").select_option(label="the-harbour-app")
    at.page.get_by_label("API", exact=True).select_option("delivery")
    at.page.get_by_role("button", name="Show").click()
    top = at.page.get_by_role("navigation", name="Folders").get_by_role("listitem").first
    expect(top).to_contain_text("403")
    expect(at.page.locator(".explorer-item")).not_to_contain_text("OUTSIDE_ROOT_NODES")
    top.get_by_role("link").click()
    expect(at.page.locator(".explorer-item")).to_contain_text("403 OUTSIDE_ROOT_NODES")
    at.accessible()
    at.shot("content-as-token")
    at.goto(f"/content?node={nodes['/site']}&as={tokens['api']}&on=management")
    expect(at.page.locator(".explorer-item")).to_contain_text("403 API_NOT_ENABLED_FOR_TOKEN")


def test_the_queries_run(
    browse: Callable[..., At], nodes: dict[str, str], house: Server, seeded: Sample
) -> None:
    """The REST and GraphQL queries that are shown answer with the item that is shown."""
    at = browse("Ann")
    at.goto(f"/content?node={nodes['/site/authors']}&on=delivery")
    listed = at.page.get_by_role("region", name="What stands in it")
    listed.get_by_role("link").first.click()
    id_ = at.page.locator("#node-id").inner_text()
    curl = at.page.locator("#rest").inner_text()
    query = at.page.locator("#graphql").inner_text()
    say = Talker(house.port).bearing(seeded.token("manager"))
    path = curl.rpartition("$COUNTERFOIL_URL")[2]
    assert say("GET", path).body["data"]["id"] == id_
    seen = say("POST", "/graphql", {"query": query})
    assert "data" in seen.body, seen.body
    assert seen.body["data"]["author"]["id"] == id_


def test_nobody_sees_more_through_a_token(browse: Callable[..., At], partial: str) -> None:
    """Looking through a token that reaches further than oneself is refused (I3)."""
    at = browse(partial)
    at.goto("/content")
    option = at.page.locator("#as option", has_text="demo-manager")
    seen = at.page.goto(f"{at.url}/content?as={option.get_attribute('value')}")
    assert seen is not None
    assert seen.status == 403
    expect(at.page.get_by_role("main")).to_contain_text("reaches further than you do yourself")


def test_as_somebody_else(
    browse: Callable[..., At], nodes: dict[str, str], own: Path, partial: str
) -> None:
    """One looks at content as a member does, unless one reaches less far than they do (I3)."""
    kept = json.loads((own / "sample.json").read_text())
    at = browse("Ann")
    at.goto(f"/people/{kept['users']['Rita']}")
    at.page.get_by_role("link", name="View content as Rita").click()
    expect(at.page.get_by_label("View as").locator("option:checked")).to_have_text("Rita")
    at.goto(f"/content?as=usr_{kept['users']['Rita']}&on=delivery&node={nodes['/site/press']}")
    listed = at.page.get_by_role("region", name="What stands in it")
    expect(listed.get_by_text("Published").first).to_be_visible()
    expect(listed.locator("li.unlit").first).to_contain_text("404")
    at.accessible()
    at.shot("content-as-rita")
    ben = browse(partial)
    seen = ben.page.goto(f"{ben.url}/content?as=usr_{kept['users']['Ann']}")
    assert seen is not None
    assert seen.status == 403
