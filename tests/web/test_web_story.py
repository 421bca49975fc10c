"""The first ten minutes, as one story: an admin, a developer, their tokens, and a terminal."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from counterfoil.kernel.errors import Code
from infra.server import Server
from support.browse import At
from support.web import only


@pytest.fixture(autouse=True)
def room(own: Path, tokens: dict[str, str]) -> Iterator[None]:
    """Leave people what they began with, so that there is room in their quotas."""
    yield
    only(own, tokens.values())


def typed(line: str, secret: str, house: Server) -> tuple[int, str]:
    """Type a curl command of a page into a terminal; return the status and what was answered."""
    env = {**os.environ, "COUNTERFOIL_TOKEN": secret, "COUNTERFOIL_URL": house.url}
    command = ["bash", "-c", f"{line} -s -w '\\n%{{http_code}}'"]
    told = subprocess.run(
        command,
        capture_output=True,
        text=True,
        env=env,
        timeout=30,
        check=True,
    ).stdout
    body, _, status = told.rpartition("\n")
    return int(status), body


def test_the_first_ten_minutes(
    browse: Callable[..., At], house: Server, tokens: dict[str, str]
) -> None:
    """From the list to a token that works, is narrowed, seen, and switched off (A1, A2, A8, A9)."""
    assert tokens
    ann, ben = browse("Ann"), browse("Ben")
    secret, curl = _minute_2_to_4(ann, house)
    _minute_6(ben, ann, house)
    _minute_9(ann, secret, curl, house)
    _minute_10(ann)


def _minute_2_to_4(ann: At, house: Server) -> tuple[str, str]:
    """A template, a name, a tick; the secret once, run in the page and in a terminal."""
    ann.goto("/")
    ann.shot("story-1-home")
    ann.page.get_by_role("link", name="Personal Access Tokens", exact=True).click()
    ann.shot("story-2-list")
    ann.page.get_by_role("link", name="Create token").click()
    ann.page.get_by_role("link", name="CI: export content type schemas").click()
    ann.page.locator("#name").fill("story")
    ann.page.get_by_label("content:publish").check()
    expect(ann.page.locator("#can")).to_contain_text("publish")
    ann.page.get_by_label("content:publish").uncheck()
    ann.page.get_by_label("content:read").check()
    expect(ann.page.locator("#can")).to_contain_text("story can read content")
    ann.shot("story-3-create")
    ann.page.get_by_role("button", name="Create token").click()
    expect(ann.page.get_by_role("heading", level=1)).to_have_text("Token created")
    secret = ann.page.locator("#secret").inner_text()
    ann.page.get_by_role("button", name="Run it here").click()
    expect(ann.page.locator("[data-answer]")).to_contain_text("200")
    expect(ann.page.locator("[data-answer]")).to_contain_text("content:read")
    ann.shot("story-4-secret")
    curl = ann.page.locator("#use-curl pre").first.inner_text()
    assert typed(curl, secret, house)[0] == 200, curl
    ann.page.get_by_role("link", name="I have stored it").click()
    expect(ann.page.get_by_role("main")).to_contain_text("story")
    assert secret not in ann.page.content()
    return secret, curl


def _minute_6(ben: At, ann: At, house: Server) -> None:
    """A developer's token waits; the admin gives less than was asked for, and it works."""
    ben.goto("/tokens/new?name=story-agent&scopes=content:read,content:write")
    assert "policy:manage" not in ben.page.content()
    ben.page.get_by_label("Justification").fill("The agent drafts the blog.")
    ben.page.get_by_role("button", name="Create token").click()
    expect(ben.page.get_by_role("heading", level=1)).to_have_text("Token requested")
    secret = ben.page.locator("#secret").inner_text()
    ben.shot("story-6-requested")
    curl = 'curl -H "Authorization: Bearer $COUNTERFOIL_TOKEN" $COUNTERFOIL_URL/cma/token'
    status, body = typed(curl, secret, house)
    assert (status, Code.TOKEN_PENDING_APPROVAL in body) == (401, True), body
    ann.goto("/approvals")
    ann.page.get_by_role("link", name="story-agent").click()
    ann.page.get_by_role("checkbox", name="content:write").uncheck()
    ann.shot("story-6-approval")
    ann.page.get_by_role("button", name="Approve").click()
    expect(ann.page.get_by_role("status")).to_contain_text("works from now on")
    status, body = typed(curl, secret, house)
    assert status == 200, body
    assert "content:read" in body
    assert "content:write" not in body


def _minute_9(ann: At, secret: str, curl: str, house: Server) -> None:
    """Who disables a token is told before what stops; the next request is refused."""
    ann.goto("/tokens")
    ann.page.get_by_role("main").get_by_role("link", name="story", exact=True).click()
    ann.page.get_by_role("main").get_by_role("link", name="Disable…").last.click()
    expect(ann.page.get_by_role("main")).to_contain_text("It answers 401 from the next request on")
    ann.page.get_by_role("button", name="Disable token").click()
    expect(ann.page.get_by_role("main").get_by_text("Disabled", exact=True)).to_be_visible()
    status, body = typed(curl, secret, house)
    assert (status, Code.TOKEN_DISABLED in body) == (401, True), body
    ann.shot("story-9-disabled")


def _minute_10(ann: At) -> None:
    """Usage counts what was allowed and what was not; the trail names who did what."""
    token = re.sub(r"\?.*", "", ann.page.url).removeprefix(ann.url)
    refused = ann.page.get_by_role("row").filter(has_text="Expired or disabled").locator("td").first
    for _ in range(40):
        ann.goto(f"{token}/usage")
        if refused.count() and refused.inner_text() == "1":
            break
        ann.page.wait_for_timeout(500)
    expect(refused).to_have_text("1")
    ann.shot("story-10-usage")
    ann.goto(f"{token}/trail")
    trail = ann.page.get_by_role("region", name="Audit trail")
    expect(trail).to_contain_text("token.disable")
    expect(trail).to_contain_text("token.request")
    ann.shot("story-10-trail")
    ann.page.get_by_role("navigation", name="Main").get_by_role("link", name="Audit log").click()
    expect(ann.page.get_by_role("heading", level=1)).to_have_text("Audit log")
    ann.shot("story-10-audit")
    with ann.page.expect_download() as taken:
        ann.page.get_by_role("link", name="CSV").click()
    told = taken.value.path().read_text()
    assert "token.disable" in told
    assert "token_request.approve" in told
