"""Forms that browsers send which run no script, and which form of which page an address is."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from playwright.sync_api import Response, Route, expect

from counterfoil.web.pages import PAGES
from infra.server import Server
from support.browse import At
from support.sample import Sample


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path)))


SENT = {page.path: _pattern(page.path) for page in PAGES if page.method == "POST"}
"""Where forms go, each path of a page with the addresses that it stands for."""


@dataclass
class Stage:
    """An installation, people at browsers that run no script, and where their forms went."""

    browse: Callable[..., At]
    own: Path
    house: Server
    seeded: Sample
    tokens: dict[str, str]
    empty: Path
    sent: set[str] = field(default_factory=set)

    def at(self, name: str | None = None) -> At:
        """Open a browser for somebody of the sample, or for nobody."""
        at: At = self.browse(name, java_script_enabled=False)
        at.page.on("response", self._keep)
        return at

    def _keep(self, seen: Response) -> None:
        if seen.request.method == "POST" and seen.status < 400:
            path = urlsplit(seen.url).path
            self.sent |= {form for form, one in SENT.items() if one.fullmatch(path)}


def press(at: At, name: str) -> None:
    """Press the button of this name."""
    at.page.get_by_role("button", name=name, exact=True).click()


def told(at: At, said: str) -> None:
    """Fail unless the page says so."""
    expect(at.page.get_by_role("status").first).to_contain_text(said)


def sent_by_a_device(house: Server, path: str, **fields: str) -> tuple[int, Any]:
    """Send a form as a client without a browser does; return status and answer."""
    line = HTTPConnection("127.0.0.1", house.port, timeout=30)
    try:
        form = urlencode({"client_id": "counterfoil-cli", **fields})
        line.request("POST", path, form, {"Content-Type": "application/x-www-form-urlencoded"})
        answer = line.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        line.close()


def agree_at_provider(at: At) -> None:
    """Say at the provider who one is, and that we may know it."""
    at.page.locator("[name=login]").fill("ben")
    at.page.locator("[name=password]").fill("any")
    at.page.locator("[type=submit]").click()
    expect(at.page.locator("[name=prompt]")).to_have_value("consent")
    at.page.locator("[type=submit]").click()


def only_from_here(route: Route) -> None:
    """Let a page load nothing from beyond this machine: the provider's would fetch a typeface."""
    if re.match("http://(127.0.0.1|localhost):", route.request.url):
        route.continue_()
    else:
        route.abort()
