"""Flags of what belongs to the organization: API tokens and pairs (G12h)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from support.browse import At
from support.web import raise_flag


def test_a_flag_of_the_organizations_own(
    browse: Callable[..., At], own: Path, tokens: dict[str, str]
) -> None:
    """An API token and a pair say what is unlike them, in German too, and how to end it (G12h)."""
    for id_, path in ((tokens["api"], "/content-api-manager"), (tokens["pair"], "/key-pairs")):
        raise_flag(own, id_)
        at = browse("Ann", locale="de-DE")
        page = at.goto(f"{path}/{id_}")
        flags = page.locator(".flags")
        expect(flags).to_contain_text("Es wurde von 203.0.113.0/24 aus benutzt")
        expect(flags.get_by_role("button", name="Abschalten")).to_be_visible()
        listed = browse("Ann").goto(path).get_by_role("row").filter(has_text="unlike itself")
        expect(listed.locator(f"a[href='{path}/{id_}']")).to_be_visible()
        at.accessible()
        at.shot(f"flags-{path.strip('/')}")
        flags.get_by_role("link").click()
        expect(page.locator("#delete button")).to_be_visible()
        flags.get_by_role("button").last.click()
        expect(flags).to_have_count(0)
