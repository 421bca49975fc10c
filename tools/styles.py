"""The style sheet of the pages: every block is closed, and a page's rules stand in its own section.

The sheet has a section for what all pages share, up to `narrow`, and then one for each page. A rule
belongs to a page by the first class of its selector: where that was styled first is its home.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from tools.tracked import ROOT

SHEET = Path("src/counterfoil/web/static/app.css")
SHARED = "narrow"
"""The last section of what all pages share."""

PIECES = re.compile(r"/\*.*?\*/|\"[^\"]*\"|'[^']*'|[{}]|[^{}/\"']+|/", re.DOTALL)
SECTION = re.compile(r"/\* -- (.+?) -+ \*/")
CLASS = re.compile(r"\.([a-z][a-z0-9-]*)")


def complaints(text: str) -> Iterator[str]:
    """Name the first block that is not closed; else each rule in another page's section."""
    found = list(unclosed(text))
    yield from found or misplaced(text)


def pieces(text: str) -> Iterator[tuple[int, str]]:
    """Yield comments, strings, braces and what stands between them, each with its line."""
    line = 1
    for piece in PIECES.findall(text):
        yield line, piece
        line += piece.count("\n")


def unclosed(text: str) -> Iterator[str]:
    """Name where blocks and their ends do not go together, if they do not."""
    depth, line = 0, 1
    for line, piece in pieces(text):
        depth += (piece == "{") - (piece == "}")
        if depth < 0:
            yield f"{SHEET}:{line}: nothing is open here that could be closed"
            return
        if depth and SECTION.fullmatch(piece):
            yield f"{SHEET}:{line}: a block before this section is not closed"
            return
    if depth:
        yield f"{SHEET}:{line}: a block is not closed"


def misplaced(text: str) -> Iterator[str]:
    """Name the rules of one page that stand in the section of another."""
    homes: dict[str, str | None] = {}
    section, shared, selector = "", True, ""
    for line, piece in pieces(text):
        if found := SECTION.fullmatch(piece):
            shared = shared and section != SHARED
            section, selector = found[1], ""
        elif piece == "{":
            if name := CLASS.search(selector):
                home = homes.setdefault(name[1], None if shared else section)
                if home not in {None, section}:
                    yield f"{SHEET}:{line}: .{name[1]} belongs to the section {home!r}"
            selector = ""
        elif piece == "}":
            selector = ""
        elif not piece.startswith("/*"):
            selector = (selector + piece).rpartition(";")[2]


def main() -> int:
    """Print every complaint; 1 if there is any."""
    found = list(complaints((ROOT / SHEET).read_text()))
    print("\n".join(found) or "styles: in their places")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
