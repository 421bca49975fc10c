"""People at a real browser, and what they see."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from time import monotonic
from typing import Any, Final, Literal
from urllib.parse import urlencode

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import BrowserContext, Locator, Page, ViewportSize, expect

from infra.server import Server
from support.sample import Sample

ARTEFACTS = Path(__file__).parents[2] / ".artefacts"
"""Where screenshots are kept; in no commit."""

WIDE: ViewportSize = {"width": 1280, "height": 800}
NARROW: ViewportSize = {"width": 360, "height": 740}
_ALL = "axe.run({resultTypes: ['violations']}).then((found) => found.violations)"
"""What else axe finds is a megabyte for each page, and takes longer to hand over than to find."""
_OF_COLOURS = _ALL.replace("({", "({runOnly: ['color-contrast', 'link-in-text-block'], ")
_LOOKS: Final[tuple[tuple[Literal["light", "dark"], str], ...]] = (
    ("light", _ALL),
    ("dark", _OF_COLOURS),
)
"""In the dark a page has other colours, and nothing else is otherwise there."""
People = Callable[..., BrowserContext]
"""Gives a person a browser: by their name, and how it is; for nobody without a name."""
_PEOPLE = {"Ann": 0, "Ben": 1, "Rita": 2}


@dataclass(frozen=True)
class At:
    """One page of one person, at our server."""

    page: Page
    url: str

    def goto(self, path: str) -> Page:
        """Open a page of ours."""
        self.page.goto(f"{self.url}{path}")
        return self.page

    def shot(self, name: str, *, whole: bool = True) -> None:
        """Keep what the page looks like now; if not the whole of it, what the window shows.

        Of a whole page that was scrolled, what sticks to the window's edge would stand amid it.
        Where tests run in many processes, as all of them do, nobody looks: none is kept.
        """
        if whole:
            self.page.evaluate("scrollTo(0, 0)")
        if "PYTEST_XDIST_WORKER" in os.environ:
            return
        ARTEFACTS.mkdir(exist_ok=True)
        self.page.screenshot(path=ARTEFACTS / f"{name}.png", full_page=whole)

    def row(self, id_: str) -> Locator:
        """Return the row of a table that leads to this token, whatever others are called."""
        return self.page.locator("tbody tr").filter(
            has=self.page.locator(f"th a[href='/tokens/{id_}']")
        )

    def accessible(self) -> None:
        """Fail for whatever axe finds on the page as it is, in light and in dark (E-A11Y)."""
        self.page.evaluate(AXE_SCRIPT)
        for scheme, rules in _LOOKS:
            self.page.emulate_media(color_scheme=scheme)
            found = self.page.evaluate(rules)
            told = [(one["id"], one["nodes"][0]["html"][:200]) for one in found]
            assert not told, f"{self.page.url} in {scheme}: {told}"
        self.page.emulate_media(color_scheme="light")

    def fits(self) -> None:
        """Fail if anything stands beyond the right edge."""
        over = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert over <= 0, f"{self.page.url} is {over} px too wide"


def seen_in_time(at: At, what: Locator) -> None:
    """Load the page until this stands there: reads and refusals go on record within seconds."""
    until = monotonic() + 20
    while not what.count() and monotonic() < until:
        at.page.wait_for_timeout(200)
        at.page.reload()
    expect(what).to_be_visible()


def to_its_end(at: At) -> tuple[list[str], int]:
    """Turn the pages of a list; return where its lines lead, and how many it says there are."""
    seen: list[str] = []
    while True:
        seen += at.page.locator("tbody th a").evaluate_all("all => all.map((one) => one.href)")
        further = at.page.get_by_role("link", name="Further")
        if not further.count():
            break
        further.click()
        at.page.wait_for_load_state()
    return seen, int(at.page.locator(".pager span").inner_text().rpartition(" ")[2])


def password_of(seeded: Sample, name: str) -> tuple[str, str]:
    """Return what a person of the sample signs in with."""
    person = seeded.told["people"][_PEOPLE[name]]
    return person["email"], person["password"]


def signed_in(house: Server, seeded: Sample, name: str) -> Any:
    """Sign a person in, as a program does, and return the cookie."""
    email, password = password_of(seeded, name)
    line = HTTPConnection("127.0.0.1", house.port, timeout=30)
    try:
        form = urlencode({"email": email, "password": password})
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        line.request("POST", "/signin", form, headers)
        answer = line.getresponse()
        assert answer.status == 204, answer.read()
        told = re.match("counterfoil=([^;]+);", answer.headers["Set-Cookie"])
        assert told
        return {"name": "counterfoil", "value": told[1], "url": house.url}
    finally:
        line.close()
