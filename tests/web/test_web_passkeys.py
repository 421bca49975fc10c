"""Passkeys, in a real Chromium with a virtual authenticator."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

from playwright.sync_api import Request, expect

from infra.server import Server
from support.browse import NARROW, At
from support.passkeys import add_passkey, at_localhost, give_authenticator, invited
from support.sample import Sample

STATUS: Final = "status"
ALERT: Final = "alert"


def test_a_passkey_is_added_and_signs_in(
    browse: Callable[..., At], house: Server, seeded: Sample
) -> None:
    """Who adds a passkey signs in with it, typing nothing, and is led on to where they went."""
    at = at_localhost(browse, house, seeded, "Ben")
    give_authenticator(at)
    at.goto("/settings/security/passkeys/new")
    at.accessible()
    at.shot("passkeys-new")
    add_passkey(at, "Ben's telephone")
    expect(at.page.get_by_role(STATUS)).to_have_text(
        "The passkey is added: you can sign in with it."
    )
    at.accessible()
    at.shot("security-passkey")
    at.page.get_by_role("button", name="You: Ben").click()
    at.page.get_by_role("button", name="Sign out everywhere").click()
    at.goto("/tokens?state=active")
    expect(at.page.get_by_role("heading", level=1)).to_have_text("Sign in")
    at.accessible()
    at.shot("signin-passkey")
    at.page.get_by_role("button", name="Sign in with a passkey").click()
    expect(at.page.get_by_role("heading", level=1)).to_have_text("Personal Access Tokens")
    assert at.page.url.endswith("/tokens?state=active")


def test_an_address_without_a_name_leads_to_one(browse: Callable[..., At], house: Server) -> None:
    """Where no passkey can be made there is no form, but the way to where one can."""
    at = browse("Rita", viewport=NARROW, locale="de-DE")
    for path in ("/settings/security/passkeys/new", "/settings/security"):
        at.goto(path)
        expect(at.page.get_by_role("textbox", name="Name")).to_have_count(0)
        at.accessible()
        at.fits()
        at.shot(f"passkeys-by-number-{path.rpartition('/')[2]}")
        there = f"http://localhost:{house.port}"
        way = at.page.get_by_role("link", name=there)
        expect(way).to_have_attribute("href", f"{there}/settings/security/passkeys/new")
    at.page.get_by_role("link", name="http://localhost").click()
    expect(at.page.get_by_role("heading", level=1)).to_have_text("Anmelden")


def test_a_passkey_proves_again_who_one_is(
    browse: Callable[..., At], house: Server, seeded: Sample
) -> None:
    """A passkey is a fresh proof, in a session of its own; another person's is none (S44)."""
    at = at_localhost(browse, house, seeded, "Ben")
    give_authenticator(at)
    add_passkey(at, "")
    expect(at.page.get_by_role(STATUS)).to_be_visible()
    at.goto("/again?next=/settings")
    at.accessible()
    at.shot("again-passkey")
    before = {one["value"] for one in at.page.context.cookies() if one["name"] == "counterfoil"}
    at.page.get_by_role("button", name="Confirm with a passkey").click()
    expect(at.page.get_by_role("heading", level=1)).to_have_text("Settings")
    after = {one["value"] for one in at.page.context.cookies() if one["name"] == "counterfoil"}
    assert before.isdisjoint(after)
    ann = at_localhost(browse, house, seeded, "Ann").page.context.cookies()
    at.page.context.add_cookies(
        [{"name": one["name"], "value": one["value"], "url": at.url} for one in ann]
    )
    at.goto("/again?next=/settings")
    at.page.get_by_role("button", name="Confirm with a passkey").click()
    expect(at.page.get_by_role(ALERT).first).to_contain_text("it is somebody else's")
    at.shot("again-somebody-else")


def test_an_answer_is_good_once_and_in_its_browser(
    browse: Callable[..., At], house: Server, seeded: Sample
) -> None:
    """What a passkey signed opens nothing in another browser, and nothing a second time."""
    at = at_localhost(browse, house, seeded, "Ben")
    give_authenticator(at)
    add_passkey(at, "once")
    expect(at.page.get_by_role(STATUS)).to_be_visible()
    sent: list[str] = []

    def keep(one: Request) -> None:
        if one.url.endswith("/signin/passkey"):
            sent.append(one.post_data or "")

    at.page.on("request", keep)
    at.page.route("**/signin/passkey", lambda route: route.abort())
    at.goto("/signin")
    with at.page.expect_request("**/signin/passkey"):
        at.page.get_by_role("button", name="Sign in with a passkey").click()
    other = at_localhost(browse, house, seeded)
    give_authenticator(other)
    other.goto("/signin")
    other.page.get_by_role("button", name="Sign in with a passkey").click()
    expect(other.page.get_by_role(ALERT)).to_contain_text("No passkey was used")
    other.accessible()
    other.shot("signin-passkey-none")
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html"}

    def send(where: At) -> tuple[int, str]:
        answer = where.page.request.post(
            f"{at.url}/signin/passkey", data=sent[0], headers=headers, max_redirects=0
        )
        return answer.status, answer.text()

    refused = send(other)
    assert refused[0] == 401
    assert "this browser was not asked that" in refused[1]
    assert send(at)[0] == 303
    assert send(at)[0] == 401


def test_passkeys_are_named_and_removed(
    browse: Callable[..., At], house: Server, seeded: Sample
) -> None:
    """A passkey is renamed and removed without script; removed, it signs nobody in."""
    at = at_localhost(browse, house, seeded, "Ben")
    give_authenticator(at)
    add_passkey(at, "a name of sixty characters that goes on and on and on and o")
    row = at.page.locator("#ways li").filter(has_text="a name of sixty")
    expect(row).to_have_count(1)
    at.page.set_viewport_size({"width": NARROW["width"], "height": NARROW["height"]})
    at.fits()
    row.get_by_text("Rename…").click()
    at.fits()
    row.get_by_label("Name of the passkey").fill("laptop")
    row.get_by_role("button", name="Rename", exact=True).click()
    row = at.page.locator("#ways li").filter(has_text="laptop")
    row.get_by_text("Remove…").click()
    expect(row).to_contain_text("every other session of yours is over at once")
    at.accessible()
    at.shot("security-passkey-narrow")
    row.get_by_role("button", name="Remove the passkey").click()
    expect(at.page.get_by_role(STATUS)).to_contain_text("The passkey is removed")
    expect(row).to_have_count(0)
    at.goto("/signin")
    at.page.get_by_role("button", name="Sign in with a passkey").click()
    expect(at.page.get_by_role(ALERT)).to_contain_text(re.compile("nobody who may come in here"))


def test_an_invitation_is_taken_up_by_a_passkey(
    browse: Callable[..., At], house: Server, seeded: Sample, own: Path
) -> None:
    """Who was invited creates a passkey in place of a password, and stands in the house at once."""
    code = invited(own, "Cara")
    at = at_localhost(browse, house, seeded)
    give_authenticator(at)
    at.goto("/setup")
    at.accessible()
    at.shot("setup-passkey")
    create = at.page.get_by_role("button", name="Create a passkey")
    create.click()
    expect(at.page.get_by_label("The code that you were given")).to_be_focused()
    at.page.get_by_label("The code that you were given").fill("cfi_nobodys")
    create.click()
    expect(at.page.get_by_role(ALERT)).to_contain_text("The code is unknown, used or late")
    at.page.get_by_label("The code that you were given").fill(code)
    create.click()
    expect(at.page.get_by_role("heading", level=1)).to_contain_text("Cara")
    expect(at.page.get_by_role(STATUS)).to_have_text("Your passkey is set, and you are signed in.")
    at.goto("/settings/security")
    at.page.get_by_text("Remove…").click()
    at.page.get_by_role("button", name="Remove the passkey").click()
    expect(at.page.get_by_role(ALERT)).to_contain_text("This is your last way in")
    expect(at.page.get_by_role("heading", level=1)).to_have_text("Security")
    expect(at.page.get_by_text("Change your password")).to_have_count(0)
    at.accessible()
    at.shot("security-last-way")


def test_without_script_the_password_remains(browse: Callable[..., At], house: Server) -> None:
    """Where script is off no button stands there that does nothing, and the password lets in."""
    plain = browse(java_script_enabled=False, viewport=NARROW)
    here = f"http://localhost:{house.port}"
    for path in ("/signin", "/setup"):
        plain.page.goto(f"{here}{path}")
        expect(plain.page.get_by_role("button", name=re.compile("passkey"))).to_have_count(0)
        expect(plain.page.get_by_label("Password")).to_be_visible()
        plain.fits()
