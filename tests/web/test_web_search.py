"""The search of the frame: what is called like that, as far as one may read it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from uuid import uuid4

from playwright.sync_api import expect

from support.browse import NARROW, At
from support.founding import bootstrap
from support.web import LONG, seeder_of


def names(at: At) -> list[str]:
    """Return what was found, by name."""
    return at.page.locator(".found li span").all_inner_texts()


def test_an_admin_finds_all_kinds_of_things(
    browse: Callable[..., At], tokens: dict[str, str]
) -> None:
    """By `/` one finds tokens by name or last 4 characters, people, nodes and pages."""
    assert tokens
    at = browse("Ann")
    at.goto("/")
    at.page.keyboard.press("/")
    expect(at.page.get_by_label("Search everywhere")).to_be_focused()
    at.page.keyboard.type("ben")
    at.page.keyboard.press("Enter")
    expect(at.page.get_by_role("heading", level=2, name="Users")).to_be_visible()
    at.page.get_by_role("main").get_by_role("link", name="Ben").click()
    expect(at.page.get_by_role("heading", level=1)).to_contain_text("Ben")
    at.goto("/search?q=press")
    assert "/site/press" in names(at)
    at.page.get_by_role("main").get_by_role("link", name="/site/press", exact=True).click()
    expect(at.page.get_by_role("heading", level=1)).to_have_text("Content")
    at.goto("/search?q=dx-cli")
    assert names(at) == ["dx-cli-laptop"]
    last = at.page.locator(".found li small").inner_text().partition(" ")[0][-4:]
    at.goto(f"/search?q={last}")
    assert "dx-cli-laptop" in names(at)
    at.goto("/search?q=e")
    at.accessible()
    at.shot("search-many")
    at.goto("/search?q=audit")
    at.page.get_by_role("main").get_by_role("link", name="Audit log").click()
    expect(at.page.get_by_role("heading", level=1)).to_have_text("Audit log")


def test_nobody_finds_what_they_may_not_read(browse: Callable[..., At]) -> None:
    """A developer finds neither people, nor others' tokens, nor pages that are not theirs."""
    at = browse("Ben", java_script_enabled=False, viewport=NARROW)
    at.goto("/")
    at.page.get_by_role("link", name="Search").click()
    for sought in ("ann", "dx-cli", LONG[:20], "audit", "%", "_"):
        at.page.locator("#q").fill(sought)
        at.page.get_by_role("button", name="Search").click()
        expect(at.page.get_by_role("heading", level=1)).to_have_text("Search")
        assert not [one for one in names(at) if "/" not in one], sought
    at.fits()
    at.page.locator("#q").fill("no such thing " * 6)
    at.page.get_by_role("button", name="Search").click()
    expect(at.page.get_by_text("Nothing is called")).to_be_visible()
    at.fits()
    at.shot("search-nothing-narrow")


def test_whom_another_organization_has_is_found_by_what_they_were_called_here(
    browse: Callable[..., At], own: Path
) -> None:
    """Who was invited goes by their inviter's word unless they accept (I6)."""
    mark = uuid4().hex[:6]
    email, guess = f"CHIEF.{mark}@lagoon.test", f"Guess {mark}"
    with closing(seeder_of(own)) as seeder:
        bootstrap(seeder.office, organization=f"Lagoon {mark}", email=email, name=f"Mona {mark}")
    at = browse("Ann")
    at.goto("/people/new")
    at.page.get_by_label("Name").fill(guess)
    at.page.get_by_label("E-mail address").fill(email.lower())
    at.page.get_by_label("reader").check()
    at.page.get_by_role("button", name="Invite").click()
    at.page.get_by_role("link", name="I have stored it").click()
    at.goto(f"/search?q={mark}")
    assert names(at) == [guess]
    expect(at.page.locator(".found li small")).to_have_text(email.lower())
    at.page.get_by_role("main").get_by_role("link", name=guess).click()
    at.page.get_by_role("link", name="Withdraw the invitation").click()
    at.page.get_by_role("button", name="Withdraw the invitation").click()
    expect(at.page.get_by_role("status")).to_contain_text(guess)
