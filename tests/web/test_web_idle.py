"""What nobody has used for 90 days: told in every list of secrets, with Revoke (G12e)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from infra.server import Server
from support.apart import apart
from support.browse import At
from support.web import (
    forget_api_tokens,
    forget_pairs,
    give,
    give_pair,
    give_secret,
    leave_idle,
    only,
)

own, tokens, house = apart()

MAKES: dict[str, Callable[[Path, str], str]] = {
    "tokens": lambda own, name: give(own, "Ann", name),
    "content-api-manager": lambda own, name: give_secret(own, "Ann", name)[0],
    "key-pairs": give_pair,
}
FRESH = {"tokens": "dx-cli-laptop", "content-api-manager": "api", "key-pairs": "pair"}
"""One of each kind that was made just now."""
SAID = {
    "tokens": re.compile("personal tokens?$"),
    "content-api-manager": re.compile("API tokens?$"),
    "key-pairs": re.compile("key and secret pairs?$"),
}
ROWS = "tbody tr:has([data-label=Expires])"
"""Those of a list, not of the help above it."""
UNUSED, REVOKE = "unused for 90 days", "Revoke…"


@pytest.fixture
def idle(own: Path, house: Server, tokens: dict[str, str]) -> Iterator[dict[str, str]]:
    """One of each kind that nobody has used for a hundred days."""
    assert house.port
    made = {kind: make(own, f"forgotten-in-{kind}") for kind, make in MAKES.items()}
    for id_ in made.values():
        leave_idle(own, id_)
    yield made
    for forget in (only, forget_api_tokens, forget_pairs):
        forget(own, tokens.values())


def row(page: Page, kind: str, id_: str) -> Locator:
    """Return the row of a list that leads there."""
    return page.locator("tbody tr").filter(has=page.locator(f"th a[href='/{kind}/{id_}']"))


@pytest.mark.parametrize("kind", MAKES)
def test_each_list_leads_to_what_nobody_uses(
    kind: str, browse: Callable[..., At], tokens: dict[str, str], idle: dict[str, str]
) -> None:
    """Whichever list an admin opens names all three kinds; a row says it, and ends it (G12e)."""
    fresh = tokens[FRESH[kind]]
    for start in MAKES:
        at = browse("Ann", java_script_enabled=False)
        page = at.goto(f"/{start}")
        told = page.locator(".callout").filter(has_text="for 90 days")
        for said in SAID.values():
            expect(told.get_by_role("link", name=said)).to_be_visible()
        told.get_by_role("link", name=SAID[kind]).click()
        expect(row(page, kind, idle[kind])).to_have_count(1)
        expect(row(page, kind, fresh)).to_have_count(0)
        assert page.locator(ROWS).count() == page.get_by_text(UNUSED, exact=True).count()
    at = browse("Ann")
    page = at.goto(f"/{kind}?used=idle")
    at.accessible()
    at.fits()
    shots(at, f"idle-{kind}")
    at.goto(f"/{kind}")
    expect(row(page, kind, fresh)).not_to_contain_text(UNUSED)
    expect(row(page, kind, fresh).get_by_role("link", name=REVOKE)).to_have_count(0)
    forgotten = row(page, kind, idle[kind])
    expect(forgotten).to_contain_text(UNUSED)
    shots(at, f"idle-among-{kind}")
    forgotten.get_by_role("link", name=f"{REVOKE} forgotten-in-{kind}").click()
    page.get_by_role("button", name=re.compile("^Delete (forgotten-in|token)")).click()
    expect(page.get_by_role("status")).to_contain_text(re.compile("is (deleted|revoked)"))
    at.goto(f"/{kind}?used=idle")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(row(page, kind, idle[kind])).to_have_count(0)


def shots(at: At, name: str) -> None:
    """Keep what the page looks like, in light, in dark and on a telephone."""
    at.shot(name)
    at.page.emulate_media(color_scheme="dark")
    at.shot(f"{name}-dark")
    at.page.emulate_media(color_scheme="light")
    at.page.set_viewport_size({"width": 360, "height": 740})
    at.fits()
    at.shot(f"{name}-narrow")
    at.page.set_viewport_size({"width": 1280, "height": 800})


def test_everybodys_and_ones_own(
    browse: Callable[..., At], own: Path, idle: dict[str, str]
) -> None:
    """An owner is told of their own, an admin of everybody's; nobody of what they cannot list."""
    mine = give(own, "Rita", "forgotten-by-rita")
    leave_idle(own, mine)
    rita = browse("Rita").goto("/tokens")
    told = rita.locator(".callout").filter(has_text="for 90 days")
    expect(told.get_by_role("link")).to_have_text(["one personal token"])
    told.get_by_role("link").click()
    expect(row(rita, "tokens", mine).get_by_role("link", name=REVOKE)).to_be_visible()
    expect(rita.locator(ROWS)).to_have_count(1)
    ann = browse("Ann").goto("/tokens?owner=all")
    told = ann.locator(".callout").filter(has_text="for 90 days")
    told.get_by_role("link", name=SAID["tokens"]).click()
    for id_ in (mine, idle["tokens"]):
        expect(row(ann, "tokens", id_).get_by_role("link", name=REVOKE)).to_be_visible()
    alone = browse("Ann").goto("/tokens?used=idle")
    expect(row(alone, "tokens", mine)).to_have_count(0)


@pytest.mark.parametrize("kind", ["content-api-manager", "key-pairs"])
def test_where_all_are_in_use(kind: str, browse: Callable[..., At]) -> None:
    """A list of what nobody uses, in which nothing is, says so and leads back to all."""
    at = browse("Ann")
    page = at.goto(f"/{kind}?used=idle")
    expect(page.get_by_role("heading", name="All are in use")).to_be_visible()
    at.accessible()
    at.shot(f"idle-none-{kind}")
    page.get_by_role("link", name="Show all").click()
    expect(page).to_have_url(f"{at.url}/{kind}")
