"""Webhooks at a browser, from the first to the last day of one."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from counterfoil.runtime.outward import Failure
from counterfoil.web import language
from counterfoil.web.pages.webhooks import FAILURES
from support.browse import At

_UNHEARD = "No server has this name."


def test_why_nobody_heard_is_said_in_a_sentence() -> None:
    """Every reason for which a server is not told has its sentence, in English and in German."""
    assert FAILURES.keys() == set(Failure)
    german = language.translations("de").gettext
    assert all(german(said) != said for said in FAILURES.values())


def test_the_life_of_a_webhook(browse: Callable[..., At]) -> None:
    """An admin makes one, sees its secret once, changes it, switches it off and deletes it."""
    at = browse("Ann")
    page = at.page
    at.goto("/")
    page.get_by_role("link", name="Webhooks").click()
    page.get_by_role("link", name="Create webhook").first.click()
    page.locator("#name").fill("chat")
    page.locator("#url").fill("http://hooks.example.com/")
    page.get_by_label("token.leaked").check()
    page.get_by_role("button", name="Create webhook").click()
    expect(page.locator("#url")).to_have_attribute("aria-invalid", "true")
    page.locator("#url").fill("https://hooks.example.invalid/counterfoil")
    at.accessible()
    at.shot("webhook-new")
    page.get_by_role("button", name="Create webhook").click()
    secret = page.locator("#secret").inner_text()
    assert secret.startswith("whsec_")
    at.shot("webhook-secret")
    page.get_by_role("link", name="I have stored it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("chat")
    assert secret not in page.content()
    row = page.get_by_role("row", name="webhook.ping")
    for _ in range(40):  # it is told within seconds
        if _UNHEARD in row.inner_text():
            break
        page.wait_for_timeout(500)
        page.reload()
    expect(row).to_contain_text(_UNHEARD)
    at.accessible()
    at.fits()
    at.shot("webhook")
    page.get_by_role("button", name="Send again").first.click()
    expect(page.get_by_role("status")).to_contain_text("on its way again")
    page.locator("#name").fill("our chat")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("our chat")
    page.get_by_role("button", name="Switch off").click()
    expect(page.get_by_role("status")).to_contain_text("switched off")
    expect(page.get_by_role("button", name="Send again")).to_have_count(0)
    page.get_by_role("button", name="Switch on").click()
    expect(page.get_by_role("status")).to_contain_text("in your name")
    at.goto("/webhooks")
    at.fits()
    at.shot("webhooks")
    page.get_by_role("link", name="our chat").click()
    page.get_by_text("Delete…").click()
    page.get_by_role("button", name="Delete our chat for good").click()
    expect(page.get_by_role("status")).to_contain_text("The webhook is deleted")
    expect(page.get_by_role("link", name="our chat")).to_have_count(0)
