"""Picking root nodes: by mouse, by keys, by search; what overlaps collapses."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from support.browse import NARROW, At


def picking(at: At) -> None:
    """Open the form at its tree."""
    at.goto("/tokens/new?template=website-build")
    at.page.get_by_label("Only in and under chosen nodes").check()


def test_picking_by_keys(browse: Callable[..., At]) -> None:
    """The tree is an ARIA tree: arrows open and move, letters find, space ticks (E-A11Y)."""
    at = browse("Ben")
    picking(at)
    page = at.page
    tree = page.get_by_role("tree", name="Nodes")
    tree.get_by_role("treeitem").first.focus()
    page.keyboard.press("ArrowDown")
    site = tree.get_by_role("treeitem", name="site")
    expect(site).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(site).to_have_attribute("aria-expanded", "true")
    expect(site).to_be_focused()
    page.keyboard.press("p")
    press = tree.get_by_role("treeitem", name="press", exact=True)
    expect(press).to_be_focused()
    page.keyboard.press("Space")
    expect(page.locator("#can")).to_contain_text("in and under /site/press")
    expect(press).to_have_attribute("aria-checked", "true")
    expect(site).to_have_attribute("aria-checked", "mixed")
    expect(press).to_be_focused()
    at.accessible()
    at.shot("picker")
    page.keyboard.press("ArrowLeft")
    expect(site).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(site).to_have_attribute("aria-expanded", "false")
    expect(page.get_by_text("Selected (1)")).to_be_visible()


def test_what_overlaps_collapses(browse: Callable[..., At]) -> None:
    """A node below another that is picked goes out; what is found is added, and taken away."""
    at = browse("Ben")
    picking(at)
    page = at.page
    page.get_by_label("Find a node").fill("press")
    page.get_by_role("button", name="Find", exact=True).click()
    page.get_by_role("button", name="Add /site/press", exact=True).click()
    expect(page.locator("#can")).to_contain_text("in and under /site/press")
    page.get_by_label("Find a node").fill("/site")
    page.get_by_role("button", name="Find", exact=True).click()
    page.get_by_role("button", name="Add /site", exact=True).click()
    expect(page.get_by_text("One was left out")).to_be_visible()
    expect(page.get_by_text("Selected (1)")).to_be_visible()
    expect(page.locator("#can")).to_contain_text("in and under /site,")
    at.accessible()
    at.shot("picker-found")
    page.get_by_role("button", name="Remove /site", exact=True).click()
    expect(page.locator("#can")).to_contain_text("Choose at least one root node")


def test_picking_on_a_telephone(browse: Callable[..., At]) -> None:
    """The tree fits 360 pixels, many levels deep."""
    at = browse("Ben", viewport=NARROW, locale="de-DE")
    picking_in_german = "Nur in und unter gewählten Knoten"
    at.goto("/tokens/new?template=website-build")
    at.page.get_by_label(picking_in_german).check()
    at.page.get_by_role("treeitem", name="site").locator("button").first.click()
    at.page.get_by_role("treeitem", name="authors").locator("button").first.click()
    expect(at.page.get_by_role("treeitem", name="authors")).to_have_attribute(
        "aria-expanded", "true"
    )
    at.fits()
    at.shot("picker-narrow")
