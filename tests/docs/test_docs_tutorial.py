"""The tutorial: each command that it shows, and what it says will come."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs.likeness import Likeness
from docs.pages import ROOT, Typed, commands
from docs.reading import SHOWN_URL, Reader
from infra.demo import demonstrating

PAGE = "tutorial/README.md"


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
