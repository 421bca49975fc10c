"""The first run: where nobody is yet, one begins by the link that the server printed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from infra.server import Server, serving
from support.browse import NARROW, At
from support.first_run import fill_in, link
from support.passkeys import give_authenticator

PASSWORD = "a harbour has four walls"


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Server]:
    """A server of an installation in which nobody is."""
    with serving(tmp_path / "data") as server:
        yield server


@pytest.fixture
def stand(browser: Browser) -> Iterator[Callable[..., At]]:
    """Return what opens a browser of nobody at a server."""
    opened: list[Page] = []

    def open_(server: Server, **how: object) -> At:
        page = browser.new_context(locale="en-GB", reduced_motion="reduce", **how).new_page()  # type: ignore[arg-type]
        page.set_default_timeout(10_000)
        opened.append(page)
        return At(page, f"http://localhost:{server.port}")

    yield open_
    for page in opened:
        page.context.close()


def test_the_link_sets_up_once(empty: Server, stand: Callable[..., At], tmp_path: Path) -> None:
    """Who holds the link founds the organization, makes a passkey, and is in; it works once.

    A server that starts later prints none (S54).
    """
    begin = link(empty)
    assert begin is not None
    at = stand(empty)
    give_authenticator(at)
    at.goto("/")
    expect(at.page.get_by_text("Nobody is here yet.")).to_be_visible()
    at.accessible()
    at.shot("begin-nobody")
    at.goto(begin)
    assert "cfi_" not in at.page.url
    expect(at.page.get_by_role("textbox", name="Organization")).to_be_focused()
    at.accessible()
    at.shot("begin")
    fill_in(at)
    at.page.get_by_role("button", name="Go on").click()
    expect(at.page.get_by_role("heading", level=1)).to_have_text("Create your passkey or password")
    at.accessible()
    at.shot("begin-passkey")
    at.page.get_by_role("button", name="Create a passkey").click()
    expect(at.page.get_by_role("button", name="You: Ann")).to_be_visible()
    at.goto("/people")
    expect(at.page.get_by_role("main")).to_contain_text("ann@harbour.example")
    at.goto("/content")
    expect(at.page.locator(".empty")).to_contain_text("Lay out sample content")
    at.accessible()
    at.shot("content-empty")
    at.page.locator(".empty").get_by_role("link", name="Sample content").click()
    expect(at.page.get_by_role("button", name="Lay it out")).to_be_visible()
    other = stand(empty)
    other.goto(begin)
    other.page.get_by_label("Password").fill(PASSWORD)
    other.page.get_by_role("button", name="Choose this password").click()
    expect(other.page.get_by_role("alert")).to_contain_text("unknown, used or late")
    with serving(tmp_path / "data") as later:
        assert link(later) is None


def test_setting_up_without_script(empty: Server, stand: Callable[..., At]) -> None:
    """Without script the code is typed; what is wrong is said, and nothing is lost or made."""
    begin = link(empty)
    assert begin is not None
    code = begin.partition("#")[2]
    at = stand(empty, java_script_enabled=False, viewport=NARROW)
    at.goto("/begin")
    at.fits()
    fill_in(at, "\u200b")
    at.page.get_by_label("What stands behind").fill(code)
    at.page.get_by_label("Like DX").check()
    at.page.get_by_label("Lay it out").check()
    at.page.get_by_role("button", name="Go on").click()
    expect(at.page.get_by_role("alert")).to_contain_text("A name has 1 to 200 characters")
    expect(at.page.get_by_label("Like DX")).to_be_checked()
    expect(at.page.get_by_label("Lay it out")).to_be_checked()
    at.fits()
    at.shot("begin-wrong-narrow")
    at.page.get_by_role("textbox", name="Organization").fill("Harbour Press")
    at.page.get_by_label("What stands behind").fill(code)
    at.page.get_by_role("button", name="Go on").click()
    at.page.get_by_label("The code that you were given").fill(code)
    at.page.get_by_label("Password").fill("short")
    at.page.get_by_role("button", name="Choose this password").click()
    expect(at.page.get_by_role("alert")).to_be_visible()
    assert code not in at.page.content()
    at.fits()
    at.page.get_by_label("The code that you were given").fill(code)
    at.page.get_by_label("Password").fill(PASSWORD)
    at.page.get_by_role("button", name="Choose this password").click()
    at.page.get_by_label("E-mail").fill("ann@harbour.example")
    at.page.get_by_label("Password").fill(PASSWORD)
    at.page.get_by_role("button", name="Sign in", exact=True).click()
    expect(at.page.get_by_role("heading", level=1)).to_have_text("Good to see you, Ann")
    at.goto("/content")
    expect(at.page.get_by_role("region", name="What stands in it")).to_contain_text("sample")
    at.goto("/content/sample")
    expect(at.page.get_by_role("button", name="Take it away")).to_be_visible()


def test_a_window_that_was_closed_locks_nobody_out(empty: Server, stand: Callable[..., At]) -> None:
    """Whoever closed the window in between goes on with the same link, and founds nothing more."""
    begin = link(empty)
    assert begin is not None
    at = stand(empty)
    at.goto(begin)
    fill_in(at)
    at.page.get_by_role("button", name="Go on").click()
    expect(at.page.get_by_role("heading", level=1)).to_have_text("Create your passkey or password")
    again = stand(empty)
    again.goto(begin)
    expect(again.page.get_by_role("heading", level=1)).to_have_text(
        "Create your passkey or password"
    )
    again.page.get_by_label("Password").fill(PASSWORD)
    again.page.get_by_role("button", name="Choose this password").click()
    expect(again.page.get_by_role("status")).to_contain_text("Your password is set")
    assert "cfi_" not in again.page.url


def test_a_guessed_or_replaced_link_sets_up_nothing(
    empty: Server, stand: Callable[..., At], tmp_path: Path
) -> None:
    """Only what the last start printed counts; whatever else is shown founds nothing (S54)."""
    first = link(empty)
    assert first is not None
    with serving(tmp_path / "data") as later:
        assert link(later) not in {None, first}
        at = stand(later)
        for code in (first.partition("#")[2], "cfi_guess", json.dumps({"code": "x"})):
            at.goto("/begin")
            fill_in(at)
            at.page.get_by_label("What stands behind").fill(code)
            at.page.get_by_role("button", name="Go on").click()
            expect(at.page.get_by_role("alert")).to_contain_text("unknown, used or late")
        at.goto("/signin")
        expect(at.page.get_by_text("Nobody is here yet.")).to_be_visible()
