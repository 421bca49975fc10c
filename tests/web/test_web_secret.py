"""The page that shows a secret, once: what it offers, and that nothing leads back to it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Dialog, expect

from infra.chromium import remembering
from infra.server import Server
from support.browse import At, signed_in
from support.sample import Sample
from support.web import only


@pytest.fixture(autouse=True)
def room(own: Path, tokens: dict[str, str]) -> Iterator[None]:
    """Let people have what they began with, before and after."""
    only(own, tokens.values())
    yield
    only(own, tokens.values())


def made(at: At, name: str) -> str:
    """Create a token and return the secret that the page shows."""
    at.goto(f"/tokens/new?template=website-build&name={name}")
    at.page.get_by_role("button", name="Create token").click()
    return at.page.locator("#secret").inner_text()


def test_trying_it_out(browse: Callable[..., At]) -> None:
    """The page runs the very request of its curl, and shows the live answer and what it may."""
    at = browse("Ann")
    secret = made(at, "tried")
    expect(at.page.locator("#use-curl pre")).to_contain_text(f"Bearer {secret}")
    at.page.get_by_role("button", name="Run it here").click()
    answer = at.page.locator("[data-answer]")
    expect(answer).to_contain_text("HTTP 200")
    expect(answer).to_contain_text("content:read")
    at.accessible()
    at.shot("secret-run")


def test_a_pending_secret_says_so(browse: Callable[..., At]) -> None:
    """A member's secret is shown at the request, and the live answer is 401 until approval."""
    at = browse("Ben")
    made(at, "asked")
    expect(at.page.get_by_role("heading", level=1)).to_have_text("Token requested")
    expect(at.page.get_by_text("sent to your admin for approval")).to_be_visible()
    at.page.get_by_role("button", name="Run it here").click()
    expect(at.page.locator("[data-answer]")).to_contain_text("HTTP 401 TOKEN_PENDING_APPROVAL")
    at.accessible()
    at.shot("secret-pending")


def test_the_uses_stand_side_by_side(browse: Callable[..., At]) -> None:
    """The uses are tabs that arrows move between, each of which can be copied."""
    at = browse("Ann")
    secret = made(at, "used")
    first, second = at.page.get_by_role("tab").nth(0), at.page.get_by_role("tab").nth(1)
    first.focus()
    at.page.keyboard.press("ArrowRight")
    expect(second).to_be_focused()
    expect(at.page.get_by_role("tabpanel")).to_contain_text(f"COUNTERFOIL_TOKEN={secret}")
    for tab in at.page.get_by_role("tab").all():
        tab.click()
        expect(at.page.get_by_role("tabpanel")).to_have_count(1)
        at.fits()
    at.page.get_by_role("tab", name="Agent").click()
    told = json.loads(at.page.locator("#use-agent pre").inner_text())["mcpServers"]["counterfoil"]
    assert (told["command"], told["args"]) == ("counterfoil", ["mcp"])
    assert told["env"] == {"COUNTERFOIL_URL": at.url, "COUNTERFOIL_TOKEN": secret}
    at.page.get_by_role("tab", name="CLI").click()
    expect(at.page.get_by_role("tabpanel")).to_contain_text(f"{at.url}/datocms")
    at.accessible()


@pytest.mark.parametrize("how", ["copied", "stored"])
def test_leaving_is_asked_for_until_it_is_kept(browse: Callable[..., At], how: str) -> None:
    """Who leaves before they copied or said that they stored it is asked; then nobody is (S47)."""
    at = browse("Ann", permissions=["clipboard-read", "clipboard-write"])
    secret = made(at, how)
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    at.page.on("dialog", stay)
    at.page.locator(".brand").click()
    at.page.wait_for_timeout(200)
    assert asked == ["beforeunload"]
    expect(at.page.locator("#secret")).to_have_text(secret)
    if how == "copied":
        at.page.locator("[data-takes]").first.click()
        expect(at.page.locator("#copied")).to_have_text("Copied")
        assert at.page.evaluate("navigator.clipboard.readText()") == secret
        at.page.locator(".brand").click()
    else:
        at.page.get_by_role("link", name="I have stored it").click()
    expect(at.page.locator("#secret")).to_have_count(0)
    assert asked == ["beforeunload"]


def test_no_way_leads_back_to_it(browse: Callable[..., At], house: Server) -> None:
    """Seven ways back to the page show no secret, and none makes another token (S47, A12, G5)."""
    at = browse("Ann")
    page = at.page
    secret = made(at, "gone")
    assert secret not in page.url + page.title()
    assert secret not in json.dumps(page.evaluate("[history.state, localStorage, sessionStorage]"))
    there = page.url
    page.get_by_role("link", name="I have stored it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("gone")
    seen = {"the page after": page.content()}
    at.goto("/tokens")
    page.go_back()
    seen["Back"] = page.content()
    page.reload()
    seen["reload"] = page.content()
    page.go_back()
    page.go_forward()
    seen["Forward"] = page.content()
    with page.expect_navigation():
        page.evaluate("setTimeout(() => history.go(-1))")
    seen["the history"] = page.content()
    twin = page.context.new_page()
    twin.goto(there)
    seen["a duplicate tab"] = twin.content()
    twin.goto(f"{house.url}/tokens")
    twin.go_back()
    seen["Back in it"] = twin.content()
    assert [way for way, content in seen.items() if secret in content] == []
    at.goto("/tokens")
    expect(page.get_by_role("link", name="gone", exact=True)).to_have_count(1)


def test_a_browser_keeps_it_nowhere(
    browser: Browser, house: Server, seeded: Sample, tmp_path: Path
) -> None:
    """No file of a browser holds the secret once its page is left: no cache, history or storage.

    View-source and Back after a restart are read from there (S47, A12, G5).
    """
    with remembering(browser, tmp_path, base_url=house.url, locale="en-GB") as context:
        context.add_cookies([signed_in(house, seeded, "Ann")])
        at = At(context.new_page(), house.url)
        secret = made(at, "filed")
        style = at.page.evaluate("fetch(document.styleSheets[0].href).then((css) => css.text())")
        at.page.get_by_role("link", name="I have stored it").click()
        expect(at.page.get_by_role("heading", level=1)).to_have_text("filed")
        at.goto("/tokens")
    assert holding(tmp_path, style[:80])  # what may be kept is kept, and found
    assert holding(tmp_path, secret) == []


def holding(folder: Path, text: str) -> list[str]:
    """Return which files hold a text, in either of the ways in which a browser writes one."""
    forms = (text.encode(), text.encode("utf-16-le"))
    files = (path for path in folder.rglob("*") if path.is_file())
    return [str(path) for path in files if any(one in path.read_bytes() for one in forms)]


def test_a_form_that_is_sent_again_makes_no_second_token(browse: Callable[..., At]) -> None:
    """Without script a reload sends the form anew: it leads to the token, and shows no secret."""
    at = browse("Ann", java_script_enabled=False)
    secret = made(at, "again")
    at.page.reload()
    expect(at.page.get_by_role("heading", level=1)).to_have_text("again")
    expect(at.page.get_by_role("status")).to_contain_text("This form was sent before")
    assert secret not in at.page.content()
    at.goto("/tokens")
    expect(at.page.get_by_role("link", name="again", exact=True)).to_have_count(1)


def test_what_a_browser_keeps_of_the_page_is_empty(browse: Callable[..., At]) -> None:
    """What is hidden for Back holds no secret any more, however the browser keeps it (S47)."""
    at = browse("Ann")
    secret = made(at, "kept")
    at.page.wait_for_load_state("load")  # its script is there by then
    at.page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', {persisted: true}))")
    assert secret not in at.page.content()
    expect(at.page.get_by_text("The secret is gone from this page.")).to_be_visible()
