"""The index of decisions is what there is."""

from __future__ import annotations

import re

from tools.tracked import ROOT

DECISIONS = ROOT / "docs" / "decisions"
ENTRY = re.compile(r"^([0-9]+)\. \[(.+)\]\((.+)\)$", re.MULTILINE)


def test_the_index_lists_each_decision() -> None:
    """Every page stands in the index, in order, by its own title; numbers may be missing."""
    index = ENTRY.findall((DECISIONS / "README.md").read_text())
    pages = sorted(DECISIONS.glob("[0-9]*.md"))[1:]
    assert [name for _, _, name in index] == [page.name for page in pages]
    titles = [page.read_text().partition("\n")[0] for page in pages]
    assert [f"# {number}. {title}" for number, title, _ in index] == titles
    assert [int(number) for number, _, _ in index] == [int(page.name[:4]) for page in pages]
