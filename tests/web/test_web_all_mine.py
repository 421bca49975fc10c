"""All of one's own tokens, in one action: a laptop is lost."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from infra.server import Server, serving
from support.browse import At, signed_in
from support.sample import Sample, Talker


@pytest.fixture(scope="module")
def there(seeded: Sample, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of this module's own, whose people lose what they have."""
    data = tmp_path_factory.mktemp("all-mine") / "data"
    shutil.copytree(seeded.directory, data)
    with serving(data) as server:
        yield server


@pytest.fixture
def ann(there: Server, browser: Browser, seeded: Sample) -> Iterator[At]:
    """Ann, at a browser without script."""
    context = browser.new_context(
        base_url=there.url, locale="en-GB", reduced_motion="reduce", java_script_enabled=False
    )
    context.add_cookies([signed_in(there, seeded, "Ann")])
    yield At(context.new_page(), there.url)
    context.close()


def _made(at: At, name: str) -> str:
    at.goto(f"/tokens/new?template=ci-schema-export&name={name}")
    at.page.get_by_role("button", name="Create token").click()
    return at.page.locator("#secret").inner_text()


def test_all_of_one_s_own_tokens_end_at_once(ann: At, there: Server, seeded: Sample) -> None:
    """One button ends every personal token of one's own, and nobody else's (G15)."""
    mine = [_made(ann, name) for name in ("laptop", "job")]
    ask = Talker(there.port)
    assert [ask.bearing(one)("GET", "/cma/token").status for one in mine] == [200, 200]
    ann.goto("/tokens")
    ann.page.get_by_role("link", name="Delete all of yours…").click()
    main = ann.page.get_by_role("main")
    expect(main).to_contain_text("nothing brings it back")
    for name in ("laptop", "job"):
        expect(main.get_by_role("row").filter(has_text=name)).to_be_visible()
    ann.shot("delete-all")
    ann.page.set_viewport_size({"width": 360, "height": 740})
    ann.fits()
    ann.shot("delete-all-narrow")
    main.get_by_role("button", name="Delete all tokens").click()
    expect(ann.page.get_by_role("status")).to_contain_text("Your tokens are revoked")
    assert [ask.bearing(one)("GET", "/cma/token").status for one in mine] == [401, 401]
    assert ask.bearing(seeded.token("weak"))("GET", "/cda/items").status == 200
    assert ask.bearing(seeded.token("manager"))("GET", "/cma/token").status == 200
    expect(main.get_by_role("link", name="Delete all of yours…")).to_have_count(0)
    ann.goto("/tokens/delete-all")
    expect(ann.page.get_by_role("heading", level=1)).to_have_text("Personal Access Tokens")
