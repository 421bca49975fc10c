"""Who stands at a page, and that it holds at the very next one."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import expect

from counterfoil import directory
from counterfoil.app.build import build
from counterfoil.kernel.clock import system_clock
from counterfoil.kernel.ids import OrganizationId, UserId
from counterfoil.runtime.keyfile import key_in
from counterfoil.runtime.settings import Settings
from counterfoil.signin.login import sign_out
from counterfoil.web import kept
from infra.server import Server
from support.browse import At, password_of
from support.office import ORIGIN
from support.sample import Sample


def test_who_was_shown_out_is_out_at_the_next_page(
    browse: Callable[..., At], own: Path, house: Server
) -> None:
    """An ended session opens no page any more, not even one that was open (S20, S44)."""
    at = browse("Ben")
    at.goto("/tokens")
    kept = json.loads((own / "sample.json").read_text())
    here, ben = OrganizationId(int(kept["organization"]["id"])), UserId(int(kept["users"]["Ben"]))
    with (
        closing(build(Settings(data_dir=own), system_clock)) as app,
        app.office.work(directory.operator(here), ORIGIN) as work,
    ):
        sign_out(work, ben)
    at.goto("/tokens")
    assert at.page.url.startswith(f"{house.url}/signin?next=")


def test_proving_again(browse: Callable[..., At], seeded: Sample) -> None:
    """A wrong password is said beside the field; the right one leads on, in a new session (S44)."""
    at = browse("Ann")
    at.goto("/again?next=/settings")
    before = at.page.context.cookies()
    _, password = password_of(seeded, "Ann")
    at.page.get_by_label("Password").fill("a wrong one")
    at.page.get_by_role("button", name="Confirm and go on").click()
    expect(at.page.get_by_role("alert")).to_be_focused()
    at.accessible()
    at.shot("again-wrong")
    at.page.get_by_label("Password").fill(password)
    at.page.get_by_role("button", name="Confirm and go on").click()
    expect(at.page.get_by_role("heading", level=1)).to_have_text("Settings")
    after = at.page.context.cookies()
    old, new = ({one["name"]: one["value"] for one in seen} for seen in (before, after))
    kept = {name for name, value in old.items() if new.get(name) == value}
    assert kept <= {"counterfoil-organization"}  # where they act is no session


def test_who_was_signed_out_goes_on_with_their_form(
    browse: Callable[..., At], seeded: Sample
) -> None:
    """A form sent without a session asks who it is, keeps its fields, and then does its work."""
    at = browse("Ann")
    at.goto("/policy")
    at.page.get_by_label("Tokens for each person").fill("7")
    at.page.context.clear_cookies()
    at.page.get_by_role("button", name="See what it would do").click()
    email, password = password_of(seeded, "Ann")
    at.page.get_by_label("E-mail").fill(email)
    at.page.get_by_label("Password").fill(password)
    at.shot("again-signed-out")
    at.page.get_by_role("button", name="Confirm and go on").click()
    expect(at.page.get_by_role("heading", level=1)).to_have_text("What this policy would do")
    expect(at.page.get_by_role("row", name="Tokens for each person")).to_contain_text("7")


def test_a_form_that_waited_shows_where_it_goes_on(
    browse: Callable[..., At], own: Path, seeded: Sample
) -> None:
    """Who comes back from a provider finds one button, and what was typed goes on by it (S44)."""
    at = browse("Ann")
    ann = UserId(int(json.loads((own / "sample.json").read_text())["users"]["Ann"]))
    here = OrganizationId(int(seeded.told["organization"]["id"]))
    key = key_in(Settings(data_dir=own).cursor_key_file, os.urandom)
    form = kept.Kept("/language", [("language", "de")], datetime.now(UTC) + kept.LIFE)
    value = kept.seal(key, kept.named(ann, here), form)
    at.page.context.add_cookies([{"name": "counterfoil-kept", "value": value, "url": at.url}])
    at.goto(kept.PATH)
    button = at.page.get_by_role("button", name="Go on")
    expect(button).to_be_focused()
    at.accessible()
    at.fits()
    at.shot("again-form")
    button.click()
    expect(at.page.get_by_role("heading", level=1)).to_contain_text("Ann")
    expect(at.page.locator("html")).to_have_attribute("lang", "de")
