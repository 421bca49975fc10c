"""What a token did a moment ago: its last requests, why some were refused, and how it stopped."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from infra.server import Server
from infra.wait import wait_until
from support.browse import At
from support.sample import Talker
from support.web import forget_api_tokens, only


@pytest.fixture(autouse=True)
def room(own: Path, tokens: dict[str, str]) -> Iterator[None]:
    """Leave people what they began with, so that there is room in their quotas."""
    yield
    only(own, tokens.values())


def made(at: At, house: Server, name: str) -> tuple[str, Talker]:
    """Make a token of Ann's that reads content; return the path of its pages, and its bearer."""
    page = at.goto(f"/tokens/new?name={name}&scopes=content:read")
    page.get_by_role("button", name="Create token").click()
    bearer = Talker(house.port).bearing(page.locator("#secret").inner_text())
    token = bearer("GET", "/cma/token").body["data"]
    return f"/tokens/{token['id']}", bearer


def test_the_last_requests_say_why(browse: Callable[..., At], house: Server) -> None:
    """The last requests stand with their outcome; what was refused says why, and how to ask (G12g).

    The link leads to the form in which the missing scope is ticked.
    """
    at = browse("Ann")
    path, bearer = made(at, house, "lately")
    assert bearer("GET", "/cma/items?page[size]=1").status == 200
    assert bearer("POST", "/cma/items", {}).status == 403
    at.page.get_by_role("link", name="I have stored it").click()
    page = at.page
    table = page.get_by_role("region", name=re.compile("The last .* requests"))
    looked = table.get_by_role("row").filter(has_text="node.list")

    def is_listed() -> bool:
        at.goto(f"{path}/usage")
        return looked.count() > 0

    wait_until(is_listed, "what was read to be on record")
    expect(looked).to_contain_text("Allowed")
    routes = page.get_by_role("region", name="Routes")
    asked = routes.get_by_role("row").filter(has=page.get_by_role("rowheader", name="node.list"))
    expect(asked.get_by_role("cell")).to_have_text(["1", "0"])
    refused = table.get_by_role("row").filter(has_text="entry.create")
    refused.get_by_text("Refused").click()
    expect(refused).to_contain_text("It lacks the scope content:write.")
    at.accessible()
    at.shot("token-lately")
    refused.get_by_role("link", name="Request this scope").click()
    expect(page.get_by_label("content:write")).to_be_checked()
    expect(page.get_by_text("Ticked besides, and not saved yet:")).to_be_visible()
    page.get_by_role("button", name="Save changes").click()
    assert bearer("POST", "/cma/items", {}).status != 403


def test_stopping_is_seen(browse: Callable[..., At], house: Server) -> None:
    """Who disables a token sees when it was last let in and first refused, without a load (R1)."""
    at = browse("Ann")
    path, bearer = made(at, house, "stopped")
    at.page.get_by_role("link", name="I have stored it").click()
    page = at.goto(f"{path}/disable")
    page.get_by_role("button", name="Disable token").click()
    assert bearer("GET", "/cma/token").status == 401
    seen = page.get_by_text(re.compile(r"last allowed \d\d:\d\d:\d\d\.\d{3}, first refused \d\d"))
    expect(seen).to_be_visible(timeout=15_000)
    at.accessible()
    at.shot("token-stopped")
    page.get_by_role("button", name="Enable").click()
    assert bearer("GET", "/cma/token").status == 200
    expect(page.get_by_text("first refused")).to_have_count(0)


def test_an_old_secret_is_last_seen(
    browse: Callable[..., At], house: Server, own: Path, tokens: dict[str, str]
) -> None:
    """In its grace the page says when the old secret was last seen, and by what (X19, Q5)."""
    at = browse("Ann")
    page = at.goto("/content-api-manager/new")
    page.locator("#name").fill("rotated")
    page.locator("#enabled").check()
    page.locator("#user").select_option(label="Rita")
    page.get_by_role("button", name="Save").click()
    bearer = Talker(house.port).bearing(
        page.locator("#secret").inner_text(), **{"User-Agent": "ci-runner/3"}
    )
    path = f"/content-api-manager/{bearer('GET', '/cma/token').body['data']['id']}"
    page.get_by_role("link", name="I have stored it").click()
    at.goto(path)
    page.get_by_text("Regenerate the secret…").click()
    page.get_by_label("The present secret ends").select_option(label="in 15 minutes")
    page.get_by_role("button", name="Regenerate").click()
    page.get_by_role("link", name="I have stored it").click()
    at.goto(path)
    former = page.get_by_role("region", name="The former secret")
    expect(former).to_contain_text("Nobody has come with it since it was replaced.")
    assert bearer("GET", "/cda/items").status == 200
    expect(former).to_contain_text("ci-runner/3", timeout=15_000)
    at.accessible()
    at.shot("api-token-former")
    forget_api_tokens(own, tokens.values())
