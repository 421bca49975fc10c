"""What people read of each other's words: nothing invisible, and nothing that reads backwards.

Whoever approves a token decides by its name and by what its owner says of it. Unicode has
characters that show nothing, and some that turn the order of what stands beside them.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_BLANK: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and a symbol, by their category, of which nothing is seen."""

_TURNING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""They embed, override and isolate a direction; the marks that Hebrew and Arabic need do not."""

_UNSEEN: Final = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0]")
"""Letters and marks of which nothing is ever seen, beside whatever they stand."""

_SELECTOR: Final = re.compile(
    "(.?)[\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef](?!\u20e3)", re.DOTALL
)
"""What chooses between two looks of the character before it, but of the digit on a key."""

_SCRIPTS: Final = ("CJK", "MONGOLIAN")
"""How the names of letters begin that may have several looks."""

_LINES: Final = frozenset("\n\r\t")


def is_name(text: str) -> bool:
    """Whether a text, on one line, is made of characters that can be seen, and spaces.

    So no name looks like another one by what it holds unseen.
    """
    chosen = all(_has_looks(before) for before in _SELECTOR.findall(text))
    return text.isprintable() and shows(text) and chosen and not _UNSEEN.search(text)


def is_prose(text: str) -> bool:
    """Whether a text, of any number of lines, is read in the order in which it stands."""
    return not any(
        char in _TURNING or (unicodedata.category(char) in {"Cc", "Cs"} and char not in _LINES)
        for char in text
    )


def shows(text: str) -> bool:
    """Whether anything of a text can be seen."""
    return any(char not in _BLANK and unicodedata.category(char)[0] not in "CZM" for char in text)


def _has_looks(char: str) -> bool:
    """Whether a character has more than one look: pictures, signs and some scripts have."""
    return bool(char) and (
        unicodedata.category(char)[0] in "SP" or unicodedata.name(char, "").startswith(_SCRIPTS)
    )
