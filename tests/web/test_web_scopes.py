"""Choosing scopes by groups and by a search, and trying a request before there is a token."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from support.browse import NARROW, At


def ticked(page: Page) -> list[str]:
    """Return the scopes that are ticked."""
    boxes = page.locator("[name=scopes]:checked")
    found: list[str] = boxes.evaluate_all("all => all.map(one => one.value)")
    return found


def test_a_press_ticks_a_level_of_a_group(browse: Callable[..., At]) -> None:
    """None, Read, Write and All tick the boxes of their group, and no other's."""
    at = browse("Ann")
    page = at.goto("/tokens/new?scopes=assets:read")
    content = page.get_by_role("group", name="Content: all at once")
    assert content.get_by_role("button").all_inner_texts() == ["None", "Read", "Write", "All"]
    content.get_by_role("button", name="Write").click()
    assert ticked(page) == ["content:read", "content:write", "assets:read"]
    expect(page.locator("#can")).to_contain_text("change content")
    expect(content.get_by_role("button", name="Write")).to_have_attribute("aria-pressed", "true")
    page.get_by_label("content:publish").check()
    expect(content.get_by_role("button", pressed=True)).to_have_count(0)
    content.get_by_role("button", name="None").click()
    assert ticked(page) == ["assets:read"]
    people = page.get_by_role("group", name="People: all at once")
    assert people.get_by_role("button").all_inner_texts() == ["None", "Read", "All"]


def test_scopes_are_searched(browse: Callable[..., At]) -> None:
    """A word leaves the scopes in sight that hold it, keeps what is ticked, and says if none do."""
    at = browse("Ann")
    page = at.goto("/tokens/new?scopes=assets:read")
    search = page.get_by_role("searchbox", name="Search scopes")
    search.fill("publish")
    expect(page.get_by_label("content:publish")).to_be_visible()
    expect(page.get_by_label("assets:read")).to_be_hidden()
    search.press("Enter")  # which asks for no token
    expect(page).to_have_url(f"{at.url}/tokens/new?scopes=assets:read")
    search.fill("nothing like this")
    expect(page.get_by_text("No scope that you may give is like this.")).to_be_visible()
    at.accessible()
    at.shot("scopes-none")
    search.fill("")
    assert ticked(page) == ["assets:read"]
    expect(page.get_by_label("assets:read")).to_be_visible()


def test_without_script_the_boxes_are_there(browse: Callable[..., At]) -> None:
    """Without script the boxes are all there is, and all of them are in sight."""
    at = browse("Ben", java_script_enabled=False)
    page = at.goto("/tokens/new?template=blank")
    expect(page.get_by_role("searchbox", name="Search scopes")).to_be_hidden()
    expect(page.get_by_role("button", name="Write")).to_have_count(0)
    expect(page.get_by_label("assets:write")).to_be_visible()


def test_a_request_is_tried(browse: Callable[..., At]) -> None:
    """Method and path come to Allowed or Denied with the rule, and follow what is ticked."""
    at = browse("Ann")
    page = at.goto("/tokens/new?template=ai-agent")
    page.get_by_text("Try a request…").click()
    tried = page.locator("#tried")
    page.get_by_role("combobox", name="Path").fill("/cda/items?filter[path]=/site")
    expect(tried).to_contain_text("Allowed")
    expect(tried).to_contain_text("delivery.list")
    page.get_by_label("Method", exact=True).select_option("POST")
    page.get_by_role("combobox", name="Path").fill("/cma/items")
    expect(tried).to_contain_text("Denied 403 INSUFFICIENT_SCOPE")
    expect(tried).to_contain_text("This needs the scope content:write.")
    at.accessible()
    at.shot("try-denied")
    page.get_by_label("content:write").check()
    expect(tried).to_contain_text("Allowed")
    expect(tried).to_contain_text("entry.create")
    page.get_by_role("combobox", name="Path").fill("/nowhere")
    expect(tried).to_contain_text("Denied 404 NOT_FOUND")
    page.get_by_role("combobox", name="Path").fill("/cma/personal_access_tokens")
    expect(tried).to_contain_text("Denied 403 PAT_CANNOT_CREATE_PAT")


def test_a_request_is_tried_without_script(browse: Callable[..., At]) -> None:
    """The trial works by a button and by Enter, and neither makes a token."""
    at = browse("Ben", java_script_enabled=False, viewport=NARROW)
    page = at.goto("/tokens/new?template=website-build&name=tried")
    page.get_by_text("Try a request…").click()
    page.get_by_role("combobox", name="Path").fill("/cda/preview/items")
    page.get_by_role("button", name="Try", exact=True).click()
    tried = page.locator("#tried")
    expect(tried).to_contain_text("Denied 403 API_NOT_ENABLED_FOR_TOKEN")
    page.get_by_role("combobox", name="Path").fill("/cda/items")
    page.get_by_role("combobox", name="Path").press("Enter")
    expect(tried).to_contain_text("Allowed")
    at.fits()
    at.shot("try-narrow")
    at.goto("/tokens")
    expect(page.get_by_text("tried")).to_have_count(0)
