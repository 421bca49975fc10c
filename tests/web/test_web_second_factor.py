"""An authenticator app as one sets it up in the page, and meets it when one signs in."""

from __future__ import annotations

from collections.abc import Callable

import pyotp
from playwright.sync_api import expect

from support.apart import apart
from support.browse import NARROW, At
from support.sample import Sample

own, tokens, house = apart()  # here Rita's password asks for a code, elsewhere it does not


def renewed(at: At) -> str:
    """Make new codes and send the form again, as a reload does: nothing is shown or made anew."""
    at.page.get_by_text("New codes…").click()
    at.page.get_by_role("button", name="Make new codes").click()
    code = at.page.locator(".recovery code").first.inner_text()
    at.page.reload()
    expect(at.page.get_by_role("alert").or_(at.page.get_by_role("status")).first).to_contain_text(
        "shown already, once"
    )
    expect(at.page.locator(".recovery")).to_have_count(0)
    return code


def test_an_app_is_set_up_and_asked_for(browse: Callable[..., At], seeded: Sample) -> None:
    """The key is a picture and letters, codes for recovery are shown once, and sign-in asks."""
    at = browse("Rita")
    at.goto("/settings/security")
    at.page.get_by_role("link", name="Set up an authenticator app").click()
    expect(at.page.get_by_role("img", name="QR code").locator("svg")).to_be_visible()
    at.accessible()
    at.shot("authenticator")
    key = at.page.locator(".fixed code").inner_text().replace(" ", "")
    at.page.get_by_label("Code that the app shows").fill("12345")
    at.page.get_by_role("button", name="Turn it on").click()
    expect(at.page.get_by_role("alert")).to_contain_text("type the six digits")
    assert at.page.locator(".fixed code").inner_text().replace(" ", "") == key
    at.page.get_by_label("Code that the app shows").fill(pyotp.TOTP(key).now())
    at.page.get_by_role("button", name="Turn it on").click()
    expect(at.page.locator(".recovery li")).to_have_count(10)
    at.accessible()
    at.shot("authenticator-codes")
    at.page.get_by_role("link", name="I have stored them").click()
    at.shot("security-authenticator")
    assert key not in at.page.content()
    code = renewed(at)
    people = browse("Ann")
    people.goto("/people")
    people.accessible()
    people.shot("people-authenticator")
    row = people.page.get_by_role("row").filter(has_text="Rita")
    expect(row).to_contain_text("authenticator app")
    expect(people.page.get_by_role("row").filter(has_text="Ben")).to_contain_text("no app")
    row.get_by_role("link", name="Rita", exact=True).click()
    expect(people.page.locator(".facts", has_text="Authenticator app")).to_contain_text("set up")
    rita = next(one for one in seeded.told["people"] if "rita" in one["email"])
    narrow = browse(None, viewport=NARROW)
    narrow.goto("/signin")
    narrow.page.get_by_text("I use an authenticator app").click()
    narrow.accessible()
    narrow.fits()
    narrow.shot("signin-authenticator-narrow")
    narrow.page.get_by_label("E-mail").fill(rita["email"])
    narrow.page.get_by_label("Password").fill(rita["password"])
    narrow.page.get_by_role("button", name="Sign in", exact=True).click()
    expect(narrow.page.get_by_role("alert")).to_contain_text("The e-mail or the password is wrong")
    expect(narrow.page.get_by_label("Code of the app")).to_be_visible()
    narrow.page.get_by_label("Password").fill(rita["password"])
    narrow.page.get_by_label("Code of the app").fill(code)
    narrow.page.get_by_role("button", name="Sign in", exact=True).click()
    expect(narrow.page.get_by_role("heading", level=1)).not_to_have_text("Sign in")
    narrow.goto("/settings/security")
    narrow.fits()
