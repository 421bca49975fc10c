"""The first ten minutes, as one story: an admin, a developer, their tokens, and a terminal.

Minute 8 protects an API of one's own behind a proxy. Until there is something to put before it, the
six probes go to our own gate, which is what a proxy will ask.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from counterfoil.kernel.errors import Code
from infra.server import COUNTERFOIL, Server, serving
from support.browse import At
from support.first_run import fill_in, link
from support.passkeys import give_authenticator
from support.raw_http import ask
from support.web import only

SELF = 'curl -H "Authorization: Bearer $COUNTERFOIL_TOKEN" $COUNTERFOIL_URL/cma/token'


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


def test_the_first_ten_minutes(  # noqa: PLR0917 - the whole house takes part
    browse: Callable[..., At],
    browser: Browser,
    house: Server,
    own: Path,
    tokens: dict[str, str],
    tmp_path: Path,
) -> None:
    """From an empty directory to a token that works, is narrowed, seen and switched off.

    (A1, A2, A8, A9, A16, G13, Q12, X6)
    """
    assert tokens
    nodes = json.loads((own / "sample.json").read_text())["nodes"]
    _minute_0_to_1(browser, tmp_path)
    ann, ben = browse("Ann"), browse("Ben")
    secret, curl = _minute_2_to_4(ann, house)
    _minute_5(secret, house, tmp_path)
    agent = _minute_6(ben, ann, house, nodes)
    _minute_7(ben, agent, house, nodes)
    _minute_8(agent, house, nodes)
    _minute_9(ann, secret, curl, house)
    _minute_10(ann)


def _minute_0_to_1(browser: Browser, tmp_path: Path) -> None:
    """An empty directory, a command, a link; a name for the organization, and a passkey."""
    with serving(tmp_path / "data") as server:
        begin = link(server)
        assert begin is not None
        page = browser.new_context(locale="en-GB", reduced_motion="reduce").new_page()
        at = At(page, f"http://localhost:{server.port}")
        give_authenticator(at)
        at.goto(begin)
        fill_in(at)
        at.shot("story-0-begin")
        page.get_by_role("button", name="Go on").click()
        page.get_by_role("button", name="Create a passkey").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Good to see you, Ann")
        at.shot("story-1-in")
        page.context.close()


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


def _minute_5(secret: str, house: Server, tmp_path: Path) -> None:
    """The command line exports the content types with the very token that was copied."""
    env = {**os.environ, "COUNTERFOIL_TOKEN": secret, "COUNTERFOIL_URL": house.url}
    command = [COUNTERFOIL, "content-type-schema", "export", "./schemas"]
    ran = subprocess.run(
        command, capture_output=True, text=True, env=env, cwd=tmp_path, timeout=60, check=True
    )
    assert ran.stdout.count("CREATED") == len(list((tmp_path / "schemas").glob("*.json"))) >= 3


def _minute_6(ben: At, ann: At, house: Server, nodes: dict[str, str]) -> str:
    """A developer's token waits; the admin gives less than was asked for, and it works."""
    press = nodes["/site/press"]
    ben.goto(f"/tokens/new?name=story-agent&scopes=content:read,content:write&root={press}")
    assert "policy:manage" not in ben.page.content()
    ben.page.get_by_label("Justification").fill("The agent drafts the blog.")
    ben.page.get_by_role("button", name="Create token").click()
    expect(ben.page.get_by_role("heading", level=1)).to_have_text("Token requested")
    secret = ben.page.locator("#secret").inner_text()
    ben.shot("story-6-requested")
    status, body = typed(SELF, secret, house)
    assert (status, Code.TOKEN_PENDING_APPROVAL in body) == (401, True), body
    ann.goto("/approvals")
    ann.page.get_by_role("link", name="story-agent", exact=True).click()
    ann.page.get_by_role("checkbox", name="content:write").uncheck()
    ann.shot("story-6-approval")
    ann.page.get_by_role("button", name="Approve").click()
    expect(ann.page.get_by_role("status")).to_contain_text("works from now on")
    status, body = typed(SELF, secret, house)
    assert status == 200, body
    assert json.loads(body)["data"]["attributes"]["scopes"] == ["content:read"]
    return secret


def _minute_7(ben: At, secret: str, house: Server, nodes: dict[str, str]) -> None:
    """Below its root it reads; beside it the 403 names the rule, the root, and where to ask."""
    curl = SELF.replace("/cma/token", "/cda/nodes/{}")
    status, body = typed(curl.format(nodes["/site/press"]), secret, house)
    assert status == 200, body
    status, body = typed(curl.format(nodes["/site/internal"]), secret, house)
    said = json.loads(body)["errors"][0]
    assert (status, said["code"]) == (403, Code.OUTSIDE_ROOT_NODES)
    assert said["meta"]["roots"] == [nodes["/site/press"]]
    assert nodes["/site/internal"] not in body
    ben.goto(said["links"]["ask"])
    expect(ben.page.locator("#name")).to_have_value("story-agent")
    expect(ben.page.locator("#picker")).to_contain_text("/site/press")
    expect(ben.page.get_by_role("main")).to_contain_text("What makes it wider waits for approval")
    ben.shot("story-7-ask")


def _minute_8(secret: str, house: Server, nodes: dict[str, str]) -> None:
    """Six probes: good, none, unknown, elsewhere, forged, and too many."""
    good, unknown = f"Authorization: Bearer {secret}", f"Authorization: Bearer {secret[:-6]}000000"
    forged = "Counterfoil-Subject: usr_1000000000000000"
    inside, outside = (f"/cda/nodes/{nodes[path]}" for path in ("/site/press", "/site/internal"))
    probes = [(inside, good), (inside,), (inside, unknown), (outside, good), (inside, forged)]
    seen = [ask(house.port, "GET", *probe).status for probe in probes]
    assert seen == [200, 401, 401, 403, 401]
    fast = {ask(house.port, "GET", "/cma/token", good).status for _ in range(60)}
    assert 429 in fast


@contextmanager
def _watched(secret: str, house: Server) -> Iterator[list[tuple[float, int]]]:
    """Ask again and again, as `watch curl` does; hand out when what was answered."""
    seen: list[tuple[float, int]] = []
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.15):
            began = time.monotonic()
            answer: Any = ask(house.port, "GET", "/cma/token", f"Authorization: Bearer {secret}")
            seen.append((began, answer.status))

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield seen
    finally:
        over.set()
        watching.join()


def _minute_9(ann: At, secret: str, curl: str, house: Server) -> None:
    """Who disables a token is told before what stops; from the answer on no request gets in."""
    ann.goto("/tokens")
    ann.page.get_by_role("main").get_by_role("link", name="story", exact=True).click()
    ann.page.get_by_role("main").get_by_role("link", name="Disable…").last.click()
    expect(ann.page.get_by_role("main")).to_contain_text("It answers 401 from the next request on")
    with _watched(secret, house) as seen:
        while not seen:
            ann.page.wait_for_timeout(20)
        ann.page.get_by_role("button", name="Disable token").click()
        expect(ann.page.get_by_role("main").get_by_text("Disabled", exact=True)).to_be_visible()
        off, before = time.monotonic(), len(seen)
        while len(seen) < before + 3:
            ann.page.wait_for_timeout(20)
    assert seen[0][1] == 200
    assert {status for began, status in seen if began > off} == {401}
    status, body = typed(curl, secret, house)
    assert (status, Code.TOKEN_DISABLED in body) == (401, True), body
    ann.shot("story-9-disabled")


def _minute_10(ann: At) -> None:
    """Usage counts what was allowed and what was not; the trail names who did what."""
    token = re.sub(r"\?.*", "", ann.page.url).removeprefix(ann.url)
    refused = ann.page.get_by_role("row").filter(has_text="Expired or disabled").locator("td").first
    for _ in range(40):
        ann.goto(f"{token}/usage")
        if refused.count() and refused.inner_text() != "0":
            break
        ann.page.wait_for_timeout(500)
    expect(refused).not_to_have_text("0")
    ann.shot("story-10-usage")
    ann.goto(f"{token}/trail")
    trail = ann.page.get_by_role("region", name="Audit trail")
    expect(trail).to_contain_text("disabled a token")
    expect(trail).to_contain_text("asked for a token")
    ann.shot("story-10-trail")
    ann.page.get_by_role("navigation", name="Main").get_by_role("link", name="Audit log").click()
    expect(ann.page.get_by_role("heading", level=1)).to_have_text("Audit log")
    ann.shot("story-10-audit")
    with ann.page.expect_download() as taken:
        ann.page.get_by_role("link", name="CSV").click()
    told = taken.value.path().read_text()
    assert "token.disable" in told
    assert "token_request.approve" in told
