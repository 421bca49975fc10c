"""Minutes 9 and 10: switched off while it is used; what was counted, on record, and proved."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import expect

from counterfoil.kernel.errors import Code
from support.browse import At
from support.raw_http import ask
from web.story.desk import Desk


@contextmanager
def _watched(secret: str, port: int) -> Iterator[list[tuple[float, int]]]:
    """Ask again and again, as `watch curl` does; hand out when what was answered."""
    seen: list[tuple[float, int]] = []
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.15):
            began = time.monotonic()
            answer = ask(port, "GET", "/cma/token", f"Authorization: Bearer {secret}")
            seen.append((began, answer.status))

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield seen
    finally:
        over.set()
        watching.join()


def switch_off(desk: Desk, ann: At, secret: str, curl: str) -> str:
    """Minute 9: what stops is told before; after the answer nothing gets in, and the page shows it.

    Return the path of the token's pages.
    """
    page = ann.goto("/tokens")
    page.get_by_role("main").get_by_role("link", name="story", exact=True).click()
    token = re.sub(r"\?.*", "", page.url).removeprefix(ann.url)
    page.get_by_role("main").get_by_role("link", name="Disable…").last.click()
    expect(page.get_by_role("main")).to_contain_text("It answers 401 from the next request on")
    with _watched(secret, desk.demo.port) as seen:
        while not seen:
            page.wait_for_timeout(20)
        page.get_by_role("button", name="Disable token").click()
        expect(page.get_by_role("main").get_by_text("Disabled", exact=True)).to_be_visible()
        off, before = time.monotonic(), len(seen)
        while len(seen) < before + 3:
            page.wait_for_timeout(20)
    assert seen[0][1] == 200
    assert {status for began, status in seen if began > off} == {401}
    status, body = desk.curl(curl, secret)
    assert (status, Code.TOKEN_DISABLED in body) == (401, True), body
    page.keyboard.press("Shift")
    times = r"\d\d:\d\d:\d\d\.\d{3}"
    measured = page.get_by_text(re.compile(f"last allowed {times}, first refused {times}"))
    expect(measured).to_be_visible(timeout=20_000)
    ann.shot("story-9-disabled")
    return token


def look_back(ann: At, token: str) -> None:
    """Minute 10: usage counts what was let in and what was not; the trail leaves as a file."""
    page = ann.page
    refused = page.get_by_role("row").filter(has_text="Expired or disabled").locator("td").first
    for _ in range(40):
        ann.goto(f"{token}/usage")
        if refused.count() and refused.inner_text() != "0":
            break
        page.wait_for_timeout(500)
    expect(refused).not_to_have_text("0")
    ann.shot("story-10-usage")
    ann.goto(f"{token}/trail")
    trail = page.get_by_role("region", name="Audit trail")
    expect(trail).to_contain_text("disabled a token")
    expect(trail).to_contain_text("asked for a token")
    ann.shot("story-10-trail")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Audit log").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Audit log")
    ann.shot("story-10-audit")
    with page.expect_download() as taken:
        page.get_by_role("link", name="CSV").click()
    told = taken.value.path().read_text()
    assert "token.disable" in told
    assert "token_request.approve" in told


def prove(desk: Desk, ann: At) -> None:
    """Minute 10: an entry's receipt proves it, and the whole trail is verified at the machine."""
    page = ann.page
    page.locator(".event summary").first.click()
    with page.expect_download() as taken:
        page.get_by_role("link", name="Receipt").first.click()
    taken.value.save_as(desk.folder / "receipt.json")
    proved = desk.type("counterfoil audit verify receipt.json 2>&1")
    assert re.search("✓ entry .* is in counterfoil.audit/", proved), proved
    verified = desk.type(f"counterfoil audit verify --data-dir {desk.demo.data} 2>&1")
    assert re.search(r"✓ \d+ entries hold", verified), verified


def tell_agents(desk: Desk) -> None:
    """Minute 10: an agent gets a read-only token for a week, and what starts its tools."""
    made = "counterfoil pat create helper --template ai-agent"
    desk.type(f"{made} | tee helper.token | counterfoil auth login --profile helper --token -")
    desk.type("counterfoil init --agent --profile helper")
    block = (desk.folder / ".mcp.json").read_text()
    started = json.loads(block)["mcpServers"]["counterfoil"]
    assert started == {"command": "counterfoil", "args": ["mcp", "--profile", "helper"]}
    assert (desk.folder / "helper.token").read_text().strip() not in block
    held = desk.type("counterfoil auth status --profile helper")
    assert "content:read" in held
    assert "content:write" not in held
