"""Where one acts, at the top of every page: it changes when one switches, and then alone."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from counterfoil.demo.seed import Seeder
from counterfoil.directory.enroll import deactivate, enroll, reactivate
from counterfoil.directory.steps.admit import Newcomer
from counterfoil.kernel.ids import UserId
from counterfoil.runtime.settings import Settings
from infra.server import serving
from support.browse import At, password_of, signed_in
from support.directory import Company
from support.sample import Sample


@pytest.fixture
def bolt(seeded: Sample, tmp_path: Path) -> Iterator[Company]:
    """An organization beside the sample's, of a later date and with an id that comes first."""
    data = tmp_path / "data"
    shutil.copytree(seeded.directory, data)
    first = int(json.loads((data / "sample.json").read_text())["organization"]["id"])
    with closing(Seeder(Settings(data_dir=data))) as seeder:
        made = (Company(seeder.office, f"Bolt{number}") for number in range(64))
        yield next(one for one in made if one.id < first)


def test_one_stays_where_one_is(
    bolt: Company, seeded: Sample, browser: Browser, tmp_path: Path
) -> None:
    """Neither a further organization nor one that comes back takes anybody along (S25)."""
    email, _ = password_of(seeded, "Ann")
    told = json.loads((tmp_path / "data" / "sample.json").read_text())
    ann, first = int(told["users"]["Ann"]), seeded.told["organization"]["name"]
    with serving(tmp_path / "data") as server, browser.new_context(base_url=server.url) as context:
        context.add_cookies([signed_in(server, seeded, "Ann")])
        at = At(context.new_page(), server.url)
        at.goto("/")
        here = at.page.locator(".here").first
        with bolt.operating() as work:
            enroll(work, Newcomer("Ann", email), [bolt.roles["admin"].id])
        at.goto("/")
        expect(here).to_have_text(first)
        here.click()
        at.page.get_by_role("button", name="Bolt").click()
        expect(here).to_contain_text("Bolt")
        with bolt.operating() as work:
            deactivate(work, UserId(ann))
        for _ in range(200):  # until the gate of the server has heard of it
            at.goto("/")
            if here.all_inner_texts() == [first]:
                break
        with bolt.operating() as work:
            reactivate(work, UserId(ann))
        at.goto("/")
        expect(here).to_have_text(first)
        kept = {one["name"]: one["value"] for one in context.cookies()}
        assert kept["counterfoil-organization"].startswith(f"{told['organization']['id']}.")
