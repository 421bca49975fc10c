"""Coming in by the link that the operator hands over."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from playwright.sync_api import expect

from counterfoil.demo.seed import Seeder
from counterfoil.kernel.ids import OrganizationId, UserId
from counterfoil.runtime.settings import Settings
from support.browse import At


def test_a_link_lets_one_person_in_once(browse: Callable[..., At], own: Path) -> None:
    """The link signs its person in at the press of a button, leaves no trace, and works once."""
    kept = json.loads((own / "sample.json").read_text())
    with closing(Seeder(Settings(data_dir=own))) as seeder:
        entry = seeder.entry(
            OrganizationId(int(kept["organization"]["id"])), UserId(int(kept["users"]["Ann"]))
        )
    at = browse()
    at.goto(f"/enter#{entry}")
    assert entry not in at.page.url
    at.accessible()
    at.shot("enter")
    at.page.get_by_role("button", name="Sign in").click()
    expect(at.page.get_by_role("button", name="You: Ann")).to_be_visible()
    assert entry not in at.page.url
    other = browse()
    other.goto(f"/enter#{entry}")
    other.page.get_by_role("button", name="Sign in").click()
    expect(other.page.get_by_role("alert")).to_contain_text("unknown, used or late")
    assert entry not in other.page.content() + other.page.url
