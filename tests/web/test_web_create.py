"""Creating a personal token at a browser: the form, what it says, and what it makes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from counterfoil.access.role import DEVELOPER
from counterfoil.access.scope import MEANING, Scope
from counterfoil.web.views.scope_words import DEEDS, MEANINGS
from infra.server import Server
from support.browse import NARROW, At
from support.sample import Talker
from support.web import only

FORM = "#new-token"


@pytest.fixture(autouse=True)
def room(own: Path, tokens: dict[str, str]) -> Iterator[None]:
    """Leave people what they began with, so that there is room in their quotas."""
    yield
    only(own, tokens.values())


def secret_on(at: At) -> str:
    """Return the secret that the page shows."""
    return at.page.locator("#secret").inner_text()


def test_creating(browse: Callable[..., At], house: Server) -> None:
    """A template, a name and a click make an admin's token, which works at once (A2, A9, X9)."""
    at = browse("Ann")
    at.goto("/tokens")
    at.page.get_by_role("link", name="Create token").click()
    at.page.get_by_role("link", name="CI: export content type schemas").click()
    name = at.page.locator("#name")
    expect(name).to_have_value("ci-schema-export")
    expect(name).to_have_attribute("placeholder", "dx-cli-laptop")
    name.fill("nightly")
    can = at.page.locator("#can")
    expect(can).to_contain_text("nightly can read content types through Management")
    at.page.get_by_label("content:read").check()
    expect(can).to_contain_text("read content and read content types")
    at.accessible()
    at.fits()
    at.shot("create")
    at.page.get_by_role("button", name="Create token").click()
    expect(at.page.get_by_role("heading", level=1)).to_have_text("Token created")
    seen = Talker(house.port).bearing(secret_on(at))("GET", "/cma/token")
    assert seen.status == 200
    assert seen.body["data"]["attributes"]["scopes"] == ["content-types:read", "content:read"]


def test_only_what_one_may_give_is_in_the_markup(browse: Callable[..., At]) -> None:
    """A developer's form holds a developer's scopes and no word of others; a link explains (X6)."""
    at = browse("Ben")
    at.goto("/tokens/new?scopes=policy:manage,content:read")
    boxes = at.page.locator(f"{FORM} [name=scopes]")
    offered = boxes.evaluate_all("all => all.map(one => one.value)")
    assert set(offered) == {str(scope) for scope in Scope if scope.bit & DEVELOPER}
    assert "policy:manage" not in at.page.content()
    link = at.page.get_by_role("link", name="Missing a scope?")
    expect(link).to_have_attribute("href", "/roles-and-permissions")
    expect(at.page.locator("#can")).to_contain_text("Needs approval by an organization admin")


def test_the_server_keeps_to_the_same_list(browse: Callable[..., At]) -> None:
    """A scope that is smuggled into the form is refused and named, and nothing is made (X4, X6)."""
    at = browse("Rita")
    at.goto("/tokens/new")
    at.page.locator("#name").fill("smuggled")
    at.page.evaluate(
        "document.querySelector('[name=scopes]').value = 'policy:manage';"
        "document.querySelector('[name=scopes]').checked = true"
    )
    at.page.get_by_role("button", name="Create token").click()
    expect(at.page.get_by_role("alert")).to_contain_text("Your role does not allow policy:manage")
    expect(at.page.locator("#name")).to_have_value("smuggled")
    at.accessible()
    at.shot("create-refused")
    at.goto("/tokens")
    expect(at.page.get_by_text("smuggled")).to_have_count(0)


def test_six_expirations_less_what_policy_forbids(browse: Callable[..., At]) -> None:
    """Where every token must end, five choices stand in the form; a date has its zone (X10)."""
    at = browse("Ben")
    at.goto("/tokens/new")
    words = at.page.locator("#expires_at .pill").all_inner_texts()
    assert words == ["7 days", "30 days", "60 days", "90 days", "Custom date"]
    expect(at.page.get_by_label("30 days", exact=True)).to_be_checked()
    expect(at.page.get_by_label("Last day")).to_be_hidden()
    at.page.get_by_label("Custom date").check()
    at.page.get_by_label("Last day").fill("2027-03-01")
    at.page.get_by_label("content:read").check()
    expect(at.page.locator("#can")).to_contain_text("until 1 Mar 2027, 23:59:59 UTC")
    at.page.get_by_label("Last day").fill("2001-01-01")
    expect(at.page.locator("#can")).to_contain_text("A token ends in the future.")


def test_a_link_fills_the_form_in(browse: Callable[..., At]) -> None:
    """Template, name, scopes, expiry and root of a link stand in the form, which makes nothing."""
    at = browse("Ann")
    at.goto("/tokens/new?template=ai-agent&name=bot&scopes=content:read,assets:read&expires=60d")
    expect(at.page.locator("#name")).to_have_value("bot")
    ticked = at.page.locator("[name=scopes]:checked")
    assert ticked.evaluate_all("all => all.map(one => one.value)") == [
        "content:read",
        "assets:read",
    ]
    expect(at.page.get_by_label("60 days", exact=True)).to_be_checked()
    expect(at.page.locator("#surface-delivery")).to_be_checked()
    expect(at.page.locator("#surface-preview")).not_to_be_checked()


def test_what_is_not_effective_is_said(browse: Callable[..., At]) -> None:
    """Scopes that open nothing are named, by the rule that would refuse them."""
    at = browse("Ann")
    at.goto("/tokens/new?name=x&scopes=content:read,content:write,tokens:approve")
    can = at.page.locator("#can")
    expect(can).to_contain_text("no token may do it, only a person who signed in: tokens:approve")
    at.page.locator("#surface-management").uncheck()
    expect(can).to_contain_text("no API is ticked where it counts: content:write")
    expect(can).to_contain_text("x can read content through Delivery and Preview")
    at.shot("create-idle")


def test_without_script(browse: Callable[..., At]) -> None:
    """The form says what it comes to and makes a token with no script at all."""
    at = browse("Ben", java_script_enabled=False, viewport=NARROW)
    at.goto("/tokens/new?template=website-build&name=plain")
    at.page.get_by_label("assets:read").check()
    at.page.get_by_role("button", name="Say what it can do now").click()
    expect(at.page.locator("#can")).to_contain_text("plain can read content and read assets")
    at.page.get_by_label("Only in and under chosen nodes").check()
    at.page.get_by_role("button", name="Open site").click()
    at.page.locator(".tree").get_by_label("press", exact=True).check()
    at.page.get_by_role("button", name="Say what it can do now").click()
    expect(at.page.locator("#can")).to_contain_text("in and under /site/press")
    at.fits()
    at.shot("create-narrow")
    at.page.get_by_label("Justification").fill("The site is built by night.")
    at.page.get_by_role("button", name="Create token").click()
    expect(at.page.get_by_role("heading", level=1)).to_have_text("Token requested")
    at.fits()
    at.shot("secret-narrow")
    assert re.fullmatch(r"cfp_\w{49}", secret_on(at))


def test_the_words_of_scopes_are_complete() -> None:
    """Each built-in scope has a deed, and a meaning in the catalogues that is its own."""
    assert set(DEEDS) == set(Scope)
    assert list(MEANINGS) == list(MEANING.values())


def test_a_full_quota_names_the_least_used(browse: Callable[..., At]) -> None:
    """With five of five the page says so, and leads to the token that is used least (A4)."""
    at = browse("Ann")
    for place in range(9):
        at.goto(f"/tokens/new?template=website-build&name=filling-{place}")
        if at.page.get_by_text("You have 5 of 5.").count():
            break
        at.page.get_by_role("button", name="Create token").click()
        at.page.get_by_role("link", name="I have stored it").click()
    expect(at.page.get_by_text("Used least of all:")).to_be_visible()
    expect(at.page.locator(FORM)).to_have_count(0)
    at.accessible()
    at.shot("create-full")


def test_a_copy_of_another(browse: Callable[..., At]) -> None:
    """One more token begins with the settings of another, and with a life as long."""
    at = browse("Ann")
    at.goto("/tokens/new")
    at.page.get_by_label("Or a copy of").select_option(label="dx-cli-laptop")
    at.page.get_by_role("button", name="Copy its settings").click()
    expect(at.page.locator("#name")).to_have_value("dx-cli-laptop")
    expect(at.page.get_by_label("30 days", exact=True)).to_be_checked()
    expect(at.page.locator("#can")).to_contain_text("in and under /site,")
    expect(at.page.locator("[name=scopes]:checked")).to_have_count(3)
