"""Pages of an organization with 500 tokens: nothing is lost, nothing is ugly, nothing too wide."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import expect

from infra.server import Server
from support.apart import apart
from support.browse import NARROW, At, to_its_end
from support.many import crowd
from support.web import give, seeder_of
from support.worn import age

own, tokens, house = apart()

LISTS = {
    "tokens": "/tokens",
    "everybody": "/tokens?owner=all",
    "manager": "/content-api-manager",
    "approvals": "/approvals",
    "people": "/people",
    "audit": "/audit",
    "calendar": "/tokens/calendar",
    "content": "/content",
    "search": "/search?q=ci",
    "who-can": "/who-can",
}


@pytest.fixture(scope="module", autouse=True)
def filled(own: Path, house: Server) -> None:
    """Five hundred of each kind of token, and who asks for more of them."""
    assert house.port
    crowd(own, tokens=500, requests=60, people=200)


@pytest.mark.parametrize("name", LISTS)
def test_pages_of_a_crowd(name: str, browse: Callable[..., At]) -> None:
    """With 500 tokens each list opens, says how many there are, fits, and axe finds nothing."""
    at = browse("Ann")
    at.goto(LISTS[name])
    expect(at.page.get_by_role("heading", level=1)).to_be_visible()
    at.accessible()
    at.fits()
    at.shot(f"many-{name}")
    at.page.emulate_media(color_scheme="dark")
    at.shot(f"many-{name}-dark", whole=False)
    narrow = browse("Ann", viewport=NARROW, java_script_enabled=False)
    narrow.goto(LISTS[name])
    narrow.fits()
    narrow.shot(f"many-{name}-narrow", whole=False)


@pytest.mark.parametrize("name", ["tokens", "manager"])
def test_five_hundred_are_all_there(name: str, browse: Callable[..., At]) -> None:
    """Page after page the list of 500 tokens shows each once, and says how many there are."""
    at = browse("Ann", java_script_enabled=False)
    at.goto(f"{LISTS[name]}?page[size]=100")
    seen, total = to_its_end(at)
    assert len(seen) == len(set(seen)) == total >= 500


def test_what_is_in_force_is_copied_first(browse: Callable[..., At], own: Path) -> None:
    """Among more tokens than fit, those in force are offered as a beginning, not those over."""
    live = give(own, "Rita", "still-there")
    over = [give(own, "Rita", f"over-{n:02}") for n in range(25)]
    with closing(seeder_of(own)) as seeder:
        for id_ in over:
            age(seeder.office, id_, days=0, ended=1)
    at = browse("Rita")
    at.goto("/tokens/new")
    offered = at.page.locator("#copy option")
    values = offered.evaluate_all("all => all.map((one) => one.value)")
    assert live in values[:2]
    assert len(values) == 20


def test_what_is_ticked_is_decided_where_one_is(browse: Callable[..., At]) -> None:
    """Of a long list of requests, those that are ticked are decided without a way to its end."""
    at = browse("Ann")
    at.goto("/approvals")
    decide = at.page.get_by_role("button", name="Approve as asked")
    expect(decide).not_to_be_in_viewport()
    picks = at.page.get_by_role("checkbox", name=re.compile("of Ben$"))
    before = picks.count()
    picks.nth(0).check()
    picks.nth(1).check()
    expect(decide).to_be_in_viewport()
    at.accessible()
    at.shot("many-approvals-ticked", whole=False)
    decide.click()
    expect(at.page.get_by_role("status")).to_have_text(["Approved: 2."])
    assert picks.count() == before
