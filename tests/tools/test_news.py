"""Fragments of the news, as `towncrier build` takes them in."""

from __future__ import annotations

import re

from tools.tracked import ROOT

_NAME = re.compile(r"([0-9]+|\+[a-z0-9_-]+)\.(security|added|changed|removed|fixed)\.md")


def test_each_names_an_issue_or_none() -> None:
    """A fragment is named by an issue's number, or by `+` and a word."""
    names = {one.name for one in (ROOT / "newsfragments").iterdir()} - {"README.md", ".gitignore"}
    assert [one for one in sorted(names) if not _NAME.fullmatch(one)] == []
