"""Whether what came is what a page shows, where some things are never twice the same.

Ids, instants, hints of tokens and sample passwords differ from run to run. An id that a page shows
stands for one real id from its first appearance to the end of the page, so that a page can go on
with it as its reader would.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_VOLATILE: Final = re.compile(
    r"(?P<id>(?<!\d)[1-9]\d{15}(?!\d))"
    r"|(?P<instant>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)"
    r"|(?P<hint>\bcf[pskxor]_…[0-9A-Za-z]{4}\b)"
    r"|(?P<request>\b[0-9a-f]{32}\b)"
    r"|(?P<password>\b(?=[a-z]*\d)[2-9a-z]{16}\b)"
    r"|(?P<clock>\b(?:\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d\b)"
    r"|(?P<any>…)"
)
_FORM: Final = {
    "id": r"[1-9]\d{15}",
    "instant": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z",
    "hint": r"cf[pskxor]_…[0-9A-Za-z]{4}",
    "request": r"[0-9a-f]{32}",
    "password": r"[2-9a-z]{16}",
    "clock": r"(?:\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d",
    "any": r".*",
}
_ANY: Final = "…"


class Likeness:
    """What the page's ids stand for, and the addresses and names that differ in a test."""

    def __init__(self, real: dict[str, str]) -> None:
        self._real = real
        self._ids: dict[str, str] = {}

    def filled(self, command: str) -> str:
        """Return a command with what its ids, addresses and names stand for."""
        return self._named(re.sub(r"[1-9]\d{15}", lambda id_: self._id(id_[0]), command))

    def differs(self, shown: list[str], came: list[str]) -> str:
        """Return the shown line that did not come, or what came besides; empty if alike.

        Lines between two `…` come one after the other, at the first place where all of them fit.
        """
        seen = [" ".join(line.split()) for line in came if line.strip()]
        at, floats = 0, False
        for lines, ends in _pieces(shown):
            last = len(seen) - len(lines)
            first = last if ends and floats else at
            places = range(max(first, at), (last if floats else at) + 1)
            found = next((place for place in places if self._all_fit(lines, seen, place)), None)
            if found is None:
                return self._missing(lines, seen)
            at, floats = found + len(lines), True
        return "" if at == len(seen) else f"(nothing more, but came: {seen[at]})"

    def _missing(self, lines: list[str], seen: list[str]) -> str:
        ids = dict(self._ids)
        for line in lines:
            if not any(self._fits(line, one, ids) for one in seen):
                return line
        return f"(one after the other, at that place): {' / '.join(lines)}"

    def _all_fit(self, lines: list[str], seen: list[str], at: int) -> bool:
        """Say whether these lines stand at a place, and learn the ids in them if they do."""
        ids = dict(self._ids)
        there = seen[at : at + len(lines)]
        if len(there) < len(lines) or not all(map(self._fits, lines, there, [ids] * len(lines))):
            return False
        self._ids = ids
        return True

    def _fits(self, shown: str, came: str, ids: dict[str, str]) -> bool:
        """Say whether a line is as shown, and put the ids in it beside those that are known."""
        pattern, new, end = "", dict[str, str](), 0
        shown = self._named(shown)
        for part in _VOLATILE.finditer(shown):
            pattern += re.escape(shown[end : part.start()])
            end, text, kind = part.end(), part[0], str(part.lastgroup)
            if kind == "id" and text in ids:
                pattern += ids[text]
            elif kind == "id" and text in new:
                pattern += f"(?P={new[text]})"
            elif kind == "id":
                new[text] = f"id{len(new)}"
                pattern += f"(?P<{new[text]}>{_FORM[kind]})"
            else:
                pattern += _FORM[kind]
        found = re.fullmatch(pattern + re.escape(shown[end:]), came)
        if found is None:
            return False
        ids |= {text: found[name] for text, name in new.items()}
        return True

    def _named(self, text: str) -> str:
        for shown, real in self._real.items():
            text = text.replace(shown, real)
        return text

    def _id(self, shown: str) -> str:
        assert shown in self._ids, f"the page types {shown} before any answer has shown it"
        return self._ids[shown]


def _pieces(shown: list[str]) -> Iterator[tuple[list[str], bool]]:
    """Yield the runs of lines between `…`, and whether each is the last."""
    run: list[str] = []
    for line in (" ".join(line.split()) for line in shown if line.strip()):
        if line == _ANY:
            yield run, False
            run = []
        else:
            run.append(line)
    yield run, True
