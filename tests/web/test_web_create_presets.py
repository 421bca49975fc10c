"""The form under the presets of organizations: what it offers is what the policy allows."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from counterfoil.access.caller import Caller, Method
from counterfoil.access.scope import Scope
from counterfoil.demo.seed import Seeder
from counterfoil.directory import operator
from counterfoil.directory.edit_policy import edit_policy
from counterfoil.directory.show import show_policy
from counterfoil.kernel.ids import OrganizationId, UserId
from counterfoil.runtime.settings import Settings
from infra.server import Server, serving
from support.browse import At, signed_in
from support.office import ORIGIN
from support.sample import Sample, Talker


@pytest.fixture(scope="module")
def data(seeded: Sample, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sample of this module's own, whose policy changes."""
    mine = tmp_path_factory.mktemp("presets") / "data"
    shutil.copytree(seeded.directory, mine)
    return mine


@pytest.fixture(scope="module")
def there(data: Path) -> Iterator[Server]:
    """The server of this module."""
    with serving(data) as server:
        yield server


def under(preset: str, data: Path) -> None:
    """Let the organization begin again from a preset."""
    kept = json.loads((data / "sample.json").read_text())
    here = OrganizationId(int(kept["organization"]["id"]))
    ann = UserId(int(kept["users"]["Ann"]))
    with closing(Seeder(Settings(data_dir=data))) as seeder:
        office = seeder.office
        grant, now = operator(here).grant, office.clock()
        caller = Caller(here, ann, Method.SESSION, grant, authenticated_at=now)
        with office.work(caller, ORIGIN) as work:
            version = show_policy(work).version
        with office.work(caller, ORIGIN) as work:
            edit_policy(work, version, {}, preset)


@pytest.fixture
def ann(there: Server, browser: Browser, seeded: Sample) -> Iterator[At]:
    """Ann, the admin, at the server of this module."""
    context = browser.new_context(base_url=there.url, locale="en-GB", reduced_motion="reduce")
    context.add_cookies([signed_in(there, seeded, "Ann")])
    yield At(context.new_page(), there.url)
    context.close()


def expirations(page: Page) -> list[str]:
    """Return the choices that the form offers."""
    return page.locator("#expires_at .pill").all_inner_texts()


SIX = ["7 days", "30 days", "60 days", "90 days", "Custom date", "No expiration"]


def test_a_name_suffices(ann: At, data: Path, there: Server) -> None:
    """Under amplience a name and the button make a token of all that one may do (A2, A22)."""
    under("amplience", data)
    ann.goto("/tokens/new")
    assert expirations(ann.page) == SIX
    ann.page.locator("#name").fill("only a name")
    ann.page.get_by_role("button", name="Create token").click()
    expect(ann.page.get_by_role("heading", level=1)).to_have_text("Token created")
    bearer = Talker(there.port).bearing(ann.page.locator("#secret").inner_text())
    facts = bearer("GET", "/cma/token").body["data"]["attributes"]
    assert facts["expires_at"] is None
    assert set(facts["scopes"]) >= {str(scope) for scope in Scope}


def test_all_six_expirations(ann: At, data: Path) -> None:
    """Under dx all six stand in the form, and from Settings it is Add and Create (X8, X10, X11)."""
    under("dx", data)
    ann.goto("/settings")
    ann.page.get_by_role("link", name="Add personal access token").click()
    expect(ann.page.get_by_role("heading", level=1)).to_have_text("Add personal access token")
    assert expirations(ann.page) == SIX
    ann.page.locator("#name").fill("no scope")
    ann.page.get_by_role("button", name="Create", exact=True).click()
    expect(ann.page.get_by_role("alert")).to_contain_text("Choose at least one scope.")
    ann.page.get_by_label("content:read").check()
    ann.page.get_by_label("No expiration").check()
    expect(ann.page.locator("#can")).to_contain_text("without an end")
    ann.page.get_by_role("button", name="Create", exact=True).click()
    expect(ann.page.get_by_role("heading", level=1)).to_have_text("Token created")


def test_all_organizations(ann: At, data: Path) -> None:
    """Under agility a token speaks in all one's organizations, and one may choose one (K3)."""
    under("agility", data)
    ann.goto("/tokens/new?name=everywhere")
    assert "No expiration" not in expirations(ann.page)
    expect(ann.page.get_by_label("All of yours, later ones too")).to_be_checked()
    expect(ann.page.locator("#can")).to_contain_text("in all your organizations")
    expect(ann.page.get_by_label("Only in and under chosen nodes")).to_be_hidden()
    ann.page.get_by_label("Only Harbour Press").check()
    expect(ann.page.locator("#can")).to_contain_text("anywhere you can")
    ann.shot("create-agility")


@pytest.mark.parametrize(
    ("preset", "called"),
    [("dx", "Web API token"), ("datocms", "Access token"), ("squiz", "Content API Token")],
)
def test_the_vendors_word(ann: At, data: Path, preset: str, called: str) -> None:
    """An API token is called what the vendor's users call it, and is an API token beside (K14)."""
    under(preset, data)
    ann.goto("/content-api-manager")
    expect(ann.page.get_by_role("main")).to_contain_text("API tokens let a website")
    ann.page.get_by_role("link", name=f"New {called}").first.click()
    expect(ann.page.get_by_role("heading", level=1)).to_have_text(f"New {called}")
