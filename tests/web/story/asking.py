"""Minutes 0 to 4: the demo's link, a look around, a token, and its secret at work."""

from __future__ import annotations

from playwright.sync_api import expect

from support.browse import At
from support.passkeys import add_passkey, give_authenticator
from web.story.desk import Desk


def come_in(desk: Desk) -> At:
    """Minutes 0 and 1: the link that the demo printed signs in as the admin; a passkey is made."""
    ann = desk.sit()
    give_authenticator(ann)
    ann.page.goto(desk.demo.entry)
    ann.shot("story-0-link")
    ann.page.get_by_role("button", name="Sign in").click()
    expect(ann.page.get_by_role("heading", level=1)).to_have_text("Good to see you, Ann")
    ann.shot("story-0-in")
    add_passkey(ann, "laptop")
    expect(ann.page.get_by_role("status").first).to_contain_text("The passkey is added")
    ann.shot("story-1-passkey")
    ann.page.get_by_role("link", name="Users", exact=True).click()
    for name, role in (("Ann", "admin"), ("Ben", "developer"), ("Rita", "reader")):
        expect(ann.page.get_by_role("row").filter(has_text=name)).to_contain_text(role)
    ann.shot("story-1-people")
    return ann


def choose(desk: Desk, ann: At) -> None:
    """Minutes 2 and 3: a template, a name, a tick; the sentence says each time what it can do.

    Whose role is smaller sees a smaller form, and where to read why.
    """
    page = ann.page
    page.get_by_role("link", name="Personal Access Tokens", exact=True).click()
    ann.shot("story-2-list")
    page.get_by_role("link", name="CI: export content type schemas").click()
    page.locator("#name").fill("story")
    page.get_by_label("content:publish").check()
    expect(page.locator("#can")).to_contain_text("publish")
    page.get_by_label("content:publish").uncheck()
    page.get_by_label("content:read").check()
    expect(page.locator("#can")).to_contain_text("story can read content")
    expect(page.locator("#can")).to_contain_text("It works as soon as it is created.")
    ann.shot("story-3-create")
    rita = desk.sign_in("Rita")
    rita.goto("/tokens/new")
    assert "content:publish" not in rita.page.content()
    rita.page.get_by_role("link", name="Missing a scope?").click()
    expect(rita.page.get_by_role("columnheader", name="reader")).to_contain_text("yours")
    rita.shot("story-3-missing")


def keep(desk: Desk, ann: At) -> tuple[str, str]:
    """Minute 4: the secret once, run in the page and in a terminal; return it and the command.

    The list, left open meanwhile, says that curl came with it.
    """
    page = ann.page
    page.get_by_role("button", name="Create token").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Token created")
    secret = page.locator("#secret").inner_text()
    page.get_by_role("button", name="Run it here").click()
    expect(page.locator("[data-answer]")).to_contain_text("200")
    expect(page.locator("[data-answer]")).to_contain_text("content:read")
    ann.shot("story-4-secret")
    curl = page.locator("#use-curl pre").first.inner_text()
    page.get_by_role("link", name="I have stored it").click()
    main = page.get_by_role("main")
    main.get_by_role("link", name="Personal Access Tokens").click()
    row = main.get_by_role("row").filter(has_text="story")
    expect(row).to_contain_text("Active")
    assert secret not in page.content()
    status, body = desk.curl(curl, secret)
    assert (status, '"content:read"' in body) == (200, True), body
    page.keyboard.press("Shift")
    expect(row).to_contain_text("curl", timeout=60_000)
    ann.shot("story-4-used")
    return secret, curl
