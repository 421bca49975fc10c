"""The audit log as people read it, filter it, follow it, and take it away."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from contextlib import closing
from functools import partial
from io import StringIO
from pathlib import Path

import pytest
from playwright.sync_api import expect

from counterfoil import directory
from counterfoil.access.caller import Caller, Method
from counterfoil.audit.receipts import verify_receipt
from counterfoil.audit.record import ACTS, ALLOWED, BESIDE, DAMAGED, LOOKS
from counterfoil.content.tree import create_folder
from counterfoil.demo.seed import Seeder
from counterfoil.kernel.ids import NodeId, OrganizationId, TokenId, UserId
from counterfoil.operation import OPERATIONS
from counterfoil.runtime.settings import Settings
from counterfoil.web.views.deeds import CHANGED, NOUNS, OTHER, sentence
from counterfoil.web.views.token_csv import harmless
from infra.server import Server
from infra.wait import wait_until
from support.browse import NARROW, At, seen_in_time
from support.office import ORIGIN
from support.raw_http import ask
from support.web import give, give_secret

AGENT = "agent-experience-pipeline"
FORMULA = "=HYPERLINK(agent)"


def _make(own: Path, slug: str, token_name: str = AGENT) -> None:
    """Let Ben make a folder below /site by a token, while the sample is served."""
    kept = json.loads((own / "sample.json").read_text())
    here = OrganizationId(int(kept["organization"]["id"]))
    ben = UserId(int(kept["users"]["Ben"]))
    grant = directory.operator(here).grant
    caller = Caller(
        here, ben, Method.PERSONAL, grant, token=TokenId(4031846205310216), token_name=token_name
    )
    with (
        closing(Seeder(Settings(data_dir=own))) as seeder,
        seeder.office.work(caller, ORIGIN) as work,
    ):
        create_folder(work, NodeId(int(kept["nodes"]["/site"])), slug)


def test_a_row_is_a_sentence_that_opens(browse: Callable[..., At], own: Path) -> None:
    """A row says who did what by which token on what, and opens to the whole and its proof (X2)."""
    _make(own, "spring")
    at = browse("Ann", java_script_enabled=False)
    at.goto("/audit")
    row = at.page.locator(".event").filter(has_text="/site/spring").first
    expect(row.locator(".event-said")).to_have_text(
        "Ben via agent-experience-pipeline created /site/spring"
    )
    row.locator("summary").first.click()
    expect(row.get_by_text("node.create_folder", exact=True)).to_be_visible()
    expect(row.get_by_text(ORIGIN.request_id, exact=True)).to_be_visible()
    row.get_by_text("As JSON").click()
    expect(row.locator("pre")).to_contain_text('"operation": "node.create_folder"')
    at.shot("audit-open")
    at.fits()
    with at.page.expect_download() as sent:
        row.get_by_role("link", name="Receipt").click()
    _, checkpoint = verify_receipt(sent.value.path().read_bytes())
    assert checkpoint.log.startswith("counterfoil.audit/")


def test_how_long_what_is_kept_is_said(browse: Callable[..., At]) -> None:
    """The page says that entries are kept for good and since when, and refusals for 30 days."""
    at = browse("Ann", viewport=NARROW, locale="de-DE")
    at.goto("/audit")
    said = at.page.locator(".section-head")
    expect(said).to_contain_text("keine Einstellung löscht welche: Der älteste ist von")
    expect(said).to_contain_text("30 Tage")
    at.fits()
    at.accessible()


def test_reads_stand_there_when_they_are_asked_for(browse: Callable[..., At]) -> None:
    """What was only looked at does not hide what was changed, and one choice away it is there."""
    at = browse("Ann")
    at.goto("/tokens")
    at.goto("/audit")
    assert at.page.get_by_text("listed a token").count() == 0
    at.page.get_by_label("Show", exact=True).select_option("all")
    at.page.get_by_role("button", name="Show").click()
    seen_in_time(at, at.page.locator(".event-said").filter(has_text="listed a token").first)
    at.shot("audit-all")
    at.goto("/audit")
    for looked in ("listed a token", "token.offer"):
        expect(at.page.locator(".event-said").filter(has_text=looked)).to_have_count(0)


def test_filters_narrow_and_are_taken_away(browse: Callable[..., At], own: Path) -> None:
    """An entry's own facts become filters with one click, each is named, and each goes again."""
    _make(own, "autumn")
    at = browse("Ann")
    at.goto("/audit?operation=node.create_folder&since=2020-01-01T00:00")
    said = at.page.locator(".event-said")
    assert said.count() >= 1
    assert all("created" in one for one in said.all_inner_texts())
    at.page.locator(".event summary").first.click()
    at.page.get_by_role("term").filter(has_text="Actor").locator("..").get_by_role(
        "link", name="Only this"
    ).click()
    assert "actor=" in at.page.url
    at.page.get_by_role("link", name="Take away: actor").click()
    assert at.page.url.endswith("/audit")
    at.goto("/audit?target=tok_4031846205310216")
    expect(at.page.get_by_role("heading", name="Nothing of the kind is on record")).to_be_visible()
    at.accessible()
    at.shot("audit-empty")


def test_a_network_narrows(browse: Callable[..., At], own: Path) -> None:
    """What came from a network is found by typing it, and by one click on an entry's address."""
    _make(own, "from-elsewhere")
    at = browse("Ann", java_script_enabled=False)
    at.goto("/audit")
    at.page.get_by_label("IP address or network").fill("192.0.2.0/24")
    at.page.get_by_role("button", name="Show", exact=True).click()
    row = at.page.locator(".event").filter(has_text="/site/from-elsewhere")
    expect(row).to_have_count(1)
    row.locator("summary").first.click()
    at.shot("audit-network")
    row.get_by_role("term").filter(has_text="From").locator("..").get_by_role(
        "link", name="Only this"
    ).click()
    assert "address=192.0.2.7" in at.page.url
    expect(row).to_have_count(1)
    at.goto("/audit?address=198.51.100.0/24")
    expect(at.page.locator(".event")).to_have_count(0)
    expect(at.page.get_by_role("link", name="Take away: IP address 198.51.100.0")).to_be_visible()


def test_what_is_no_network_is_said_beside_the_filter(browse: Callable[..., At]) -> None:
    """A network that is none finds nothing, stays as it was typed, and says how one is written."""
    at = browse("Ann")
    at.goto("/audit")
    at.page.get_by_label("IP address or network").fill("192.0.2.7/24")
    at.page.get_by_role("button", name="Show", exact=True).click()
    expect(at.page.get_by_role("alert")).to_contain_text("write 192.0.2.0/24 for all of it")
    expect(at.page.get_by_label("IP address or network")).to_have_value("192.0.2.7/24")
    expect(at.page.locator(".event")).to_have_count(0)
    expect(at.page.get_by_text("Save this filter…")).to_have_count(0)
    at.accessible()
    at.shot("audit-no-network")


@pytest.mark.parametrize("scripted", [True, False])
def test_a_filter_is_saved_under_a_name(browse: Callable[..., At], *, scripted: bool) -> None:
    """A person saves a filter, opens it with one click and removes it, with script or without."""
    at = browse("Ann", java_script_enabled=scripted)
    at.goto("/audit?operation=token.request&outcome=allowed")
    _save(at, "  ")
    expect(at.page.get_by_role("alert")).to_contain_text("A name has 1 to 200 characters")
    assert "operation=token.request" in at.page.url
    _save(at, "Who asked for tokens")
    expect(at.page.get_by_role("status")).to_have_text("The filter is saved.")
    at.goto("/audit")
    saved = at.page.get_by_role("list", name="Saved filters")
    saved.get_by_role("link", name="Who asked for tokens").click()
    expect(at.page.get_by_label("Operation", exact=True)).to_have_value("token.request")
    expect(at.page.get_by_label("Outcome", exact=True)).to_have_value("allowed")
    expect(saved.locator("[aria-current]")).to_have_text("Who asked for tokens")
    at.shot("audit-saved")
    if scripted:
        at.accessible()
    at.page.set_viewport_size({"width": 360, "height": 740})
    at.page.get_by_text("Save this filter…").click()
    at.fits()
    at.shot("audit-saved-narrow")
    saved.get_by_role("button", name="Remove the saved filter Who asked for tokens").click()
    expect(at.page.get_by_role("status")).to_have_text("The filter is removed.")
    expect(saved).to_have_count(0)


def _save(at: At, name: str) -> None:
    """Save the filter of the page under a name."""
    opened = at.page.locator(".keep-filter")
    if opened.get_attribute("open") is None:
        opened.locator("summary").first.click()
    at.page.get_by_role("textbox", name="Name").fill(name)
    at.page.get_by_role("button", name="Save", exact=True).click()


def test_no_token_is_kept_in_a_name(browse: Callable[..., At], own: Path) -> None:
    """A token that is pasted for a name is refused, and nothing is saved (S9)."""
    _, secret = give_secret(own, "Ann", "pasted")
    at = browse("Ann")
    at.goto("/audit?outcome=allowed")
    _save(at, secret)
    expect(at.page.get_by_role("alert")).to_contain_text("An access token stands in this text")
    expect(at.page.locator(".saved")).to_have_count(0)


def test_the_live_tail_shows_what_comes(browse: Callable[..., At], own: Path) -> None:
    """With the live tail on, an act stands there without a load, once, and what was open stays so.

    When a second act is there, the tail has asked again after the first.
    """
    _make(own, "winter")
    at = browse("Ann")
    at.page.clock.install()
    at.goto("/audit")
    at.page.get_by_role("link", name="Live tail").click()
    at.page.locator(".event").first.locator("summary").first.click()
    for slug in ("summer", "solstice"):
        _make(own, slug)
        at.page.clock.run_for(3_000)
        expect(at.page.locator(".event").first).to_contain_text(f"/site/{slug}")
    expect(at.page.locator(".event[open]")).to_have_count(1)
    expect(at.page.get_by_text("/site/summer", exact=True)).to_have_count(1)
    at.shot("audit-live")
    at.page.get_by_role("link", name="Stop the live tail").click()
    assert "live" not in at.page.url


def test_the_trail_leaves_as_a_file(browse: Callable[..., At], own: Path) -> None:
    """CSV and NDJSON hold what is filtered, and no spreadsheet finds a formula in it (S30)."""
    _make(own, "dangerous", FORMULA)
    at = browse("Ann")
    at.goto("/audit?operation=node.create_folder")
    with at.page.expect_download() as got:
        at.page.get_by_role("link", name="Export CSV").click()
    rows = list(csv.DictReader(StringIO(got.value.path().read_text())))
    assert {row["operation"] for row in rows} == {"node.create_folder"}
    named = {row["token_name"] for row in rows}
    assert f"'{FORMULA}" in named
    assert FORMULA not in named
    with at.page.expect_download() as got:
        at.page.get_by_role("link", name="NDJSON").click()
    told = [json.loads(line) for line in got.value.path().read_text().splitlines()]
    assert [one["position"] for one in told] == [int(row["position"]) for row in rows]
    assert FORMULA in {one["token_name"] for one in told}
    assert {one["actor_name"] for one in told} >= {"Ben"}


@pytest.mark.parametrize(
    "cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\r=1", " =1+1", "\uff1d1"]
)
def test_no_cell_is_a_formula(cell: str) -> None:
    """Whatever begins like a formula begins with an apostrophe instead."""
    assert harmless(cell) == f"'{cell}"
    assert harmless("tok_1") == "tok_1"


def test_failed_authentications_stand_apart(browse: Callable[..., At], house: Server) -> None:
    """Who came in nowhere is counted in a tab of its own, so that noise hides no change (S30)."""
    for _ in range(3):
        ask(house.port, "GET", "/cma/users/me", "Authorization: Bearer nonsense")
    at = browse("Ann")
    at.goto("/audit")
    at.page.get_by_role("link", name="Failed authentications").click()
    seen_in_time(at, at.page.get_by_role("row").filter(has_text="401").first)
    at.shot("audit-refused")


def test_no_tools_name_shuts_the_page(browse: Callable[..., At], own: Path, house: Server) -> None:
    """What an agent's program calls its tool makes no entry about a thing, and no page fails."""
    id_, secret = give_secret(own, "Ann", "the-agent")

    def told(tool: str) -> bool:
        said = {"data": {"type": "agent_call", "attributes": {"tool": tool, "why": "unknown_tool"}}}
        heard = ask(
            house.port, "POST", "/cma/token/turned_down", f"Authorization: Bearer {secret}",
            "Content-Type: application/json", body=json.dumps(said).encode(),
        )  # fmt: skip
        return heard.status == 204

    wait_until(partial(told, "nod_x"), "the server to know the token")
    assert all(map(told, ("nod_5", "usr_" + "9" * 19, "tok_" + "9" * 60)))
    at = browse("Ann")
    at.goto(f"/audit?token={id_}&show=all")
    said = at.page.locator(".event-said").filter(has_text="tool nod_5")
    seen_in_time(at, said.first)


@pytest.mark.parametrize("path", ["/audit", "/audit/export", "/audit/refused"])
def test_who_may_not_read_the_trail_is_not_led_there(browse: Callable[..., At], path: str) -> None:
    """Without audit:read there is no line in the bar, and the address says why (X6)."""
    at = browse("Rita")
    at.goto("/")
    assert at.page.get_by_role("link", name="Audit log").count() == 0
    seen = at.page.request.get(f"{at.url}{path}")
    assert seen.status == 403


def test_what_is_done_has_a_sentence() -> None:
    """Whatever changes something is said in words and has a noun; what was damaged says that."""
    ours = {name: one for name, one in OPERATIONS.items() if not name.startswith("probe.")}
    changing = [name for name, one in ours.items() if not one.reads] + [LOOKS, ACTS]
    assert [name for name in changing if sentence(name, ALLOWED) == OTHER] == []
    assert {sentence(name, DAMAGED) for name in changing} == {CHANGED}
    assert {name.partition(".")[0] for name in (*ours, *BESIDE)} <= set(NOUNS)


def test_what_was_done_to_a_token_names_it(
    browse: Callable[..., At], own: Path, tokens: dict[str, str]
) -> None:
    """A row says what its token is called, and no raw id or browser stands in the sentence (X2)."""
    give(own, "Rita", "named-in-the-log")
    at = browse("Ann")
    at.goto("/audit")
    said = at.page.locator(".event-said").filter(has_text="named-in-the-log").first
    expect(said).to_have_text("Rita asked for a token named-in-the-log")
    at.goto("/member-roles/" + tokens["role"])
    at.page.get_by_role("button", name="Duplicate").click()
    expect(at.page.get_by_role("status")).to_be_visible()
    at.goto("/audit?operation=role.duplicate")
    said = at.page.locator(".event-said").first
    expect(said).to_have_text("Ann duplicated a role tokens_only (copy)")
    at.shot("audit-named")
    said.click()
    expect(at.page.locator(".event").first).to_contain_text("a browser")


def test_an_entry_shows_what_it_changed(browse: Callable[..., At], tokens: dict[str, str]) -> None:
    """An opened entry, and a token's own trail, say field by field what was and what is (X2)."""
    at = browse("Ann", viewport=NARROW, locale="de-DE")
    at.goto("/audit?operation=token.disable")
    row = at.page.locator(".event").first
    row.locator("summary").first.click()
    told = row.get_by_role("table", name="Was sich geändert hat").get_by_role("row")
    expect(told.filter(has_text="state")).to_have_text(re.compile(r"state\s*active\s*disabled"))
    at.shot("audit-changed-narrow")
    at.fits()
    at.accessible()
    at = browse("Ann")
    at.goto(f"/tokens/{tokens['dx-cli-laptop']}/trail")
    said = at.page.get_by_role("row").filter(has_text="asked for a token").first
    said.get_by_text("What changed", exact=True).first.click()
    asked = said.get_by_role("row").filter(has_text="scopes")
    expect(asked.locator("ins").first).to_have_text("assets:read")
    expect(asked.get_by_text("not set")).to_be_visible()
    at.shot("token-changed")
    at.accessible()
