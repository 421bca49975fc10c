"""How far a token would reach, and when its owner is reminded of its end, at a browser."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from support.browse import NARROW, At
from support.web import only

NEW = "/tokens/new?name=counted&scopes=content:read"
NODES = re.compile(r"([0-9.,]+) (nodes?|Knoten)")


@pytest.fixture(autouse=True)
def room(own: Path, tokens: dict[str, str]) -> Iterator[None]:
    """Leave people what they began with, so that there is room in their quotas."""
    yield
    only(own, tokens.values())


def counted(at: At) -> int:
    """Return how many nodes the page says that the token would reach."""
    found = NODES.search(at.page.locator("#can summary").inner_text())
    assert found
    return int(re.sub("[.,]", "", found[1]))


def test_the_sentence_counts_what_a_token_would_reach(browse: Callable[..., At], own: Path) -> None:
    """Content types and nodes are counted, and fewer below a root than without one (X6, X10)."""
    at = browse("Ann")
    at.goto(NEW)
    expect(at.page.locator("#can summary")).to_contain_text("content types")
    whole = counted(at)
    root = json.loads((own / "sample.json").read_text())["nodes"]["/site"]
    at.goto(f"{NEW}&root={root}")
    assert 0 < counted(at) < whole
    at.accessible()
    at.shot("token-new-reach")
    for surface in ("delivery", "preview", "management"):
        at.page.locator(f"#surface-{surface}").uncheck()
    expect(at.page.locator("#can summary")).to_contain_text("0 nodes")


def test_the_count_without_script_and_in_german(browse: Callable[..., At]) -> None:
    """A button of its own counts where no script does, and a telephone has room for it."""
    at = browse("Ann", java_script_enabled=False, locale="de-DE", viewport=NARROW)
    at.goto(NEW)
    before = counted(at)
    at.page.locator("#surface-preview").uncheck()
    at.page.locator("#surface-management").uncheck()
    at.page.get_by_role("button", name="Sagen, was es jetzt kann").click()
    assert counted(at) <= before
    expect(at.page.locator("#can summary")).to_contain_text("Inhaltstyp")
    at.fits()
    at.shot("token-new-reach-narrow")


def test_reminders_are_chosen_and_changed(browse: Callable[..., At]) -> None:
    """All three are ticked; what is left of them stands on the token's page, and is changed."""
    at = browse("Ann", java_script_enabled=False)
    at.goto(NEW)
    reminders = at.page.get_by_role("group", name="Remind me before it ends")
    expect(reminders.get_by_role("checkbox", checked=True)).to_have_count(3)
    reminders.get_by_label("30 days before").uncheck()
    at.page.get_by_role("button", name="Create token").click()
    at.page.get_by_role("link", name="I have stored it").click()
    said = at.page.locator(".facts div").filter(has_text="Reminders")
    expect(said).to_contain_text("7 days before, 1 day before")
    said.get_by_role("link", name="Change").click()
    expect(reminders.get_by_role("checkbox", checked=True)).to_have_count(2)
    for day in ("7 days before", "1 day before"):
        reminders.get_by_label(day).uncheck()
    at.shot("token-edit-reminders")
    at.page.get_by_role("button", name="Save changes").click()
    expect(said).to_contain_text("None")
    expect(at.page.get_by_text("Next reminder")).to_have_count(0)
    at.fits()
    at.shot("token-no-reminders")
    seen = browse("Ann")
    for page in (at.page.url, f"{at.page.url}/restrictions"):
        seen.page.goto(page)
        seen.accessible()
