"""Notices: what people are told in the page, and what of it comes by mail."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from support.browse import At


def test_people_read_what_they_were_told(browse: Callable[..., At]) -> None:
    """The bell counts what is unread; each notice leads to what it is about (A10a, A24)."""
    at = browse("Ann")
    at.goto("/")
    bell = at.page.get_by_role("link", name="unread notice")
    expect(bell).to_be_visible()
    bell.click()
    first = at.page.get_by_role("link", name="Ben asks for the token agent-experience-pipeline")
    at.accessible()
    at.fits()
    at.shot("notices")
    while not first.count():  # what other tests left stands before it
        at.goto(str(at.page.get_by_role("link", name="Further").get_attribute("href")))
    first.click()
    expect(at.page.get_by_role("heading", level=1)).to_have_text("agent-experience-pipeline")
    at.goto("/notices")
    at.page.get_by_role("button", name="Mark all as read").click()
    expect(at.page.get_by_role("link", name="unread notice")).to_have_count(0)


def test_people_choose_what_comes_by_mail(browse: Callable[..., At]) -> None:
    """Who wants no mail of a kind says so once; what guards their tokens is no choice (A24)."""
    at = browse("Rita")
    at.goto("/notices")
    at.page.get_by_text("What comes by mail").click()
    box = at.page.get_by_role("checkbox", name="A token ends soon")
    expect(box).to_be_checked()
    at.shot("notices-mail")
    box.uncheck()
    at.page.get_by_role("button", name="Keep").click()
    at.page.get_by_text("What comes by mail").first.click()
    expect(at.page.get_by_role("checkbox", name="A token ends soon")).not_to_be_checked()
    expect(at.page.get_by_role("checkbox", name="A request is denied")).to_be_checked()
