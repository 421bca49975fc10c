"""A telephone, in German, with long names and tokens that were much used."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import expect

from counterfoil.access.scope import Scope, scopes
from counterfoil.directory.define_role import create_role, delete_role
from counterfoil.kernel.ids import RoleId
from support.browse import NARROW, At
from support.office import ORIGIN
from support.web import caller_of, give, only, seeder_of

UNBROKEN = "W" * 44 + "x" * 36


@pytest.fixture
def long_names(own: Path, tokens: dict[str, str]) -> Iterator[dict[str, str]]:
    """A token and a role whose names have no place to break."""
    kept = json.loads((own / "sample.json").read_text())
    token = give(own, "Rita", UNBROKEN)
    with closing(seeder_of(own)) as seeder:
        ann = caller_of(seeder.office, kept, "Ann")
        with seeder.office.work(ann, ORIGIN) as work:
            role = create_role(work, UNBROKEN[:64], scopes(Scope.CONTENT_READ))
        yield {"token": token, "role": str(role.id)}
        with seeder.office.work(ann, ORIGIN) as work:
            delete_role(work, RoleId(role.id), role.version)
    only(own, tokens.values())


def test_long_names_stay_on_the_page(
    browse: Callable[..., At], long_names: dict[str, str], tokens: dict[str, str]
) -> None:
    """No name is so long, and no token so busy, that a page is wider than a telephone."""
    at = browse("Ann", viewport=NARROW, locale="de-DE")
    token, worn = f"/tokens/{long_names['token']}", f"/tokens/{tokens['soon']}"
    ways = ("", "/usage", "/trail", "/restrictions", "/renew", "/disable", "/delete")
    pages = [
        *(f"{token}{way}" for way in ways),
        *(f"{worn}{way}" for way in ways),
        f"/member-roles/{long_names['role']}",
        f"/member-roles/{long_names['role']}/delete",
        f"/people/{tokens['ben']}",
        "/tokens?owner=all",
        "/member-roles",
        "/roles-and-permissions",
        "/people/new",
        "/approvals",
        "/policy",
        "/leak-response",
        "/content",
        f"/search?q={UNBROKEN[:20]}",
    ]
    cut = "[...document.querySelectorAll('dt')].filter((one) => one.scrollWidth > one.clientWidth)"
    for page in pages:
        at.goto(page)
        at.fits()
        assert at.page.evaluate(f"{cut}.map((one) => one.textContent)") == []


@pytest.mark.parametrize("scripts", [True, False])
def test_a_line_of_a_table_is_read_without_scrolling(
    browse: Callable[..., At], *, scripts: bool
) -> None:
    """On a telephone a token's whole line is in sight, and each part says what it is (A1)."""
    at = browse("Ann", viewport=NARROW, java_script_enabled=scripts)
    at.goto("/tokens")
    line = at.page.get_by_role("row").filter(has_text="dx-cli-laptop")
    for cell in line.get_by_role("cell").all():
        seen = cell.bounding_box()
        assert seen is not None
        assert 0 <= seen["x"] < seen["x"] + seen["width"] <= NARROW["width"]
        if cell.get_by_role("button").count() == 0:
            expect(cell).to_have_attribute("data-label", re.compile("."))
    expect(line.get_by_role("rowheader")).to_be_visible()
    if scripts:
        at.accessible()
        at.shot("tokens-lines-narrow")


@pytest.mark.parametrize("path", ["/tokens", "/people", "/content-api-manager", "/member-roles"])
def test_tables_become_lists(browse: Callable[..., At], path: str) -> None:
    """Every table of people's things stands in one column, so that nothing hides beside it."""
    at = browse("Ann", viewport=NARROW)
    at.goto(path)
    box = at.page.locator(".table-box").first
    assert box.evaluate("box => box.scrollWidth <= box.clientWidth")
