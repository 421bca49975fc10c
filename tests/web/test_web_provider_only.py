"""An organization that asks for a provider, at a browser: turned on, met, and gone through."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from counterfoil import directory
from counterfoil.app import by_hand
from counterfoil.app.by_hand import MACHINE, opened
from counterfoil.directory.enroll import enroll
from counterfoil.directory.steps.admit import Newcomer
from counterfoil.kernel.ids import OrganizationId, RoleId
from counterfoil.runtime.settings import Settings
from infra.openid_provider import serving_with_provider
from support.apart import apart
from support.browse import NARROW, At
from support.forms import agree_at_provider, only_from_here, press
from support.keyboard import by_keyboard
from support.sample import Sample

own, tokens, house = apart(serving_with_provider)

DEMAND = "Only who signed in at a provider enters"


@pytest.fixture(autouse=True)
def lifted(own: Path, seeded: Sample) -> Iterator[None]:
    """Leave the organization as it was: the operator takes back what it asks."""
    yield
    by_hand.lift_provider(Settings(data_dir=own), seeded.told["organization"]["name"])


def one_more_admin(data: Path, seeded: Sample) -> None:
    """Let the organization have an admin whom no provider knows."""
    with opened(Settings(data_dir=data)) as office:
        operator = directory.operator(OrganizationId(int(seeded.told["organization"]["id"])))
        with office.work(operator, MACHINE) as work:
            zoe = Newcomer("Zoe", "zoe@people.test")
            enroll(work, zoe, [RoleId(int(seeded.told["roles"]["admin"]))])


def test_it_is_turned_on_and_met(browse: Callable[..., At], own: Path, seeded: Sample) -> None:
    """Who came by a password is told at the field; who comes by the provider turns it on.

    Before that the page says how many members no provider knows yet, and how many of them are
    admins. Others then meet a page that leads them to the provider, with the page that they wanted
    behind it.
    """
    one_more_admin(own, seeded)
    ann = browse("Ann", java_script_enabled=False)
    ann.page.route("**/*", only_from_here)
    ann.goto("/policy")
    ann.page.get_by_label(DEMAND).check()
    press(ann, "See what it would do")
    expect(ann.page.get_by_role("alert")).to_contain_text("Sign in at your provider first")
    ann.goto("/settings/security")
    press(ann, "Link your account of Acme")
    agree_at_provider(ann)
    expect(ann.page.locator("#ways li").filter(has_text="Acme")).to_be_visible()
    ann.goto("/policy")
    ann.page.get_by_label(DEMAND).check()
    press(ann, "See what it would do")
    impact = ann.page.locator("#impact")
    expect(impact).to_contain_text("members are known by no account of a provider")
    expect(impact).to_contain_text("1 of them is an admin.")
    ann.shot("policy-provider-only")
    press(ann, "Save policy")
    expect(ann.page.get_by_role("status").first).to_contain_text("it holds at once")

    rita = browse("Rita")
    rita.goto("/tokens")
    expect(rita.page.get_by_role("heading", level=1)).to_have_text("Sign in at your provider")
    expect(rita.page.get_by_role("main").locator(".button.primary")).to_contain_text("Acme")
    rita.accessible()
    rita.shot("provider-only")
    by_keyboard(rita)
    for script in (True, False):
        narrow = browse("Ben", viewport=NARROW, java_script_enabled=script, locale="de-DE")
        narrow.goto("/tokens")
        expect(narrow.page.get_by_role("heading", level=1)).to_contain_text("Anbieter")
        narrow.fits()
        narrow.shot(f"provider-only-narrow{'-script' if script else ''}")

    again = browse("Ann", java_script_enabled=False)
    again.page.route("**/*", only_from_here)
    again.goto("/key-pairs")
    press(again, "Sign in with Acme")
    agree_at_provider(again)
    expect(again.page.get_by_role("heading", level=1)).to_have_text("Key and secret pairs")
