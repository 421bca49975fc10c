"""A second way to find the route of a request: try all of them, and take the most exact that fits.

It imports nothing of `counterfoil.routing`, and builds no tree.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Final

WORD: Final = 0
ONE: Final = 1
REST: Final = 2

Way = tuple[tuple[int, str], ...]
"""A path as written: of each step what it is, and its word or its name."""


def way(path: str) -> Way:
    """Read a path that is known to be a good one."""
    return tuple(_kind(text) for text in path[1:].split("/"))


def best(ways: Sequence[Way], steps: Sequence[str]) -> Way | None:
    """Return the most exact of those that fit: from the left, word before one before rest."""
    fitting = [one for one in ways if _fits(one, steps)]
    return min(fitting, key=lambda one: [kind for kind, _ in one], default=None)


def found(taken: Way, steps: Sequence[str]) -> dict[str, str]:
    """Return what its parameters say."""
    said = {}
    for at, (kind, name) in enumerate(taken):
        if kind == ONE:
            said[name] = steps[at]
        elif kind == REST:
            said[name] = "/".join(steps[at:])
    return said


def is_nearly_listed(ways: Sequence[Way], steps: Sequence[str]) -> bool:
    """Whether a step that could be a listed word differs from it by what some do not heed."""
    return any(_misses(one, steps) for one in ways)


def passes_by(taken: Way, ways: Sequence[Way], steps: Sequence[str]) -> bool:
    """Whether a way has a parameter where another, until there the same, has nearly that word."""
    return any(
        kind != WORD and at < len(one) and _same(one[:at], taken[:at]) and _nearly(one[at], step)
        for one in ways
        for at, ((kind, _), step) in enumerate(zip(taken, steps, strict=False))
    )


def _kind(text: str) -> tuple[int, str]:
    if text.startswith("{"):
        return (REST, text[1:-4]) if text.endswith("...}") else (ONE, text[1:-1])
    return WORD, text


def _fits(one: Way, steps: Sequence[str]) -> bool:
    if len(steps) < len(one) or (len(steps) > len(one) and one[-1][0] != REST):
        return False
    return all(_fits_at(part, step) for part, step in zip(one, steps, strict=False))


def _fits_at(part: tuple[int, str], step: str) -> bool:
    kind, word = part
    if kind == WORD:
        return step == word
    return kind == REST or bool(step)


def _misses(one: Way, steps: Sequence[str]) -> bool:
    for part, step in zip(one, steps, strict=False):
        if _nearly(part, step):
            return True
        if not _fits_at(part, step):
            return False
    return False


def _nearly(part: tuple[int, str], step: str) -> bool:
    kind, word = part
    return kind == WORD and step != word and _loose(step) == _loose(word)


def _same(one: Way, other: Way) -> bool:
    """Whether two beginnings are the same for a request: names of parameters do not matter."""
    return all(
        kind == second and (kind != WORD or word == third)
        for (kind, word), (second, third) in zip(one, other, strict=True)
    )


def _loose(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()
