"""Coming in, going on, and going out, as a person does it."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from infra.server import Server
from support.browse import At, password_of
from support.sample import Sample


def test_signing_in_leads_back(browse: Callable[..., At], seeded: Sample) -> None:
    """Who is not signed in is led to the form, and from there to where they were going (S48)."""
    at = browse()
    at.goto("/tokens?state=active")
    email, password = password_of(seeded, "Ann")
    at.page.get_by_label("E-mail").fill(email)
    at.page.get_by_label("Password").fill(f"not {password}")
    at.page.get_by_role("button", name="Sign in").click()
    expect(at.page.get_by_role("alert")).to_be_focused()
    at.accessible()
    at.shot("signin-wrong")
    expect(at.page.get_by_label("E-mail")).to_have_value(email)
    at.page.get_by_label("Password").fill(password)
    at.page.get_by_role("button", name="Sign in").click()
    expect(at.page.get_by_role("heading", level=1)).to_have_text("Personal Access Tokens")
    assert at.page.url.endswith("/tokens?state=active")


def test_signing_out_ends_every_session(browse: Callable[..., At]) -> None:
    """Signing out in one browser signs out in all of them, at the very next page (S44)."""
    here, there = browse("Rita"), browse("Rita")
    there.goto("/")
    here.goto("/")
    here.page.get_by_role("button", name="You: Rita").click()
    here.page.get_by_role("button", name="Sign out everywhere").click()
    expect(here.page.get_by_role("heading", level=1)).to_have_text("You are signed out")
    here.accessible()
    here.shot("signed-out")
    there.goto("/tokens")
    assert "/signin?next=" in there.page.url


def test_another_language(browse: Callable[..., At]) -> None:
    """Pages speak the language that the browser prefers, and another one once it is chosen."""
    at = browse(locale="de-DE")
    at.goto("/signin")
    expect(at.page.get_by_role("heading", level=1)).to_have_text("Anmelden")
    at.page.get_by_role("button", name="English").click()
    expect(at.page.get_by_role("heading", level=1)).to_have_text("Sign in")
    assert at.page.locator("html").get_attribute("lang") == "en"


def test_nowhere(browse: Callable[..., At]) -> None:
    """An address that is none is a page with a way home, for who is signed in and who is not."""
    for at in (browse(), browse("Ann")):
        seen = at.page.goto(f"{at.url}/no/such/page")
        assert seen is not None
        assert seen.status == 404
        expect(at.page.get_by_role("heading", level=1)).to_have_text("There is nothing here")
        at.accessible()
    at.shot("nowhere")


def test_states_are_filtered_with_and_without_script(
    browse: Callable[..., At], house: Server
) -> None:
    """The list shows the tokens of one state, without a load where there is script."""
    at = browse("Ann")
    at.goto("/tokens")
    rows = at.page.locator("tbody tr")
    expect(rows.filter(has_text="Active").first).to_be_visible()
    at.page.get_by_label("State").select_option("disabled")
    expect(rows.filter(has_text="Active")).to_have_count(0)
    expect(rows.filter(has_text="old-preview")).to_have_count(1)
    assert at.page.url.startswith(f"{house.url}/tokens?")
    assert "state=disabled" in at.page.url
    plain = browse("Ann", java_script_enabled=False)
    plain.goto("/tokens")
    plain.page.get_by_label("State").select_option("disabled")
    plain.page.get_by_role("button", name="Show").click()
    expect(plain.page.locator("tbody tr").filter(has_text="Active")).to_have_count(0)
    expect(plain.page.locator("tbody tr").filter(has_text="old-preview")).to_have_count(1)
