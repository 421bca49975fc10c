"""Key-and-secret pairs at a browser, from the first to the last day of one."""

from __future__ import annotations

from collections.abc import Callable
from http.client import HTTPConnection
from urllib.parse import urlencode

from playwright.sync_api import expect

from infra.server import Server
from support.browse import At
from support.sample import Said, Talker, said

CLIENT = "importer/2.1"


def exchanged(house: Server, key: str, secret: str) -> Said:
    """Ask for a token with a pair."""
    line = HTTPConnection("127.0.0.1", house.port, timeout=30)
    try:
        form = {"grant_type": "client_credentials", "client_id": key, "client_secret": secret}
        headers = {"Content-Type": "application/x-www-form-urlencoded", "User-Agent": CLIENT}
        line.request("POST", "/oauth/token", urlencode(form), headers)
        return said(line.getresponse())
    finally:
        line.close()


def test_the_life_of_a_pair(browse: Callable[..., At], house: Server) -> None:
    """An admin makes, uses, renames, switches off and deletes a pair; its tokens end (A23)."""
    at = browse("Ann")
    page = at.page
    at.goto("/")
    page.get_by_role("link", name="Key and secret pairs").click()
    page.get_by_role("link", name="Create pair").first.click()
    page.locator("#name").fill("importer")
    page.get_by_label("Role").select_option(label="reader")
    at.accessible()
    page.get_by_role("button", name="Create pair").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Pair created")
    key, secret = page.locator("#the-key").inner_text(), page.locator("#secret").inner_text()
    at.accessible()
    at.shot("pair-secret")
    given = exchanged(house, key, secret)
    assert given.status == 200
    headers = {"Authorization": f"Bearer {given.body['access_token']}", "User-Agent": CLIENT}
    bearer = Talker(house.port, headers)
    assert bearer("GET", "/cda/items").status == 200

    page.get_by_role("link", name="I have stored it").click()
    expect(page.get_by_role("row", name="importer")).to_contain_text("Active")
    row = page.get_by_role("row", name="importer")
    for _ in range(40):  # uses are counted off the path of requests, within seconds
        if CLIENT in row.inner_text():
            break
        page.wait_for_timeout(500)
        at.goto("/key-pairs")
    expect(row).to_contain_text(CLIENT)
    at.shot("pairs")
    page.get_by_role("link", name="importer").click()
    assert secret not in page.content()
    page.locator("#name").fill("nightly import")
    page.get_by_role("button", name="Rename").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("nightly import")

    page.get_by_role("button", name="Switch off").click()
    expect(page.get_by_role("status")).to_contain_text("switched off")
    assert exchanged(house, key, secret).status == 401
    assert bearer("GET", "/cda/items").status == 401
    page.get_by_role("button", name="Switch on").click()
    assert exchanged(house, key, secret).status == 200

    page.get_by_text("Delete…").click()
    at.accessible()
    at.shot("pair")
    page.get_by_role("button", name="Delete nightly import for good").click()
    expect(page.get_by_role("row", name="nightly import")).to_contain_text("Revoked")
    assert exchanged(house, key, secret).status == 401


def test_who_may_not_manage_pairs_sees_none(browse: Callable[..., At]) -> None:
    """A developer is led to no pairs, and at the address is refused."""
    at = browse("Ben")
    at.goto("/")
    expect(at.page.get_by_role("link", name="Key and secret pairs")).to_have_count(0)
    for path in ("/key-pairs", "/key-pairs/new"):
        seen = at.page.goto(f"{at.url}{path}")
        assert seen is not None
        assert seen.status == 403
