"""What holds for every page there is, in a real Chromium."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Response
from playwright.sync_api import Page as Tab

from counterfoil.web.faults import POLICY
from counterfoil.web.page import Page
from counterfoil.web.pages import PAGES
from infra.server import Server
from support.browse import NARROW, WIDE, At, People, signed_in
from support.keyboard import by_keyboard
from support.raw_http import ask
from support.sample import Sample

ELSEWHERE = {
    "/again/form",
    "/audit/export",
    "/audit/receipt",
    "/begin",
    "/live",
    "/settings/tokens",
    "/signed-out",
    "/signin/oidc/{provider}/callback",
    "/tokens/export.csv",
}
"""What only leads on, for who is signed in; files; what a script asks."""

SHOWN = [page for page in PAGES if page.method == "GET" and page.path not in ELSEWHERE]
SENT = [page for page in PAGES if page.method == "POST"]


def address(page: Page, tokens: dict[str, str]) -> str:
    """Return an address of a page; what stands in braces is somebody's of the sample.

    Whoever adds a page with something else in braces says here what that is.
    """
    known = {
        "/tokens/{id}/request": tokens["waiting"],
        "/tokens/{id}": tokens["dx-cli-laptop"],
        "/approvals/{id}": tokens["request"],
        "/key-pairs/{id}": tokens["pair"],
        "/webhooks/{id}": tokens["webhook"],
        "/people/{id}": tokens["ben"],
        "/member-roles/{id}": tokens["role"],
        "/content-api-manager/{id}": tokens["api"],
        "/content-api-manager/{id}/edit": tokens["api"],
        "/apis/{id}": tokens["registered"],
    }
    path = page.path.replace("{section}", "users").replace("{operation}", "post-cma-users")
    return next(
        (
            page.path.replace("{id}", id_)
            for path, id_ in known.items()
            if page.path.startswith(path)
        ),
        path,
    )


PUBLIC = {"/signin", "/setup"}
"""What is shown as it is only to who is not signed in."""


@dataclass(frozen=True)
class Opened:
    """A page of ours that was opened once, and what was asked and said until it was at rest."""

    page: Page
    at: At
    answer: Response
    asked: Sequence[str]
    said: Sequence[str]


def picture(page: Page) -> str:
    """Return what a page's pictures are called."""
    return re.sub(r"\W+", "-", page.path).strip("-") or "home"


@pytest.fixture(scope="module")
def windows(people: People) -> dict[bool, BrowserContext]:
    """Ann's browser, and that of somebody who is not signed in (by whether a page is public)."""
    return {True: people(None), False: people("Ann")}


@pytest.fixture(scope="module", params=SHOWN, ids=lambda page: page.path)
def opened(
    request: pytest.FixtureRequest,
    windows: dict[bool, BrowserContext],
    tokens: dict[str, str],
    house: Server,
) -> Iterator[Opened]:
    """Each page in turn, in a tab of its own: opened once for all that is looked at there."""
    page: Page = request.param
    tab = windows[page.path in PUBLIC].new_page()
    tab.set_default_timeout(10_000)
    asked: list[str] = []
    said: list[str] = []
    tab.on("request", lambda one: asked.append(one.url))
    tab.on("console", lambda one: said.append(one.text))
    tab.on("pageerror", lambda one: said.append(str(one)))
    answer = tab.goto(f"{house.url}{address(page, tokens)}")
    assert answer is not None
    tab.wait_for_load_state("networkidle")
    yield Opened(page, At(tab, house.url), answer, asked, said)
    tab.close()


def test_every_page_is_sound(opened: Opened, house: Server) -> None:
    """A page says what it may load, loads nothing from elsewhere, and axe finds nothing (S46)."""
    seen = opened.answer
    assert (seen.status, seen.headers["content-security-policy"]) == (200, POLICY)
    assert seen.headers["cache-control"] == "no-store"
    opened.at.accessible()
    assert {urlsplit(url).netloc for url in opened.asked} == {urlsplit(house.url).netloc}
    assert opened.said == []
    opened.at.shot(picture(opened.page))


def test_every_page_fits_a_telephone(opened: Opened) -> None:
    """At 360 pixels nothing stands beyond the edge."""
    opened.at.page.set_viewport_size(NARROW)
    assert opened.at.page.locator("h1").count() == 1
    opened.at.fits()
    opened.at.shot(f"{picture(opened.page)}-narrow-script")
    opened.at.page.set_viewport_size(WIDE)


def test_every_page_is_gone_through_by_keyboard(opened: Opened) -> None:
    """Tab reaches all that one may press or fill in, shows where one is, and leads on (E-A11Y)."""
    by_keyboard(opened.at)


@pytest.fixture(scope="module")
def telephones(people: People) -> dict[bool, Tab]:
    """Ann's telephone, on which no script runs, and a stranger's (by whether a page is public)."""
    how = {"viewport": NARROW, "java_script_enabled": False}
    return {True: people(None, **how).new_page(), False: people("Ann", **how).new_page()}


@pytest.mark.parametrize("page", SHOWN, ids=lambda page: page.path)
def test_every_page_fits_a_telephone_without_script(
    page: Page, telephones: dict[bool, Tab], tokens: dict[str, str], house: Server
) -> None:
    """At 360 pixels nothing stands beyond the edge where no script runs either."""
    at = At(telephones[page.path in PUBLIC], house.url)
    at.goto(address(page, tokens))
    assert at.page.locator("h1").count() == 1
    at.fits()
    at.shot(f"{picture(page)}-narrow")


@pytest.mark.parametrize("page", SHOWN, ids=lambda page: page.path)
def test_no_token_opens_a_page(
    page: Page, tokens: dict[str, str], house: Server, seeded: Sample
) -> None:
    """Whoever carries a token is shown what anybody is: the way to sign in."""
    bearer = f"Authorization: Bearer {seeded.token('personal')}"
    seen = ask(house.port, "GET", address(page, tokens), bearer, "Accept: text/html")
    if page.public:
        assert seen.status == 200
    else:
        assert (seen.status, (seen.header("location") or "")[:13]) == (303, "/signin?next=")


@pytest.fixture(scope="module")
def cookie(house: Server, seeded: Sample) -> str:
    """Ben's session, which every form of these tests leaves as it is: none may end it."""
    return f"Cookie: counterfoil={signed_in(house, seeded, 'Ben')['value']}"


@pytest.mark.parametrize("page", SENT, ids=lambda page: page.path)
@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_no_other_site_sends_a_form(page: Page, site: str, house: Server, cookie: str) -> None:
    """A form that another site makes a browser send changes nothing, whatever it carries (S45)."""
    seen = _send(house, page, cookie, f"Sec-Fetch-Site: {site}")
    assert seen.status == 403


@pytest.mark.parametrize(
    "page", [one for one in SENT if not one.public], ids=lambda page: page.path
)
@pytest.mark.parametrize("form", [b"", b"_form=", b"_form=AAAA", b"_form=%00"])
def test_a_form_without_its_token_is_refused(
    page: Page, form: bytes, house: Server, cookie: str
) -> None:
    """A form that was not made for this session changes nothing, not even from our site (S45)."""
    here = "Sec-Fetch-Site: same-origin"
    seen = _send(house, page, cookie, here, body=form)
    assert seen.status in {400, 403}


def _send(house: Server, page: Page, *headers: str, body: bytes = b"x=1") -> Any:
    path = page.path.replace("{id}", "4031846205310216")
    form = "Content-Type: application/x-www-form-urlencoded"
    length = f"Content-Length: {len(body)}"
    return ask(house.port, "POST", path, form, length, "Accept: text/html", *headers, body=body)
