"""The pages of the documentation, by their path below `docs/`, and what each says of itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

INDEX: Final = "README.md"
TYPES: Final = MappingProxyType(
    {
        ".md": "text/markdown; charset=utf-8",
        ".json": "application/json",
        ".svg": "image/svg+xml",
        ".png": "image/png",
    }
)
"""What the documentation is made of."""

SHIPPED: Final = Path(__file__).parent / "docs"
"""Where a wheel brings it along."""
_WRITTEN: Final = Path(__file__).parents[3] / "docs"
"""Where a checkout has it."""

_TITLE: Final = re.compile(r"^# (.+)$", re.MULTILINE)
_LINK: Final = re.compile(r"\[([^]]*)\]\(([^)#\s]*)[^)]*\)")
_NO_SENTENCE: Final = ("|", "-", "*", "#", "<", "!", "`", ">", "1.")
_SENTENCE: Final = re.compile(r".+?[.:](?=\s|$)")


@dataclass(frozen=True, slots=True)
class Told:
    """A page by its path, what it is called, and its first sentence, which may be empty."""

    path: str
    title: str
    about: str


@cache
def files() -> Mapping[str, Path]:
    """Return every file of the documentation by its path; none where it was not brought along."""
    root = SHIPPED if SHIPPED.is_dir() else _WRITTEN
    found = (path for path in sorted(root.rglob("*")) if path.suffix in TYPES)
    return MappingProxyType({path.relative_to(root).as_posix(): path for path in found})


def told(folder: str) -> Iterator[Told]:
    """Yield the pages of a folder: as its index lists them, and then those that it does not."""
    index = f"{folder}/{INDEX}"
    if index not in files():
        return
    listed = (f"{folder}/{to}" for _, to in _LINK.findall(files()[index].read_text()))
    below = (path for path in files() if path.startswith(f"{folder}/") and path.endswith(".md"))
    for path in dict.fromkeys((*listed, *below)):
        if path in files() and path.endswith(".md") and path != index:
            yield _told(path)


def _told(path: str) -> Told:
    text = files()[path].read_text()
    title = _TITLE.search(text)
    rest = text[title.end() :] if title else ""
    return Told(path, _plain(title[1]) if title else path, _first_sentence(rest))


def _first_sentence(text: str) -> str:
    """Return the first sentence of the first paragraph that is one."""
    for block in text.split("\n\n"):
        line = " ".join(block.split())
        if line and not line.startswith(_NO_SENTENCE):
            said = _SENTENCE.match(plain := _plain(line))
            return said[0].rstrip(":") if said else plain
    return ""


def _plain(text: str) -> str:
    """Return what stands there without its links."""
    return _LINK.sub(r"\1", text)
