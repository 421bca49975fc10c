"""The list of tokens: found, told apart, taken along, and seen to when they end."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from playwright.sync_api import expect

from counterfoil.directory.edit_policy import edit_policy
from counterfoil.directory.show import show_policy
from counterfoil.kernel.page import LARGEST
from counterfoil.tokens.request import request_token
from counterfoil.tokens.wish import Wish
from counterfoil.web.views.token_csv import spelled
from infra.server import Server
from support.browse import At, to_its_end
from support.office import ORIGIN
from support.sample import Talker
from support.web import bury, caller_of, give, only, seeder_of

_ALL = f"/tokens?page[size]={LARGEST}"
"""What people have in the house is made by other tests too, and the newest stand first."""


def test_a_token_is_found(browse: Callable[..., At], tokens: dict[str, str]) -> None:
    """A token is found by a part of its name and by its last four characters (A1, A20)."""
    at = browse("Ann")
    at.goto(_ALL)
    page, rows, row = at.page, at.page.locator("tbody tr"), at.row(tokens["soon"])
    expect(row).to_have_count(1)
    hint = row.locator("td code").inner_text()
    at.accessible()
    at.shot("tokens-list")
    page.get_by_label("Name, or last 4 characters").press_sequentially("schema")
    expect(rows.filter(has_text="dx-cli-laptop")).to_have_count(0)
    expect(row).to_have_count(1)
    plain = browse("Ann", java_script_enabled=False)
    plain.goto(_ALL)
    plain.page.get_by_label("Name, or last 4 characters").fill(hint[-4:])
    plain.page.get_by_role("button", name="Show").click()
    expect(plain.page.locator("tbody tr").filter(has_text=hint)).to_have_count(1)
    plain.page.get_by_label("Name, or last 4 characters").fill("there is none like this")
    plain.page.get_by_role("button", name="Show").click()
    expect(plain.page.get_by_role("heading", name="No token is like this")).to_be_visible()
    plain.shot("tokens-none")


def test_what_ends_and_what_waits(
    browse: Callable[..., At], own: Path, tokens: dict[str, str]
) -> None:
    """A row says what is left of a life, if its end would be missed, and how long it waits (A1)."""
    only(own, tokens.values())
    at = browse("Ann")
    at.goto(_ALL)
    soon = at.row(tokens["soon"])
    expect(soon.locator("[data-label=Expires]")).to_contain_text("in use")
    left = soon.locator("meter").get_attribute("value")
    assert left is not None
    assert 90 <= int(left) <= 100
    expect(at.row(tokens["dx-cli-laptop"])).to_have_count(1)
    expect(at.row(tokens["dx-cli-laptop"]).get_by_text("in use")).to_have_count(0)
    expect(at.row(tokens["gone"])).to_have_count(1)
    expect(at.row(tokens["gone"]).locator("meter")).to_have_count(0)
    waiting = give(own, "Rita", "waits-in-a-row")
    rita = browse("Rita")
    rita.goto("/tokens")
    state = rita.row(waiting).locator("[data-label]")
    expect(state.first).to_contain_text("Awaiting approval")
    expect(state.first.locator("relative-time")).to_have_count(1)
    rita.accessible()
    only(own, tokens.values())


def test_a_menu_for_each(browse: Callable[..., At], tokens: dict[str, str]) -> None:
    """Each row has its actions, by keyboard and without script too, and only those that may be."""
    at = browse("Ann", java_script_enabled=False)
    at.goto(_ALL)
    row = at.row(tokens["dx-cli-laptop"])
    row.get_by_role("button", name="What to do with dx-cli-laptop").press("Enter")
    for name in ("Open", "Edit", "Renew…", "Duplicate", "Disable…", "Delete…"):
        expect(row.get_by_role("link", name=name, exact=True)).to_be_visible()
    at.shot("tokens-menu")
    gone = at.row(tokens["gone"])
    expect(gone).to_have_count(1)
    assert gone.get_by_text("Delete…").count() == 0


def test_everybodys_tokens(browse: Callable[..., At], own: Path, tokens: dict[str, str]) -> None:
    """An admin lists everybody's tokens with their owners; others have no such tab (A24)."""
    only(own, tokens.values())
    id_ = give(own, "Ben", "seen-by-admins")
    at = browse("Ann")
    at.goto("/tokens")
    at.page.get_by_role("link", name="Everybody's").click()
    expect(at.row(id_)).to_contain_text("Ben")
    at.accessible()
    at.shot("tokens-everybody")
    rita = browse("Rita")
    rita.goto("/tokens")
    expect(rita.page.get_by_role("link", name="Everybody's")).to_have_count(0)
    seen = rita.page.goto(f"{rita.url}/tokens?owner=all")
    assert seen is not None
    assert seen.status == 403


def test_the_list_as_a_file(browse: Callable[..., At], own: Path, tokens: dict[str, str]) -> None:
    """The export is CSV by RFC 4180, holds no secret, and no cell of it is a formula (A12)."""
    assert tokens
    give(own, "Rita", "=HYPERLINK(1)", description='a "quoted", cell')
    at = browse("Rita")
    at.goto("/tokens")
    with at.page.expect_download() as told:
        at.page.get_by_role("link", name="Export CSV").click()
    raw = Path(told.value.path()).read_bytes()
    assert raw.endswith(b"\r\n")
    rows = list(csv.DictReader(StringIO(raw.decode(), newline="")))
    (row,) = [one for one in rows if one["name"].endswith("HYPERLINK(1)")]
    assert row["name"] == "'=HYPERLINK(1)"
    assert row["description"] == 'a "quoted", cell'
    assert row["token"].startswith("cfp_…")
    assert len(row["token"]) == len("cfp_…1234")


def test_no_cell_is_a_formula() -> None:
    """What a spreadsheet would run is text in the export; what it would not, stays as it is."""
    cells = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "a=1", "", "plain"]
    (row,) = csv.reader(StringIO(spelled((), [cells]).decode().removeprefix("\r\n"), newline=""))
    assert row == ["'=1+1", "'+1", "'-1", "'@SUM(A1)", "'\t=1", "' =1", "a=1", "", "plain"]


def test_when_tokens_end(browse: Callable[..., At], tokens: dict[str, str]) -> None:
    """A month shows what ends in it, red where it was used in the last day (G12d)."""
    at = browse("Ann")
    at.goto(f"/tokens/{tokens['soon']}")
    ends = at.page.locator(".exact").inner_text()
    at.goto("/tokens")
    at.page.get_by_role("link", name="Calendar").click()
    page = at.page
    used = page.locator(f".end-on[href='/tokens/{tokens['soon']}']")
    for _ in range(2):
        if used.count():
            break
        page.get_by_role("link", name="The month after").click()
        page.wait_for_load_state()
    expect(used).to_have_attribute("data-tone", "bad")
    expect(at.row(tokens["soon"])).to_contain_text("in use")
    expect(at.row(tokens["soon"])).to_contain_text(ends)
    at.accessible()
    at.shot("tokens-calendar")
    page.set_viewport_size({"width": 360, "height": 740})
    at.fits()
    at.shot("tokens-calendar-narrow")


def test_many_tokens(browse: Callable[..., At], tokens: dict[str, str]) -> None:
    """A list that is longer than a page goes on from where it ended, and misses nothing."""
    assert tokens
    at = browse("Ann")
    at.goto("/tokens?owner=all&page[size]=3")
    seen, total = to_its_end(at)
    assert len(seen) == len(set(seen)) == total > 3


def test_what_is_long_over_is_hidden(
    browse: Callable[..., At], own: Path, tokens: dict[str, str]
) -> None:
    """What was over more than 90 days ago is hidden, counted, and shown on demand (G6)."""
    id_ = give(own, "Ann", "long-gone")
    bury(own, id_)
    at = browse("Ann")
    page = at.goto(_ALL)
    expect(at.row(tokens["gone"])).to_have_count(1)  # revoked, but only today
    expect(at.row(id_)).to_have_count(0)
    expect(page.get_by_text("One token that was over 90 days ago is hidden.")).to_be_visible()
    at.shot("tokens-hidden")
    page.get_by_role("link", name="Show them too").click()
    expect(at.row(id_)).to_contain_text("Expired")
    page.get_by_label("State").select_option("expired")
    expect(at.row(id_)).to_have_count(1)


def test_a_use_shows_by_itself(
    browse: Callable[..., At], house: Server, own: Path, tokens: dict[str, str]
) -> None:
    """A row says that its token was used, and by what, without a load (G12g)."""
    only(own, tokens.values())
    at = browse("Ann")
    page = at.goto("/tokens/new?name=harbour-probe&scopes=content:read")
    page.get_by_role("button", name="Create token").click()
    personal = page.locator("#secret").inner_text()
    page.get_by_role("link", name="I have stored it").click()
    page = at.goto(f"/tokens?owner=all&q={personal[-4:]}")
    cell = page.locator("tbody tr", has_text=personal[-4:]).locator("td.used")
    talk = Talker(house.port).bearing(personal, **{"User-Agent": "harbour-probe/1.0"})
    assert talk("GET", "/cma/token").status == 200
    expect(cell).to_contain_text("harbour-probe/1.0")
    page.get_by_label("Used").select_option("24h")
    expect(page.locator("tbody tr", has_text=personal[-4:])).to_have_count(1)
    expect(page.locator("tbody tr", has_text="never")).to_have_count(0)
    only(own, tokens.values())


@pytest.fixture
def crowd(own: Path, tokens: dict[str, str]) -> Iterator[datetime]:
    """So many tokens that a list has two pages of them, all in one month; when the last ends."""
    kept = json.loads((own / "sample.json").read_text())
    with closing(seeder_of(own)) as seeder:
        office, ann = seeder.office, caller_of(seeder.office, kept, "Ann")
        first = (office.clock() + timedelta(days=500)).replace(day=1, hour=12)
        ends = [first + timedelta(minutes=one) for one in range(LARGEST)]
        ends.append(first + timedelta(days=20))
        with office.work(ann, ORIGIN) as work:
            before = show_policy(work)
            edit_policy(work, before.version, {"quota": None})
        for number, end in enumerate(ends):
            with office.work(ann, ORIGIN) as work:
                request_token(work, Wish(f"one-of-many-{number}", inherit=True, expires_at=end))
        yield ends[-1]
        only(own, tokens.values())
        with office.work(ann, ORIGIN) as work:
            now = show_policy(work)
            edit_policy(work, now.version, {"quota": before.quota})


def test_no_day_of_the_calendar_is_empty_by_mistake(
    browse: Callable[..., At], crowd: datetime
) -> None:
    """A month shows all that ends in it, be that more than a page of the list (G12d)."""
    at = browse("Ann")
    at.goto(f"/tokens/calendar?month={crowd:%Y-%m}")
    last = at.page.locator("td").filter(has=at.page.get_by_text(str(crowd.day), exact=True))
    expect(last.get_by_role("link")).to_have_text(f"one-of-many-{LARGEST}")
    expect(at.page.locator("tbody tr th")).to_have_count(LARGEST + 1)
