"""Who can…: one asks what and where, and reads the people and tokens that can."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from support.browse import NARROW, At
from support.web import give, only


def test_who_can_touch_a_place_is_answered(
    browse: Callable[..., At], own: Path, tokens: dict[str, str]
) -> None:
    """People with the roles that let them, and tokens with their owners, stand in one list (G8)."""
    only(own, tokens.values())
    give(own, "Ann", "publisher")
    at = browse("Ann")
    at.goto("/")
    at.page.get_by_role("link", name="Who can").click()
    expect(at.page.get_by_role("heading", name="Ask who can do what")).to_be_visible()
    at.page.get_by_label("Who can").select_option("content:publish")
    at.page.get_by_role("textbox", name="where").fill("/site")
    at.page.get_by_role("button", name="Ask").click()
    rows = at.page.locator("tbody tr")
    expect(rows.filter(has_text="Ben").first).to_contain_text("developer")
    expect(rows.filter(has_text="publisher")).to_contain_text("Personal token")
    expect(rows.filter(has_text="Rita")).to_have_count(0)
    expect(rows.filter(has_text="old-preview")).to_have_count(0)  # it is switched off
    at.shot("who-can")
    at.accessible()


@pytest.mark.parametrize("where", ["/site/nowhere", "not a place", "/site//x"])
def test_a_place_that_is_none_is_said(where: str, browse: Callable[..., At]) -> None:
    """What was chosen stays, and the page says that there is no such node."""
    at = browse("Ann", java_script_enabled=False)
    at.goto("/who-can")
    at.page.get_by_label("Who can").select_option("content:publish")
    at.page.get_by_role("textbox", name="where").fill(where)
    at.page.get_by_role("button", name="Ask").click()
    expect(at.page.get_by_role("alert")).to_contain_text("There is no such node")
    expect(at.page.get_by_label("Who can")).to_have_value("content:publish")
    at.shot("who-can-nowhere")


def test_what_holds_in_the_organization_needs_no_place(browse: Callable[..., At]) -> None:
    """For what stands in no tree the place does not matter, and no token of anybody's does it."""
    at = browse("Ann", viewport=NARROW)
    at.goto("/who-can?scope=users:manage&node=/site")
    expect(at.page.get_by_text("no node counts for it")).to_be_visible()
    expect(at.page.locator("tbody tr")).to_have_count(1)
    at.fits()
    at.shot("who-can-narrow")


def test_who_may_not_read_members_asks_nobody(browse: Callable[..., At]) -> None:
    """Without users:read there is no line in the bar and no answer (X6)."""
    at = browse("Rita")
    at.goto("/")
    assert at.page.get_by_role("link", name="Who can").count() == 0
    for asked in ("", "?scope=content:read"):
        assert at.page.request.get(f"{at.url}/who-can{asked}").status == 403
