"""Who belongs to the organization, as its admins see it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from support.browse import At
from support.web import give, only


def test_an_admin_sees_who_there_is(
    browse: Callable[..., At], own: Path, tokens: dict[str, str]
) -> None:
    """Every member stands there with roles and state, and leads to what they did."""
    only(own, tokens.values())
    give(own, "Ben", "asked-for")
    at = browse("Ann")
    at.goto("/")
    at.page.get_by_role("link", name="Users").click()
    row = at.page.get_by_role("row").filter(has_text="Ben")
    expect(row).to_contain_text("developer")
    expect(row).to_contain_text("Active")
    expect(row).to_contain_text("awaiting approval")
    expect(row).to_contain_text("local")
    expect(row).to_contain_text("passkey")
    me = at.page.get_by_role("row").filter(has_text="(you)")
    expect(me).to_contain_text("Ann")
    expect(me.locator("relative-time").last).to_be_visible()
    at.shot("people")
    row.get_by_role("link", name="What Ben did").click()
    expect(at.page.locator(".event-said").first).to_contain_text("Ben")


def test_who_may_not_read_members_is_not_led_there(browse: Callable[..., At]) -> None:
    """Without users:read there is no line in the bar, and the address says why (X6)."""
    at = browse("Rita")
    at.goto("/")
    assert at.page.get_by_role("link", name="Users", exact=True).count() == 0
    assert at.page.request.get(f"{at.url}/people").status == 403


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_somebody_is_found(*, script: bool, browse: Callable[..., At]) -> None:
    """Names and addresses are searched, with script and without."""
    at = browse("Ann", java_script_enabled=script)
    at.goto("/people")
    at.page.get_by_label("Name or e-mail address").fill("rit")
    if not script:
        at.page.get_by_role("button", name="Show").click()
    expect(at.page.locator("tbody tr")).to_have_count(1)
    expect(at.page.locator("tbody tr")).to_contain_text("Rita")


def test_those_who_hold_a_role(browse: Callable[..., At]) -> None:
    """The list is narrowed to who holds a role, beside what else is sought."""
    at = browse("Ann")
    at.goto("/people")
    at.page.get_by_label("Role", exact=True).select_option(label="reader")
    expect(at.page.locator("tbody tr").filter(has_text="Ben")).to_have_count(0)
    expect(at.page.locator("tbody tr").filter(has_text="Rita")).to_have_count(1)
    at.accessible()
    at.fits()
    at.shot("people-role")
    at.page.get_by_label("Name or e-mail address").fill("nobody-at-all")
    expect(at.page.get_by_role("heading", name="Nobody is like this")).to_be_visible()


def test_nobody_found_leads_back(browse: Callable[..., At]) -> None:
    """Where nobody is like what is sought, the page says so and shows the way to all."""
    at = browse("Ann")
    at.goto("/people?q=nobody-at-all&state=invited")
    expect(at.page.get_by_role("heading", name="Nobody is like this")).to_be_visible()
    at.shot("people-nobody")
    at.page.get_by_role("link", name="Show all").click()
    expect(at.page.get_by_role("row").filter(has_text="Ben")).to_be_visible()
