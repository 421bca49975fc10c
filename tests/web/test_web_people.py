"""Who belongs to the organization, as its admins see it."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from support.browse import At


def test_an_admin_sees_who_there_is(browse: Callable[..., At]) -> None:
    """Every member stands there with roles and state, and leads to what they did."""
    at = browse("Ann")
    at.goto("/")
    at.page.get_by_role("link", name="Users").click()
    row = at.page.get_by_role("row").filter(has_text="Ben")
    expect(row).to_contain_text("developer")
    expect(row).to_contain_text("Active")
    at.shot("people")
    row.get_by_role("link", name="What Ben did").click()
    expect(at.page.locator(".event-said").first).to_contain_text("Ben")


def test_who_may_not_read_members_is_not_led_there(browse: Callable[..., At]) -> None:
    """Without users:read there is no line in the bar, and the address says why (X6)."""
    at = browse("Rita")
    at.goto("/")
    assert at.page.get_by_role("link", name="Users", exact=True).count() == 0
    assert at.page.request.get(f"{at.url}/people").status == 403
