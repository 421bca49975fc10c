"""How API tokens and pairs were used, on the pages of both, as on that of a personal token."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from infra.server import Server
from support.browse import At
from support.web import give_pair, give_secret, wear_out

MAKES: dict[str, Callable[[Path], str]] = {
    "content-api-manager": lambda own: give_secret(own, "Ann", "much-used-shop")[0],
    "key-pairs": lambda own: give_pair(own, "much-used-loader"),
}


@pytest.mark.parametrize("kind", MAKES)
def test_how_it_was_used(kind: str, browse: Callable[..., At], own: Path, house: Server) -> None:
    """Bars with their numbers in a table, and by which API, client and network, of each (G12g)."""
    assert house.port
    id_ = MAKES[kind](own)
    at = browse("Ann")
    page = at.goto(f"/{kind}/{id_}")
    expect(page.get_by_role("heading", name="Not used in this time")).to_be_visible()
    at.accessible()
    wear_out(own, id_)
    at.goto(f"/{kind}/{id_}").get_by_role("link", name="7 days").click()
    expect(page).to_have_url(f"{at.url}/{kind}/{id_}?range=7d#usage")
    bars = page.get_by_role("img", name=re.compile("requests from"))
    expect(bars.locator(".chart-bar")).to_have_count(28)
    total = number(page.get_by_role("region", name="Totals").locator("tfoot td").first)
    assert (bars.get_attribute("aria-label") or "").startswith(f"{total:,} requests")
    assert counted(page, "APIs").keys() == {"Management", "Delivery", "Registered APIs"}
    assert "curl/8.5.0" in counted(page, "Clients")
    assert "203.0.113.0/24" in counted(page, "Networks")
    for table in ("APIs", "Clients", "Networks"):
        assert sum(counted(page, table).values()) == total > 0
    page.get_by_text("The bars as a table").click()
    at.accessible()
    at.shot(f"usage-{kind}")
    page.emulate_media(color_scheme="dark")
    at.shot(f"usage-{kind}-dark")
    page.set_viewport_size({"width": 360, "height": 740})
    at.fits()
    at.shot(f"usage-{kind}-narrow")


def counted(page: Page, table: str) -> dict[str, int]:
    """Return how many requests each row of a table has."""
    rows = page.get_by_role("region", name=table, exact=True).locator("tbody tr")
    return {
        row.get_by_role("rowheader").inner_text(): number(row.locator("td").first)
        for row in rows.all()
    }


def number(cell: Locator) -> int:
    """Return the number that stands there."""
    return int(cell.inner_text().replace(",", ""))
