"""The tutorial: each command that it shows, and what it says will come."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from docs.likeness import Likeness
from docs.pages import ROOT, Typed, commands
from docs.reading import SHOWN_URL, Reader
from infra.demo import demonstrating
from infra.wait import free_port

PAGE = "tutorial/README.md"
FOUR = "tutorial/four-commands.md"
MISTAKES = "## Each mistake on the way"
CLOSED = "http://localhost:8409"
"""Where the page has nobody listen."""


def first_block(page: str) -> Typed:
    return next(one for one in commands(page, "ben") if one.command == "make demo")


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_tutorial_is_true(tmp_path: Path) -> None:
    """Every command of the tutorial ends and answers as it says, from `make demo` on (A7, A9)."""
    with demonstrating(tmp_path) as demo:
        shown = first_block((ROOT / "docs" / PAGE).read_text()).shown
        lines = demo.said.splitlines()
        assert not Likeness({SHOWN_URL: demo.url}).differs(shown, lines), demo.said
        people = {name.lower(): person for name, person in demo.people.items()}
        reader = Reader(tmp_path, demo.url, people=people, done=("make demo",))
        assert reader.read(PAGE) > 20


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_four_commands_lead_to_schemas(tmp_path: Path) -> None:
    """From an empty home four commands lead to files of schemas; each mistake is told (A16, A19).

    What the page shows of each mistake is what comes, with the exit code that it says.
    """
    page = (ROOT / "docs" / FOUR).read_text()
    way, _, _ = page.partition(MISTAKES)
    assert len(list(commands(way, "ann"))) == 4
    with demonstrating(tmp_path) as demo:
        lines, shown = demo.said.splitlines(), first_block(page).shown
        assert not Likeness({SHOWN_URL: demo.url}).differs(shown, lines), demo.said
        people = {name.lower(): person for name, person in demo.people.items()}
        reader = Reader(
            tmp_path, demo.url, first="ann", people=people, done=("make demo",),
            real={CLOSED: f"http://localhost:{free_port()}"},
        )  # fmt: skip
        assert reader.read(FOUR) > 12
    written = tmp_path / "schemas" / "schemas" / "article-schema.json"
    assert json.loads(written.read_text())["title"] == "Article"
    codes = {one.code for one in commands(page, "ann")} - {None}
    assert codes == {2, 3, 4, 5, 6}
