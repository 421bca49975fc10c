"""The forms about the organization's own tokens, pairs and webhooks, sent without script."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

from playwright.sync_api import expect

from support.browse import At
from support.forms import Stage, press, told
from support.web import give_secret

MANAGER = "/content-api-manager"


def _new(name: str) -> str:
    return f"{name}-{uuid4().hex[:6]}"


def _stored(at: At) -> str:
    """Take the secret that the page shows, and go on."""
    secret = at.page.locator("#secret").inner_text()
    at.page.get_by_role("link", name="I have stored it").click()
    return secret


def api_token(on: Stage) -> None:
    """An API token is made, switched on, edited under its lock, given another secret, deleted."""
    at, name = on.at("Ann"), _new("website")
    at.goto(f"{MANAGER}/new")
    at.page.locator("#name").fill(name)
    at.page.locator("#user").select_option(label="Rita")
    press(at, "Save")
    before = _stored(at)
    at.goto(MANAGER)
    at.page.get_by_role("switch", name=f"Enabled: {name}").click()
    at.page.get_by_role("main").get_by_role("rowheader").get_by_role("link", name=name).click()
    press(at, "Edit")
    at.page.locator("#name").fill(f"{name}-2")
    press(at, "Save")
    expect(at.page.get_by_role("heading", level=1)).to_have_text(f"{name}-2")
    at.page.get_by_text("Regenerate the secret…").click()
    press(at, "Regenerate")
    assert _stored(at) != before
    at.page.get_by_text("Delete…").click()
    press(at, f"Delete {name}-2")
    told(at, "is deleted")


def pair(on: Stage) -> None:
    """A key and secret pair is made, renamed, switched off, and deleted."""
    at, name = on.at("Ann"), _new("export")
    at.goto("/key-pairs/new")
    at.page.get_by_role("textbox", name="Name").fill(name)
    at.page.get_by_label("Role").select_option(label="reader")
    press(at, "Create pair")
    _stored(at)
    at.goto("/key-pairs")
    at.page.get_by_role("link", name=name).click()
    at.page.get_by_role("textbox", name="Name").fill(f"{name}-2")
    press(at, "Rename")
    expect(at.page.get_by_role("heading", level=1)).to_have_text(f"{name}-2")
    press(at, "Switch off")
    told(at, "It is switched off")
    at.page.get_by_text("Delete…").click()
    press(at, f"Delete {name}-2 for good")
    told(at, "deleted")


def webhook(on: Stage) -> None:
    """A webhook is made, told again, changed, given another secret, switched off, and deleted."""
    at, name = on.at("Ann"), _new("chat")
    at.goto("/webhooks/new")
    at.page.get_by_role("textbox", name="Name").fill(name)
    at.page.get_by_role("textbox", name="Address").fill("https://hooks.example.invalid/")
    at.page.locator("[name=events]").first.check()
    press(at, "Create webhook")
    before = _stored(at)
    press(at, "Send again")
    told(at, "again")
    at.page.get_by_role("textbox", name="Name").fill(f"{name}-2")
    press(at, "Save")
    expect(at.page.get_by_role("heading", level=1)).to_have_text(f"{name}-2")
    press(at, "Another secret")
    assert _stored(at) != before
    press(at, "Switch off")
    told(at, "It is switched off")
    at.page.get_by_text("Delete…").click()
    press(at, f"Delete {name}-2 for good")
    told(at, "deleted")


def leaked(on: Stage) -> None:
    """Somebody pastes a text with a token in it, and notes what happened."""
    _, secret = give_secret(on.own, "Ann", _new("leaked"))
    at = on.at("Ann")
    at.goto("/leak-response")
    at.page.locator("#text").fill(f"It stood in a log: {secret}")
    press(at, "Whose is it?")
    at.page.get_by_label("What happened").fill("Seen in a log of the build server.")
    press(at, "Only note it")
    expect(at.page.get_by_role("main")).to_contain_text("Seen in a log of the build server.")


def queried(on: Stage) -> None:
    """A query is run, and its answer shown."""
    at = on.at("Ben")
    at.goto("/graphql-console")
    at.page.get_by_label("Query").fill("{ __typename }")
    press(at, "Run the query")
    expect(at.page.locator("#said")).to_contain_text("__typename")


def filled_in(on: Stage) -> None:
    """Somebody says where their API is, and what they paste says so too."""
    at = on.at("Ann")
    at.goto(f"/apis/{on.tokens['registered']}")
    at.page.get_by_label("Your API listens at").fill("[2001:db8::7]:9000")
    press(at, "Fill it in")
    at.page.get_by_text("nginx", exact=True).click()
    expect(at.page.locator("#nginx-1")).to_contain_text("proxy_pass http://[2001:db8::7]:9000;")


STORIES: dict[Callable[[Stage], None], set[str]] = {
    api_token: {
        "/content-api-manager/new",
        "/content-api-manager/{id}/delete",
        "/content-api-manager/{id}/edit",
        "/content-api-manager/{id}/enabled",
        "/content-api-manager/{id}/lock",
        "/content-api-manager/{id}/regenerate",
    },
    pair: {
        "/key-pairs/new",
        "/key-pairs/{id}",
        "/key-pairs/{id}/delete",
        "/key-pairs/{id}/disable",
    },
    webhook: {
        "/webhooks/new",
        "/webhooks/{id}",
        "/webhooks/{id}/delete",
        "/webhooks/{id}/disable",
        "/webhooks/{id}/messages/{message}/resend",
        "/webhooks/{id}/rotate",
    },
    leaked: {"/leak-response", "/leak-response/act"},
    queried: {"/graphql-console"},
    filled_in: {"/apis/{id}"},
}
