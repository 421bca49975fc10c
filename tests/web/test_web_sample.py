"""Sample content at a browser: on, looked at, changed in one place, and off."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from infra.server import Server
from support.apart import apart
from support.browse import NARROW, At
from support.forms import press, told
from support.sample import Sample, Talker

own, tokens, house = apart()  # elsewhere others look at the tree


def test_on_and_off_without_script(
    browse: Callable[..., At], house: Server, seeded: Sample
) -> None:
    """It is laid out and taken away by two buttons, and what was changed stays and is named."""
    at = browse("Ann", java_script_enabled=False)
    at.goto("/content")
    at.page.get_by_role("link", name="Sample content").click()
    expect(at.page.locator("h1")).to_have_text("Sample content")
    expect(at.page.get_by_text("Not laid out")).to_be_visible()
    press(at, "Lay it out")
    told(at, "The sample content is laid out.")
    listed = at.page.get_by_role("region", name="What stands in it")
    expect(listed.get_by_role("link")).to_have_text(["authors", "blog", "legal"])
    listed.get_by_role("link", name="blog").click()
    expect(listed.get_by_role("listitem")).to_have_count(6)
    at.shot("content-sample-laid-out")
    listed.get_by_role("link", name="a-ferry-turns-ninety").click()
    changed = at.page.locator("#node-id").inner_text()
    say = Talker(house.port).bearing(seeded.token("manager"))
    body = {"data": {"type": "item", "id": changed, "attributes": {"text": "Ours."}}}
    assert say("PATCH", f"/cma/items/{changed}", body).status == 200
    at.goto("/content/sample")
    expect(at.page.get_by_text("/sample/blog/a-ferry-turns-ninety")).to_be_visible()
    expect(at.page.get_by_role("main")).to_contain_text("13 folders and entries go")
    at.shot("content-sample-on")
    press(at, "Take it away")
    told(at, "but for what was changed since")
    expect(at.page.get_by_text("Not laid out")).to_be_visible()
    at.page.get_by_role("link", name="/sample/blog/a-ferry-turns-ninety").click()
    expect(at.page.locator(".explorer-item")).to_contain_text("Ours.")
    expect(listed.get_by_role("listitem")).to_have_count(1)
    assert say("GET", "/cma/nodes?filter[path]=/site/press").body["data"]


def test_off_in_a_browser(browse: Callable[..., At]) -> None:
    """Both states are told apart in light and dark, in German too, and fit a telephone."""
    at = browse("Ann", locale="de-DE", viewport=NARROW)
    at.goto("/content/sample")
    expect(at.page.locator("h1")).to_have_text("Beispielinhalte")
    at.page.locator("main form .primary").click()
    expect(at.page.get_by_role("status").first).to_be_visible()
    at.goto("/content/sample")
    at.accessible()
    at.fits()
    at.shot("content-sample-on-narrow")
    twice = browse("Ann", java_script_enabled=False)
    twice.goto("/content/sample")
    at.page.locator("main form .primary").click()
    expect(at.page.get_by_role("status").first).to_be_visible()
    at.accessible()
    at.fits()
    at.shot("content-sample-off-narrow")
    press(twice, "Take it away")  # which somebody else did meanwhile
    told(twice, "Nothing of it was left")


@pytest.mark.parametrize("name", ["Ben", "Rita"])
def test_only_admins_are_led_there(browse: Callable[..., At], name: str) -> None:
    """Who may not lay it out is shown no way to it, and refused at its address."""
    at = browse(name)
    at.goto("/content")
    expect(at.page.get_by_role("link", name="Sample content")).to_have_count(0)
    seen = at.page.goto(f"{at.url}/content/sample")
    assert seen is not None
    assert seen.status == 403
