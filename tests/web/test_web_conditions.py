"""From where, how often and from when on a token works: in the pages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from infra.server import Server
from support.browse import NARROW, At
from support.sample import Talker
from support.web import forget_api_tokens, only


@pytest.fixture(autouse=True)
def room(own: Path, tokens: dict[str, str]) -> Iterator[None]:
    """Leave people what they began with, so that there is room in their quotas."""
    yield
    only(own, tokens.values())


def fill(at: At, ranges: str, requests: str = "100", starts: str = "") -> None:
    """Open the further restrictions and fill them in."""
    if at.page.locator("#conditions").get_attribute("open") is None:
        at.page.locator("#conditions > summary").click()
    at.page.locator("#ip_ranges").fill(ranges)
    at.page.locator("#rate_requests").fill(requests)
    if starts:
        at.page.locator("#not_before").fill(starts)


def test_a_token_is_restricted(browse: Callable[..., At], house: Server) -> None:
    """The form says them in its sentence, points at what is wrong, and the token has them (X9)."""
    at = browse("Ann")
    at.goto("/tokens/new")
    at.page.locator("#name").fill("bound")
    at.page.get_by_label("content:read").check()
    expect(at.page.locator("#ip_ranges")).to_be_hidden()
    fill(at, "127.0.0.1/8")
    expect(at.page.locator("#can")).to_contain_text("127.0.0.0/8 for all of it")
    at.page.get_by_role("button", name="Create token").click()
    expect(at.page.locator("#ip_ranges-error")).to_contain_text("bits set beyond its prefix")
    expect(at.page.locator("#ip_ranges")).to_have_value("127.0.0.1/8")
    fill(at, "127.0.0.0/8\n2001:db8::/32")
    can = at.page.locator("#can")
    expect(can).to_contain_text("Only from 127.0.0.0/8, 2001:db8::/32.")
    expect(can).to_contain_text("At most 100 requests a minute.")
    at.accessible()
    at.fits()
    at.shot("conditions-create")
    at.page.get_by_role("button", name="Create token").click()
    secret = at.page.locator("#secret").inner_text()
    seen = Talker(house.port).bearing(secret)("GET", "/cma/token")
    assert seen.status == 200
    assert seen.body["data"]["attributes"]["ip_ranges"] == ["127.0.0.0/8", "2001:db8::/32"]
    assert seen.headers["ratelimit-policy"].startswith('"own";q=100;w=60')
    at.goto("/tokens")
    expect(at.page.locator("main")).to_contain_text("2 IP ranges · 100 requests a minute")
    at.page.get_by_role("link", name="bound", exact=True).click()
    facts = at.page.locator("main")
    expect(facts).to_contain_text("2001:db8::/32")
    at.accessible()
    at.shot("conditions-token")
    narrow(at, Talker(house.port).bearing(secret))


def narrow(at: At, bearer: Callable[..., object]) -> None:
    """Take an address away at the restrictions, and see that it is gone."""
    at.goto(urlsplit(at.page.url).path + "/restrictions")
    expect(at.page.locator("#ip_ranges")).to_have_value("127.0.0.0/8\n2001:db8::/32")
    expect(at.page.locator("#rate_requests")).to_have_value("100")
    fill(at, "2001:db8::/32")
    at.page.get_by_role("button", name="Save changes").click()
    expect(at.page.locator("main")).not_to_contain_text("127.0.0.0/8")
    assert getattr(bearer("GET", "/cma/token"), "status", 0) == 403


@pytest.mark.parametrize("scripted", [True, False])
def test_an_approver_reads_and_tightens_them(browse: Callable[..., At], *, scripted: bool) -> None:
    """What is asked for stands in the approval, where it may be tightened and not widened (A8)."""
    ben = browse("Ben", java_script_enabled=scripted)
    starts = (datetime.now(UTC) + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%S")
    ben.goto("/tokens/new")
    ben.page.locator("#name").fill("asked")
    ben.page.get_by_label("content:read").check()
    fill(ben, "192.0.2.0/24", "10", starts)
    ben.page.get_by_role("button", name="Create token").click()
    expect(ben.page.locator("#secret")).to_be_visible()
    ann = browse("Ann", java_script_enabled=scripted)
    ann.goto("/approvals")
    ann.page.get_by_role("link", name="asked").first.click()
    expect(ann.page.locator("aside")).to_contain_text("192.0.2.0/24")
    expect(ann.page.locator("#rate_requests")).to_have_value("10")
    ann.shot("conditions-approval")
    fill(ann, "192.0.2.0/23", "10")
    ann.page.get_by_role("button", name=re.compile("^Approve")).click()
    expect(ann.page.locator("main")).to_contain_text("never more")
    fill(ann, "192.0.2.7", "5")
    ann.page.get_by_role("button", name=re.compile("^Approve")).click()
    expect(ann.page.get_by_role("status")).to_contain_text("works from now on")
    ben.goto("/tokens")
    row = ben.page.get_by_role("row").filter(has_text="asked").first
    expect(row.locator(".badge")).to_have_text("Not yet in force")
    ben.page.get_by_role("link", name="asked", exact=True).first.click()
    expect(ben.page.locator("main")).to_contain_text("192.0.2.7/32")
    expect(ben.page.locator("main")).to_contain_text("Nothing before")
    expect(ben.page.locator("main")).to_contain_text("5 requests a minute")


def test_what_begins_later_is_marked_in_the_tree(
    browse: Callable[..., At], own: Path, tokens: dict[str, str]
) -> None:
    """In the asset tree a token whose first instant is ahead is marked as not yet in force (Q1)."""
    at = browse("Ann")
    at.goto("/content-api-manager/new")
    at.page.locator("#name").fill("next-year")
    at.page.locator("#enabled").check()
    at.page.locator("#role").select_option(label="reader")
    starts = (datetime.now(UTC) + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%S")
    fill(at, "", "", starts)
    at.page.get_by_role("button", name="Save").click()
    at.page.get_by_role("link", name="I have stored it").click()
    at.goto("/content-api-manager")
    tree = at.page.get_by_role("navigation", name="Asset tree")
    later = tree.get_by_role("link", name="next-year Not yet in force")
    expect(later).to_be_visible()
    expect(tree.get_by_role("link", name="the-harbour-app", exact=True)).to_be_visible()
    at.accessible()
    at.shot("api-manager-later")
    forget_api_tokens(own, tokens.values())


def test_they_fit_a_telephone(browse: Callable[..., At]) -> None:
    """Open and filled in, they are read on a narrow screen, in German too."""
    at = browse("Ann", viewport=NARROW, locale="de-DE")
    at.goto("/tokens/new?scopes=content:read")
    fill(at, "192.0.2.0/24\n2001:db8:1234:5678:9abc:def0:1234:0/112", "1000000")
    expect(at.page.locator("#can")).to_contain_text("Nur von")
    at.fits()
    at.accessible()
    at.shot("conditions-narrow")


def test_a_wrong_span_is_said_as_such(browse: Callable[..., At]) -> None:
    """A number of seconds that is none is told apart from a number of requests, at its field."""
    at = browse("Ann")
    at.goto("/tokens/new")
    at.page.locator("#name").fill("spanned")
    at.page.get_by_label("content:read").check()
    fill(at, "", "100")
    at.page.locator("#rate_seconds option").last.evaluate("one => { one.value = '86401' }")
    at.page.locator("#rate_seconds").select_option("86401")
    at.page.get_by_role("button", name="Create token").click()
    said = "Say in how many seconds, from 1 to 86400."
    expect(at.page.locator("#rate_seconds-error")).to_have_text(said)
    expect(at.page.locator("#rate_requests-error")).to_have_count(0)
    at.accessible()
