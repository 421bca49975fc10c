"""Whether what came is what a page shows, where some things are never twice the same.

Ids, instants, hints of tokens and sample passwords differ from run to run. An id that a page shows
stands for one real id from its first appearance to the end of the page, so that a page can go on
with it as its reader would.
"""

from __future__ import annotations

import re
from typing import Final

_VOLATILE: Final = re.compile(
    r"(?P<id>(?<!\d)[1-9]\d{15}(?!\d))"
    r"|(?P<instant>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)"
    r"|(?P<hint>\bcf[pskxor]_…[0-9A-Za-z]{4}\b)"
    r"|(?P<request>\b[0-9a-f]{32}\b)"
    r"|(?P<password>\b(?=[a-z]*\d)[2-9a-z]{16}\b)"
    r"|(?P<clock>\b\d\d:\d\d:\d\d\b)"
    r"|(?P<any>…)"
)
_FORM: Final = {
    "id": r"[1-9]\d{15}",
    "instant": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z",
    "hint": r"cf[pskxor]_…[0-9A-Za-z]{4}",
    "request": r"[0-9a-f]{32}",
    "password": r"[2-9a-z]{16}",
    "clock": r"\d\d:\d\d:\d\d",
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
        """Return the first shown line that did not come, or what came beyond; empty if alike."""
        seen = [" ".join(line.split()) for line in came if line.strip()]
        at, skip = 0, False
        for line in (" ".join(line.split()) for line in shown if line.strip()):
            if line == _ANY:
                skip = True
                continue
            places = range(at, len(seen) if skip else min(at + 1, len(seen)))
            found = next((place for place in places if self._fits(line, seen[place])), None)
            if found is None:
                return line
            at, skip = found + 1, False
        return "" if skip or at == len(seen) else f"(nothing more, but came: {seen[at]})"

    def _fits(self, shown: str, came: str) -> bool:
        """Say whether a line is as shown, and learn the ids in it."""
        pattern, new, end = "", dict[str, str](), 0
        shown = self._named(shown)
        for part in _VOLATILE.finditer(shown):
            pattern += re.escape(shown[end : part.start()])
            end, text, kind = part.end(), part[0], str(part.lastgroup)
            if kind == "id" and text in self._ids:
                pattern += self._ids[text]
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
        self._ids |= {text: found[name] for text, name in new.items()}
        return True

    def _named(self, text: str) -> str:
        for shown, real in self._real.items():
            text = text.replace(shown, real)
        return text

    def _id(self, shown: str) -> str:
        assert shown in self._ids, f"the page types {shown} before any answer has shown it"
        return self._ids[shown]
