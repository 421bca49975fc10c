"""What every member finds and does alone, admin or not, and which kind of token is theirs."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from infra.server import COUNTERFOIL, Server
from support.browse import NARROW, At
from support.sample import Talker
from support.web import only

SCOPES = "content:read,content-types:read,assets:read"


@pytest.fixture(autouse=True)
def room(own: Path, tokens: dict[str, str]) -> Iterator[None]:
    """Leave people what they began with, so that there is room in their quotas."""
    yield
    only(own, tokens.values())


@pytest.mark.parametrize("name", ["Ann", "Ben", "Rita"])
def test_every_member_is_led_to_their_tokens(browse: Callable[..., At], name: str) -> None:
    """Development holds Personal Access Tokens for everybody, with name and button (A1, A2)."""
    at = browse(name)
    at.goto("/")
    bar = at.page.get_by_role("navigation", name="Main")
    development = bar.locator("h2", has_text="Development").locator("+ ul")
    development.get_by_role("link", name="Personal Access Tokens", exact=True).click()
    at.page.get_by_role("link", name="Create token").click()
    expect(at.page.get_by_label("Name", exact=True)).to_be_visible()
    at.page.get_by_label("content:read").check()
    asks = at.page.locator("#can").get_by_text("Needs approval by an organization admin")
    works = at.page.locator("#can").get_by_text("It works as soon as it is created")
    expect(works if name == "Ann" else asks).to_be_visible()
    at.page.get_by_label("Name", exact=True).fill("   ")
    at.page.get_by_role("button", name="Create token").click()
    expect(at.page.locator("#name-error")).to_be_visible()
    expect(at.page.get_by_label("content:read")).to_be_checked()
    expect(at.page.get_by_role("heading", level=1)).to_have_text("Create token")


def test_a_member_s_token_from_the_request_to_its_end(
    browse: Callable[..., At], house: Server, tmp_path: Path
) -> None:
    """Approved, it stands beside the earlier ones and works; its owner alone sees to the rest.

    (A8, A9, A21, X14)
    """
    ben, ann = browse("Ben"), browse("Ann")
    ben.goto(f"/tokens/new?name=beside-the-others&scopes={SCOPES}")
    ben.page.get_by_role("button", name="Create token").click()
    expect(ben.page.get_by_role("heading", level=1)).to_have_text("Token requested")
    expect(ben.page.get_by_role("main")).to_contain_text("sent to your admin for approval")
    secret = ben.page.locator("#secret").inner_text()
    talk = Talker(house.port).bearing(secret)
    assert talk("GET", "/cma/token").status == 401

    ann.goto("/")
    bar = ann.page.get_by_role("navigation", name="Main")
    account = bar.locator("h2", has_text="Account Management").locator("+ ul")
    account.get_by_role("link", name="Approvals").click()
    waiting = ann.page.get_by_role("listitem").filter(has_text="beside-the-others").first
    for said in ("Ben", "asks for a new token", "now", "content-types:read", "everywhere"):
        expect(waiting).to_contain_text(said)
    waiting.get_by_role("link", name="beside-the-others", exact=True).click()
    ann.page.get_by_role("button", name="Approve").click()
    expect(ann.page.get_by_role("status")).to_contain_text("works from now on")

    ben.goto("/tokens")
    for name in ("beside-the-others", "steady"):
        expect(ben.page.get_by_role("row").filter(has_text=name)).to_contain_text("Active")
    assert talk("GET", "/cma/token").status == 200
    asked = talk("POST", "/graphql/assets", {"query": "{ __typename }"})
    assert (asked.status, "errors" in asked.body) == (200, False)
    env = {**os.environ, "COUNTERFOIL_TOKEN": secret, "COUNTERFOIL_URL": house.url}
    command = [COUNTERFOIL, "content-type-schema", "export", "./schemas"]
    subprocess.run(command, env=env, cwd=tmp_path, timeout=60, check=True, capture_output=True)

    ben.page.get_by_role("link", name="beside-the-others").click()
    ben.page.get_by_role("link", name="Restrictions").click()
    ben.page.get_by_label("Name", exact=True).fill("mine-alone")
    ben.page.get_by_label("content-types:read").uncheck()
    ben.page.get_by_role("button", name="Save").click()
    expect(ben.page.get_by_role("heading", level=1)).to_have_text("mine-alone")
    assert talk("GET", "/cma/item-types").status == 403
    assert talk("GET", "/cda/items").status == 200
    ben.page.get_by_role("link", name="Delete…").click()
    ben.page.get_by_role("button", name="Delete token").click()
    expect(ben.page.get_by_role("status")).to_contain_text("mine-alone is revoked")
    assert talk("GET", "/cda/items").status == 401


def test_which_token_one_needs_stands_above_each_list(browse: Callable[..., At]) -> None:
    """Three lines say what is for whom, and lead to each kind that one may manage (X1)."""
    at = browse("Ann")
    for path in ("/tokens", "/content-api-manager", "/key-pairs"):
        at.goto(path)
        at.page.get_by_text("Which token do I need?").first.click()
        rows = at.page.locator(".which tbody tr")
        expect(rows).to_have_count(3)
        expect(rows.nth(0)).to_contain_text("Personal access token")
        expect(rows.nth(1)).to_contain_text("belongs to the organization")
        expect(rows.nth(2)).to_contain_text("ten minutes")
        assert at.page.locator(f".which a[href='{path}']").count() == 0
        at.accessible()
    at.shot("which-token")
    at.page.locator(".which").get_by_role("link", name="Content API Token").click()
    expect(at.page.get_by_role("heading", level=1)).to_have_text("Content API Manager")
    ben = browse("Ben", java_script_enabled=False, viewport=NARROW)
    ben.goto("/tokens")
    ben.page.get_by_text("Which token do I need?").first.click()
    expect(ben.page.locator(".which")).to_contain_text("An admin makes it.")
    assert ben.page.locator(".which a").count() == 0
    ben.fits()
    ben.shot("which-token-narrow")


@pytest.mark.parametrize(
    ("template", "days"), [("cli-laptop", 30), ("ci-schema-export", 90), ("ai-agent", 7)]
)
def test_each_purpose_has_a_life_of_its_own(
    browse: Callable[..., At], template: str, days: int
) -> None:
    """A laptop's token lives 30 days, a job's 90, an agent's 7; the end has its zone (G12f)."""
    at = browse("Ann")
    at.goto(f"/tokens/new?template={template}")
    expect(at.page.get_by_label(f"{days} days", exact=True)).to_be_checked()
    expect(at.page.locator("#can")).to_contain_text(" UTC")
    expect(at.page.get_by_label("Name", exact=True)).to_have_attribute("required", "")
