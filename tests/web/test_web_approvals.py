"""Approvals: what is asked beside what would come of it, and every way to decide it."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import expect

from support.browse import At


def test_an_approver_sees_what_is_asked_and_gives_less(
    browse: Callable[..., At], tokens: dict[str, str]
) -> None:
    """An approver reads who asks for what and why to mind it, and approves less (A8, A11)."""
    at = browse("Ann")
    at.goto("/approvals")
    row = at.page.locator(".request", has_text="agent-experience-pipeline")
    expect(row).to_contain_text("Ben")
    expect(row).to_contain_text("It follows the role")
    at.accessible()
    at.fits()
    at.shot("approvals")
    row.get_by_role("link", name="agent-experience-pipeline").click()
    expect(at.page.get_by_role("heading", level=1)).to_have_text("agent-experience-pipeline")
    at.accessible()
    at.fits()
    at.shot("approval")
    at.page.get_by_role("checkbox", name="content:read").check()
    at.page.get_by_role("button", name="Approve").click()
    expect(at.page.get_by_role("status")).to_contain_text("works from now on")
    at.goto(f"/tokens/{tokens['waiting']}")
    expect(at.page.get_by_role("main")).to_contain_text("content:read")
    expect(at.page.get_by_role("main")).not_to_contain_text("content:write")


def test_who_denies_says_why(browse: Callable[..., At]) -> None:
    """Without a reason nothing is denied; with one it is, and the reason stays (A10a)."""
    at = browse("Ann")
    at.goto("/approvals")
    at.page.get_by_role("checkbox", name=re.compile("too-wide")).check()
    at.page.get_by_role("button", name="Deny").click()
    expect(at.page.get_by_role("alert")).to_be_focused()
    at.shot("approvals-no-reason")
    at.page.get_by_label("Reason, for a denial").fill("Ask for one folder.")
    at.page.get_by_role("button", name="Deny").click()
    expect(at.page.get_by_role("status")).to_have_text("Denied: 1.")
    at.goto("/approvals?state=denied")
    expect(at.page.locator(".request", has_text="too-wide")).to_contain_text("Ask for one folder.")


def test_who_may_not_approve_sees_no_approvals(browse: Callable[..., At]) -> None:
    """A member who decides nothing is led to no approvals, and finds none there (A8, X6)."""
    at = browse("Rita")
    at.goto("/")
    expect(at.page.get_by_role("link", name="Approvals")).to_have_count(0)
    assert at.goto("/approvals").get_by_role("heading", level=1).inner_text() != "Approvals"
