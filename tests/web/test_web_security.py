"""Settings, Security: where one is signed in, and what lets one in."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from support.browse import At


def test_one_session_and_all_others_are_ended(browse: Callable[..., At]) -> None:
    """Who ends a session, or all but this, is signed out there at the very next page (S44)."""
    lost, here = browse("Rita"), browse("Rita")
    lost.goto("/tokens")
    here.goto("/settings")
    here.page.get_by_role("link", name="Sessions and ways to sign in").click()
    rows = here.page.locator("#sessions li")
    expect(rows.filter(has_text="This one")).to_have_count(1)
    before = rows.count()
    assert before >= 2
    here.accessible()
    here.shot("security")
    here.page.get_by_role("button", name="End the session: Browser").first.click()
    expect(here.page.get_by_role("status")).to_contain_text("That session is over.")
    expect(rows).to_have_count(before - 1)
    third = browse("Rita")
    third.goto("/tokens")
    here.goto("/settings/security")
    here.page.get_by_role("button", name="Sign out of the").click()
    expect(rows).to_have_count(1)
    for there in (lost, third):
        there.goto("/tokens")
        assert "/signin?next=" in there.page.url
    here.goto("/tokens")
    expect(here.page.get_by_role("heading", level=1)).to_have_text("Personal Access Tokens")


def test_sessions_are_ended_without_script_and_on_a_telephone(browse: Callable[..., At]) -> None:
    """The page needs no script, and fits a narrow screen with the longest rows that it has."""
    browse("Rita")
    plain = browse("Rita", java_script_enabled=False, viewport={"width": 360, "height": 740})
    plain.goto("/settings/security")
    plain.fits()
    plain.shot("security-narrow")
    plain.page.get_by_role("button", name="Sign out of the").click()
    expect(plain.page.locator("#sessions li")).to_have_count(1)
