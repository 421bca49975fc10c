"""The organization's policy at a browser: seen, foreseen, announced, taken back and enforced."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from counterfoil import directory
from counterfoil.directory.edit_policy import edit_policy
from counterfoil.directory.presets import PRESETS
from counterfoil.kernel.ids import OrganizationId
from counterfoil.runtime.settings import Settings
from counterfoil.tokens.outgrow import TOGETHER
from counterfoil.tokens.sweep import sweep
from infra.server import Server, serving
from support.apart import apart
from support.browse import NARROW, At
from support.office import ORIGIN
from support.sample import Sample
from support.web import give, give_api_tokens, seeder_of


@contextmanager
def unswept(own: Path) -> Iterator[Server]:
    """Serve it, and leave it to the tests to sweep."""
    with Settings(data_dir=own).sweeper_lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with serving(own) as server:
            yield server


own, tokens, house = apart(unswept)

_NOTHING_ASKED: dict[str, Any] = {
    **dict.fromkeys(("enforce_at", "token_roles", "ip_ranges", "idle_days")),
    "approval_scopes": None,
    "approval_writes": False,
    "approval_lifetime": None,
    "approval_second": "nothing",
}


@pytest.fixture(autouse=True)
def policy(own: Path, seeded: Sample, house: Server) -> Iterator[Callable[..., Any]]:
    """Return what sets the policy at the machine; it is the preset again when the test is over."""
    assert house.port
    here = OrganizationId(int(seeded.told["organization"]["id"]))

    def set_(**changes: Any) -> None:
        with closing(seeder_of(own)) as seeder:
            with seeder.office.database.reading() as tx:
                version = directory.policy(tx, here).version
            with seeder.office.work(directory.operator(here), ORIGIN) as work:
                edit_policy(work, version, {**_NOTHING_ASKED, **changes}, "default")

    set_()
    yield set_
    set_()


def test_a_preset_is_chosen_with_its_impact(browse: Callable[..., At]) -> None:
    """An admin sees the presets as a table, fills the form with one, and what it would do (K10)."""
    at = browse("Ann")
    page = at.page
    at.goto("/")
    page.get_by_role("link", name="Organization policy").click()
    page.get_by_text("Begin again from a preset").click()
    for name in PRESETS:
        expect(page.get_by_role("rowheader", name=name)).to_be_visible()
    at.accessible()
    at.shot("policy")
    page.get_by_role("link", name="Fill the form with agility").click()
    expect(page.get_by_label("Tokens for each person")).to_have_value("10")
    at.shot("policy-preset")
    page.get_by_role("button", name="See what it would do").click()
    row = page.get_by_role("row", name="Tokens for each person")
    expect(row).to_contain_text("5")
    expect(row).to_contain_text("10")
    expect(page.get_by_text("need not ask for approval any more")).to_be_visible()
    page.get_by_role("button", name="Save policy").click()
    expect(page.get_by_role("status")).to_contain_text("Saved")
    expect(page.get_by_text("now: agility")).to_be_visible()


@pytest.mark.parametrize("scripted", [True, False])
def test_that_no_role_is_ticked_is_said(browse: Callable[..., At], scripted: bool) -> None:  # noqa: FBT001 - pytest's way to say both
    """Empty boxes do not read like nobody: that everybody may have tokens stands there (K8)."""
    at = browse("Ann", java_script_enabled=scripted)
    at.goto("/policy")
    said = at.page.get_by_text("No role is ticked: everybody may have them.")
    expect(said).to_be_visible()
    at.page.locator("#token_roles").get_by_label("reader").check()
    expect(said).to_be_hidden()
    at.page.locator("#token_roles").get_by_label("reader").uncheck()
    expect(said).to_be_visible()


def test_what_falls_outside_is_named_and_enforced(
    browse: Callable[..., At], own: Path, tokens: dict[str, str]
) -> None:
    """Before saving one sees how many tokens of whom fall outside, and what is in use (K8, G10)."""
    assert tokens
    long = give(own, "Rita", "outlives-the-policy", days=300)
    at = browse("Ann")
    page = at.page
    at.goto("/policy")
    page.get_by_role("textbox", name="The longest life").fill("10")
    page.locator("#lifetime_max").select_option(label="days")
    page.get_by_role("button", name="See what it would do").click()
    expect(page.locator("#impact")).to_contain_text("fall outside")
    row = page.get_by_role("row", name="outlives-the-policy")
    expect(row).to_contain_text("Rita")
    used = page.get_by_role("row", name="ci-schema-export")
    assert used.count() == 0  # it ends in time
    at.accessible()
    at.shot("policy-impact")
    page.get_by_role("button", name="Enforce now").click()
    expect(page.get_by_role("status")).to_contain_text("enforced")
    at.goto(f"/tokens/{long}")
    end = datetime.now(UTC) + timedelta(days=10)
    expect(page.locator(f"relative-time[title^='{end.day} {end:%b} {end.year}']")).to_be_visible()


def test_what_one_commit_cannot_take_is_counted(browse: Callable[..., At], own: Path) -> None:
    """While more tokens are left than one commit takes, the page says so, and when it is done."""
    give_api_tokens(own, "old", TOGETHER + 5, days=300)
    at = browse("Ann")
    page = at.page
    page.clock.install()
    at.goto("/policy")
    page.get_by_role("textbox", name="The longest life").fill("5")
    page.locator("#lifetime_max").select_option(label="days")
    page.get_by_role("button", name="See what it would do").click()
    page.get_by_role("button", name="Enforce now").click()
    expect(page.get_by_role("status")).to_contain_text(f"{TOGETHER} tokens that were used last")
    left = page.get_by_text("still to come under these limits")
    expect(left).to_be_visible()
    at.accessible()
    at.shot("policy-under-way")
    with closing(seeder_of(own)) as seeder:
        sweep(seeder.office)
    with page.expect_response("**/policy"):
        page.clock.run_for(4_000)
    expect(page.get_by_text("Done: every token")).to_be_visible()
    expect(left).to_have_count(0)
    at.accessible()
    at.shot("policy-done")


def test_a_day_is_announced_and_taken_back(browse: Callable[..., At], own: Path) -> None:
    """From an announced day on the policy holds for all; until then it can be taken back."""
    give(own, "Rita", "announced", days=200)
    day = f"{datetime.now(UTC) + timedelta(days=20):%Y-%m-%d}"
    at = browse("Ann")
    page = at.page
    at.goto("/policy")
    page.get_by_role("textbox", name="The longest life").fill("1")
    page.locator("#lifetime_max").select_option(label="months")
    page.get_by_role("button", name="See what it would do").click()
    page.get_by_label("Day (from 00:00 UTC)").fill("2020-01-01")
    page.get_by_role("button", name="Notify, and enforce on that day").click()
    expect(page.get_by_role("alert")).to_contain_text("in the future")
    at.accessible()
    page.get_by_label("Day (from 00:00 UTC)").fill(day)
    page.get_by_role("button", name="Notify, and enforce on that day").click()
    expect(page.get_by_role("status")).to_contain_text("announced")
    expect(page.get_by_text("Announced:", exact=True)).to_be_visible()
    at.accessible()
    at.shot("policy-announced")
    page.get_by_role("button", name="Take it back").click()
    expect(page.get_by_role("status")).to_contain_text("Taken back")
    expect(page.get_by_text("Announced:", exact=True)).to_have_count(0)


def test_two_admins_do_not_overwrite_each_other(
    browse: Callable[..., At], policy: Callable[..., Any]
) -> None:
    """Who saves upon an older version is told so, and what they typed is kept (S22)."""
    at = browse("Ann")
    page = at.page
    at.goto("/policy")
    page.get_by_label("Tokens for each person").fill("7")
    policy(quota=9)
    page.get_by_role("button", name="See what it would do").click()
    expect(page.get_by_role("alert")).to_contain_text("version")
    expect(page.get_by_label("Tokens for each person")).to_have_value("7")
    page.get_by_role("button", name="See what it would do").click()
    row = page.get_by_role("row", name="Tokens for each person")
    expect(row).to_contain_text("9")
    expect(row).to_contain_text("7")
    at.goto("/policy")
    page.get_by_label("Tokens for each person").fill("many")
    page.get_by_role("button", name="See what it would do").click()
    expect(page.get_by_role("alert")).to_contain_text("whole number")
    at.accessible()


def test_who_may_not_change_it_reads_it(browse: Callable[..., At]) -> None:
    """A member may know the policy; its form is in nobody's markup who may not use it (X6)."""
    at = browse("Ben", viewport=NARROW)
    at.goto("/policy")
    expect(at.page.get_by_text("everybody but admins")).to_be_visible()
    expect(at.page.locator("form[action^='/policy']")).to_have_count(0)
    expect(at.page.get_by_role("link", name="Organization policy")).to_have_count(0)
    at.accessible()
    at.fits()
    at.shot("policy-read-narrow")


def test_whose_tokens_and_from_where(browse: Callable[..., At], tokens: dict[str, str]) -> None:
    """An admin sees which tokens roles, addresses and idleness stop before they do (I2, G12e)."""
    at = browse("Ann")
    page = at.page
    at.goto("/policy")
    page.get_by_role("group", name="Who may have personal tokens").get_by_label("admin").check()
    page.get_by_label("From where tokens may be used").fill("192.0.2.7/24")
    page.get_by_role("button", name="See what it would do").click()
    expect(page.get_by_role("alert")).to_contain_text("192.0.2.0/24")
    expect(page.get_by_label("admin", exact=True)).to_be_checked()
    at.accessible()
    page.get_by_label("From where tokens may be used").fill("127.0.0.0/8, 2001:db8::/32")
    page.get_by_label("Days without a use until a token is switched off").fill("90")
    page.get_by_role("button", name="See what it would do").click()
    row = page.get_by_role("row", name="steady")
    expect(row).to_contain_text("Ben")
    expect(row).to_contain_text("the owner's roles")
    expect(page.get_by_role("row", name="From where tokens may be used")).to_contain_text(
        "127.0.0.0/8, 2001:db8::/32"
    )
    at.accessible()
    at.shot("policy-stops")
    page.locator("button[name=enforce]").first.click()
    expect(page.get_by_role("status")).to_contain_text("Saved")
    expect(page.get_by_label("admin", exact=True)).to_be_checked()
    expect(page.get_by_label("From where tokens may be used")).to_have_value(
        "127.0.0.0/8\n2001:db8::/32"
    )
    at.shot("policy-fenced")
    at.goto(f"/tokens/{tokens['steady']}")
    expect(page.get_by_text("allows no personal tokens to its owner's roles")).to_be_visible()
    expect(page.locator(".page-head .badge")).to_have_text("Suspended by the policy")
    ben = browse("Ben", viewport=NARROW)
    ben.goto("/tokens")
    row = ben.page.get_by_role("row").filter(has_text="steady")
    expect(row.locator(".badge").first).to_have_text("Suspended by the policy")
    ben.fits()
    ben.goto("/policy")
    expect(ben.page.get_by_text("127.0.0.0/8, 2001:db8::/32")).to_be_visible()
    ben.goto("/tokens/new?scopes=content:read")
    expect(ben.page.get_by_text("allows no personal tokens to the roles")).to_be_visible()
    ben.accessible()
    ben.fits()


def test_what_must_be_approved_is_said_and_asked(
    browse: Callable[..., At], policy: Callable[..., Any]
) -> None:
    """An admin has scopes and long lives approved, and sees first whom it concerns (K8)."""
    policy(approval="nobody")
    at = browse("Ann", java_script_enabled=False)
    page = at.page
    at.goto("/policy")
    page.get_by_label("content:publish").check()
    page.get_by_role("textbox", name="What lives longer has to be approved").fill("60")
    page.locator("#approval_lifetime").select_option(label="days")
    at.shot("policy-approval")
    page.get_by_role("button", name="See what it would do").click()
    row = page.get_by_role("row", name="What has to be approved, whoever asks")
    expect(row).to_contain_text("content:publish")
    expect(page.get_by_role("row", name="What lives longer")).to_contain_text("60 days")
    at.shot("policy-approval-impact")
    page.get_by_role("button", name="Save policy").click()
    expect(page.get_by_label("content:publish")).to_be_checked()
    at.goto("/tokens/new?name=reads&scopes=content:read")
    expect(page.get_by_label("Justification")).to_be_visible()
    page.get_by_role("button", name="Say what it can do now").click()
    expect(page.get_by_text("Needs approval by an organization admin")).to_have_count(0)
    page.get_by_label("content:publish").check()
    page.get_by_role("button", name="Say what it can do now").click()
    expect(page.get_by_text("Needs approval by an organization admin")).to_be_visible()
    at.shot("token-new-approval")
