"""Pages that stand at no address of their own, for they answer a form: as sound as the others."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import expect

from infra.server import Server
from support.browse import NARROW, WIDE, At
from support.forms import press, sent_by_a_device
from support.keyboard import by_keyboard
from support.web import only

Lead = Callable[[At, Server, dict[str, str]], None]

_NUMBERS = count()


@pytest.fixture(autouse=True)
def room(own: Path, tokens: dict[str, str]) -> None:
    """Leave people what they began with, so that there is room in their quotas."""
    only(own, tokens.values())


def a_device(at: At, house: Server, _tokens: dict[str, str]) -> None:
    """A device asks to be let in, and its letters are typed."""
    _, begun = sent_by_a_device(house, "/oauth/device_authorization")
    at.goto("/device")
    at.page.get_by_label("Code").fill(begun["user_code"])
    press(at, "Go on")
    expect(at.page.get_by_role("heading", level=1)).to_have_text("Let this device in?")


def a_webhook(at: At, _house: Server, _tokens: dict[str, str]) -> None:
    """A webhook is made, and its secret stands there."""
    at.goto("/webhooks/new")
    at.page.locator("#name").fill(f"answer {at.page.viewport_size}")
    at.page.locator("#url").fill("https://hooks.example.invalid/counterfoil")
    at.page.get_by_label("token.leaked").check()
    press(at, "Create webhook")
    expect(at.page.locator("#secret")).to_contain_text("whsec_")


def a_code(at: At, _house: Server, _tokens: dict[str, str]) -> None:
    """Somebody is invited, and their one-time code stands there."""
    at.goto("/people/new")
    at.page.get_by_label("Name", exact=True).fill("Noor Answered")
    at.page.get_by_label("E-mail address").fill(f"noor{next(_NUMBERS)}@example.com")
    press(at, "Invite")
    expect(at.page.get_by_role("heading", level=1)).to_contain_text("A one-time code for")


def a_token(at: At, _house: Server, _tokens: dict[str, str]) -> None:
    """A token is made, and its secret stands there."""
    at.goto("/tokens/new?name=answer&scopes=content:read")
    press(at, "Create token")
    expect(at.page.get_by_role("heading", level=1)).to_have_text("Token created")


ANSWERS: dict[str, Lead] = {
    "device-asks": a_device,
    "webhook-secret": a_webhook,
    "one-time-code": a_code,
    "token-secret": a_token,
}
"""How each is shot, and what leads to it."""


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_is_sound(
    name: str, browse: Callable[..., At], house: Server, tokens: dict[str, str]
) -> None:
    """Axe finds nothing in light or dark, and Tab leads through it (E-A11Y)."""
    at = browse("Ann", viewport=WIDE)
    ANSWERS[name](at, house, tokens)
    at.accessible()
    at.shot(name)
    by_keyboard(at)


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_fits_a_telephone(
    name: str, browse: Callable[..., At], house: Server, tokens: dict[str, str], *, script: bool
) -> None:
    """At 360 pixels nothing stands beyond the edge, with the script or without it."""
    at = browse("Ann", viewport=NARROW, java_script_enabled=script)
    ANSWERS[name](at, house, tokens)
    at.fits()
    at.shot(f"{name}-narrow{'-script' if script else ''}")


def test_whoever_lets_a_device_in_reads_as_whom_and_where(
    browse: Callable[..., At], house: Server, tokens: dict[str, str]
) -> None:
    """The person, each organization of theirs, their roles there and what those allow (S49)."""
    at = browse("Ben")
    a_device(at, house, tokens)
    reach = at.page.locator("#reach")
    expect(reach).to_contain_text("Ben")
    here = reach.locator("div").filter(has=at.page.locator("details"))
    expect(here).to_have_count(1)
    expect(here).to_contain_text("developer")
    here.locator("summary").click()
    expect(here).to_contain_text("content-types:write")
    expect(here).not_to_contain_text("tokens:approve")
