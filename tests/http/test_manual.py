"""What a server tells of itself to whoever reads: `/llms.txt`, and its documentation."""

from __future__ import annotations

import re
import tomllib
from posixpath import join, normpath
from typing import Final

import pytest
from werkzeug.test import Client, TestResponse

from counterfoil.app.routes import PROGRAMS
from counterfoil.manual import pages
from support.inside import Inside
from tools.tracked import ROOT

DOCS: Final = ROOT / "docs"
LINK: Final = re.compile(r"\]\(([^)#\s]+)")
PLAIN: Final = "text/plain; charset=utf-8"
MARKDOWN: Final = "text/markdown; charset=utf-8"


def ask(house: Inside, path: str) -> TestResponse:
    return Client(house.app.wsgi).get(path)


def fetched(house: Inside, path: str) -> str:
    answer = ask(house, path)
    assert answer.status_code == 200, path
    return answer.text


def test_a_program_begins_at_llms_txt(house: Inside) -> None:
    """It has the form of llmstxt.org: a title, a sentence in a quotation, sections of links."""
    answer = ask(house, "/llms.txt")
    assert (answer.status_code, answer.headers["content-type"]) == (200, PLAIN)
    title, _, quoted, _, *rest = answer.text.splitlines()
    assert title == "# Counterfoil"
    assert quoted.startswith("> ")
    headings = [line for line in rest if line.startswith("#")]
    assert all(line.startswith("## ") for line in headings)
    assert headings[-1] == "## Optional"
    listed = rest[rest.index(headings[0]) :]
    links = [line for line in listed if line and line not in headings]
    assert all(re.fullmatch(r"- \[[^]]+\]\(http[^)\s]+\)(: .+)?", line) for line in links)
    assert len(links) == len(set(links))


def test_whatever_llms_txt_names_is_there(house: Inside) -> None:
    """Each address in it is one of this server, and answers whoever has no token."""
    addresses = LINK.findall(fetched(house, "/llms.txt"))
    assert len(addresses) > 100
    for address in addresses:
        path = "/" + address.split("/", 3)[3]
        answer = ask(house, path)
        assert answer.status_code in {200, 303}, address
        assert len(answer.data) > 10 or answer.status_code == 303, address


def test_llms_txt_is_made_of_what_there_is(house: Inside) -> None:
    """Every page of the documentation stands in it, and every address that is open to all."""
    text = fetched(house, "/llms.txt")
    for path in DOCS.glob("*/*.md"):
        if path.name != pages.INDEX:
            assert f"/docs/{path.relative_to(DOCS).as_posix()})" in text, path
    for route in PROGRAMS:
        if route.open and route.method == "GET" and "{" not in route.path:
            needs = bool(route.fails) or any(one.required for one in route.query)
            assert (f"{route.path})" in text) is not needs, route.path
    assert "(http://localhost/openapi.json)" in text
    assert "[Give a CI job a token](http://localhost/docs/how-to/ci-token.md): A job is" in text


def test_each_page_is_served_as_it_was_written(house: Inside) -> None:
    """A page is Markdown, byte by byte; its pictures and its links to other pages are there too."""
    assert len(pages.files()) > 100
    for name, file in pages.files().items():
        answer = ask(house, f"/docs/{name}")
        assert answer.data == file.read_bytes(), name
        if not name.endswith(".md"):
            continue
        assert answer.headers["content-type"] == MARKDOWN
        for link in LINK.findall(re.sub(r"```.*?```", "", answer.text, flags=re.DOTALL)):
            to = normpath(join("/docs", name, "..", link))
            if "://" not in link and to.startswith("/docs/") and "." in to:
                assert to.removeprefix("/docs/") in pages.files(), f"{name} leads to {link}"


def test_the_documentation_has_a_beginning(house: Inside) -> None:
    """`/docs` leads to its index, so that what the index links to is found from there."""
    answer = ask(house, "/docs")
    assert (answer.status_code, answer.headers["location"]) == (303, "/docs/README.md")


@pytest.mark.parametrize(
    "path",
    ["nope.md", "how-to/nope.md", "how-to", "how-to/..", "how-to/%2e%2e%2f%2e%2e%2fpyproject.toml",
     "..%2fpyproject.toml", "how-to/ci-token.md%00", "%2fetc%2fpasswd", "how-to/%ff"],
)  # fmt: skip
def test_nothing_but_the_documentation_is_served(house: Inside, path: str) -> None:
    """An address that names no page, or would lead out of the documentation, finds nothing."""
    assert ask(house, f"/docs/{path}").status_code in {400, 404}


def test_a_wheel_brings_the_documentation_along() -> None:
    """Whoever installs a wheel has the pages: they lie where the server looks for them first."""
    said = tomllib.loads((ROOT / "pyproject.toml").read_text())
    brought = said["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert (ROOT / "src" / brought["docs"]) == pages.SHIPPED


def test_a_wheel_without_documentation_still_begins(
    house: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the pages were not brought along, `/llms.txt` tells of the server alone."""
    monkeypatch.setattr(pages, "files", dict)
    text = fetched(house, "/llms.txt")
    assert "## The server itself" in text
    assert "## Optional" not in text
    assert ask(house, "/docs/README.md").status_code == 404
