"""What holds for every page there is, in a real Chromium."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

from counterfoil.web.faults import POLICY
from counterfoil.web.page import Page
from counterfoil.web.pages import PAGES
from infra.server import Server
from support.browse import NARROW, At, signed_in
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


@pytest.mark.parametrize("page", SHOWN, ids=lambda page: page.path)
def test_every_page_is_sound(
    page: Page, browse: Callable[..., At], tokens: dict[str, str], house: Server
) -> None:
    """A page says what it may load, loads nothing from elsewhere, and axe finds nothing (S46)."""
    at = browse(None if page.path in {"/signin", "/setup"} else "Ann")
    asked: list[str] = []
    said: list[str] = []
    at.page.on("request", lambda one: asked.append(one.url))
    at.page.on("console", lambda one: said.append(one.text))
    at.page.on("pageerror", lambda one: said.append(str(one)))
    seen = at.page.goto(f"{house.url}{address(page, tokens)}")
    assert seen is not None
    assert (seen.status, seen.headers["content-security-policy"]) == (200, POLICY)
    assert seen.headers["cache-control"] == "no-store"
    at.page.wait_for_load_state("networkidle")
    at.accessible()
    assert {urlsplit(url).netloc for url in asked} == {urlsplit(house.url).netloc}
    assert said == []
    at.shot(re.sub(r"\W+", "-", page.path).strip("-") or "home")


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
@pytest.mark.parametrize("page", SHOWN, ids=lambda page: page.path)
def test_every_page_fits_a_telephone(
    page: Page, browse: Callable[..., At], tokens: dict[str, str], *, script: bool
) -> None:
    """At 360 pixels nothing stands beyond the edge, with the script or without it."""
    at = browse(
        None if page.path in {"/signin", "/setup"} else "Ann",
        viewport=NARROW,
        java_script_enabled=script,
    )
    at.goto(address(page, tokens))
    assert at.page.locator("h1").count() == 1
    at.fits()
    name = re.sub(r"\W+", "-", page.path).strip("-") or "home"
    at.shot(f"{name}-narrow{'-script' if script else ''}")


@pytest.mark.parametrize("page", SHOWN, ids=lambda page: page.path)
def test_every_page_is_gone_through_by_keyboard(
    page: Page, browse: Callable[..., At], tokens: dict[str, str]
) -> None:
    """Tab reaches all that one may press or fill in, shows where one is, and leads on (E-A11Y)."""
    at = browse(None if page.path in {"/signin", "/setup"} else "Ann")
    at.goto(address(page, tokens))
    at.page.wait_for_load_state("networkidle")
    by_keyboard(at)


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
