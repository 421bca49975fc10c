"""Where two people must approve: the policy says so, and each page says who did and who may."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator, expect

from support.apart import apart
from support.browse import NARROW, At
from support.web import give, give_roles, only

own, tokens, house = apart()


def row_of(at: At, name: str) -> Locator:
    return at.page.locator(".request", has=at.page.locator("h2", has_text=name))


def have_all_approved_by_two(ann: At) -> None:
    ann.goto("/policy")
    ann.page.get_by_label("What two people have to approve").select_option(label="everything")
    ann.page.get_by_role("button", name="See what it would do").click()
    changed = ann.page.get_by_role("row", name="What two people have to approve")
    expect(changed).to_contain_text("nothing: one is enough")
    ann.page.locator("button:has-text('Save')").first.click()
    expect(ann.page.get_by_role("status")).to_contain_text("Saved")


def test_a_second_person_approves_what_the_first_left(
    browse: Callable[..., At], own: Path, tokens: dict[str, str]
) -> None:
    """An admin has everything approved by two; each sees what is theirs to do (S22, A8)."""
    only(own, tokens.values())
    ann = browse("Ann")
    have_all_approved_by_two(ann)
    id_ = give(own, "Rita", "two-keys")
    ann.goto("/approvals")
    expect(row_of(ann, "two-keys")).to_contain_text("Two people have to approve it.")
    row_of(ann, "two-keys").get_by_role("link", name="two-keys", exact=True).click()
    expect(ann.page.get_by_role("main")).to_contain_text("waits for the second")
    ann.page.get_by_role("checkbox", name="content:read").check()
    ann.page.get_by_role("button", name="Approve").click()
    expect(ann.page.get_by_role("status")).to_contain_text("once somebody else approves it too")
    expect(row_of(ann, "two-keys")).to_contain_text("You have approved it.")
    expect(row_of(ann, "two-keys").get_by_role("button", name="Approve")).to_have_count(0)
    ann.accessible()
    ann.fits()
    ann.shot("approvals-first-of-two")
    row_of(ann, "two-keys").get_by_role("link", name="two-keys", exact=True).click()
    expect(ann.page.get_by_role("button", name="Approve")).to_have_count(0)
    expect(ann.page.get_by_role("button", name="Deny")).to_be_visible()
    ann.shot("approval-first-of-two")
    rita = browse("Rita", viewport=NARROW, color_scheme="dark")
    rita.goto(f"/tokens/{id_}/request")
    expect(rita.page.get_by_role("main")).to_contain_text("approved it, and gave less")
    rita.accessible()
    rita.fits()
    rita.shot("token-request-first-of-two")
    rita.goto("/tokens/new?name=more&scopes=content:read")
    expect(rita.page.get_by_text("Needs approval by two organization admins")).to_be_visible()
    expect(rita.page.get_by_text("Fewer than two can approve it at the moment.")).to_be_visible()
    give_roles(own, "Ben", "admin")
    ben = browse("Ben", viewport=NARROW)
    ben.goto("/approvals")
    expect(row_of(ben, "two-keys")).to_contain_text("your approval would be the second")
    row_of(ben, "two-keys").get_by_role("link", name="two-keys", exact=True).click()
    expect(ben.page.get_by_role("main")).to_contain_text("It works once you approve it too.")
    ben.accessible()
    ben.fits()
    ben.shot("approval-second-of-two")
    ben.page.get_by_role("button", name="Approve").click()
    expect(ben.page.get_by_role("status")).to_contain_text("works from now on")
    rita.goto(f"/tokens/{id_}/request")
    expect(rita.page.get_by_role("main")).to_contain_text("Approved, and narrowed.")
