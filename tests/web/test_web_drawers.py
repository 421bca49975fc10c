"""What a page says that one would type instead: commands and requests that there are."""

from __future__ import annotations

import re
import shlex
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from counterfoil.app.routes import ROUTES
from counterfoil.cli.root import run
from counterfoil.web.page import Page
from infra.server import Server
from support.browse import signed_in
from support.raw_http import ask
from support.sample import Sample
from web.test_web_pages import SHOWN, address

WITHOUT = {
    "/again",
    "/password",
    "/reference/{section}",
    "/reference/{section}/{operation}",
    "/settings/security/authenticator",
    "/settings/security/passkeys/new",
}
"""Where no command serves: what is typed there a browser alone may have; each operation of the
reference shows examples of its own."""

_DRAWER = re.compile(r'<pre id="as-(cli|curl)"[^>]*>(.*?)</pre>', re.DOTALL)
_LINE = re.compile(r'<code class="command-line">(counterfoil .*?)</code>')


@pytest.mark.parametrize(
    "page",
    [one for one in SHOWN if not one.public and one.path not in WITHOUT],
    ids=lambda page: page.path,
)
def test_a_page_says_what_one_would_type(
    page: Page,
    house: Server,
    tokens: dict[str, str],
    seeded: Sample,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Each page has a command that there is, with its options, and a request to a route of ours."""
    cookie = f"Cookie: counterfoil={signed_in(house, seeded, 'Ann')['value']}"
    seen = ask(house.port, "GET", address(page, tokens), cookie, "Accept: text/html")
    assert seen.status == 200
    drawer = {kind: unescape(said) for kind, said in _DRAWER.findall(seen.body.decode())}
    assert drawer.keys() == {"cli", "curl"}
    for line in drawer["cli"].replace("\\\n", " ").splitlines():
        understood(line)
    capsys.readouterr()
    said = shlex.split(drawer["curl"])
    method = said[said.index("-X") + 1] if "-X" in said else "GET"
    assert is_route(method, url_in(said))


def test_what_stands_where_there_is_nothing_is_understood(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A command that stands beside the button of an empty page is one that there is."""
    here = Path("src/counterfoil/web")
    found = [
        unescape(line)
        for path in sorted(here.rglob("*.html"))
        for line in _LINE.findall(path.read_text())
    ]
    assert len(found) > 8
    for line in found:
        understood(re.sub(r"\{\{.*?\}\}", "1", line).partition(" < ")[0])
    capsys.readouterr()


def understood(line: str) -> None:
    """Fail unless our command line takes a line in, with all its options."""
    name, *words = shlex.split(line)
    assert name == "counterfoil"
    assert run([*words, "--help"]) == 0, line


def url_in(said: list[str]) -> str:
    """Return the address that a curl command asks for."""
    (found,) = [one for one in said if one.startswith("$COUNTERFOIL_URL")]
    return found


def is_route(method: str, url: str) -> bool:
    """Say whether there is a route at the address."""
    path = urlsplit(url.removeprefix("$COUNTERFOIL_URL")).path.split("/")
    return path == ["", "openapi.json"] or any(
        route.method == method and _fits(route.path.split("/"), path) for route in ROUTES
    )


def _fits(route: list[str], path: list[str]) -> bool:
    return len(route) == len(path) and all(
        one.startswith("{") or one == other for one, other in zip(route, path, strict=True)
    )
