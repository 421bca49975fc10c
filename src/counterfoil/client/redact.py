"""Secrets do not print: whatever is shown to anybody passes through here first."""

from __future__ import annotations

import re
from typing import Final

from counterfoil.secret import ANYWHERE, hint, redacted

_BEARER: Final = re.compile(r"(?i)\b(bearer)\s+[^\s\"',;]+")


class Hidden(str):
    """A secret on its way: a string to what sends it, a hint to what prints a variable.

    So a traceback with its locals, a crash report or a debugger shows none (S9). It is no armour:
    what formats it with `str` gets the secret.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<Hidden {shown(self.removeprefix('Bearer '))}>"


def shown(text: str) -> str:
    """Return how a credential is named: `cfp_…9fQ2`, or that it does not look like a token."""
    return hint(text) if ANYWHERE.fullmatch(text) else "(not a Counterfoil token)"


def redact(text: str, *secrets: str) -> str:
    """Return the text with every token in it, and each of `secrets`, cut down to its hint."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, shown(secret))
    text = _BEARER.sub(r"\1 (redacted)", text)
    return redacted(text)
