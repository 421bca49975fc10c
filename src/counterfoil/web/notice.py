"""What a page has to say to the next one: in a sealed cookie for a minute, never in an address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import msgspec

from counterfoil.jsonapi import cursor
from counterfoil.jsonapi.route import Asked
from counterfoil.kernel.errors import Malformed
from counterfoil.web import crumbs

Tone = Literal["good", "warning", "bad", "neutral"]

_NAME: Final = "notice"
_LIFE_S: Final = 60
_CONTEXT: Final = "notice"
_CHARS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Notice:
    """One sentence, in the language of the page. No secret is ever in it.

    `proof` is the number of the entry in the audit trail that says what was done.
    """

    text: str
    tone: Tone = "good"
    proof: int | None = None


def given(asked: Asked, said: tuple[Notice, ...]) -> str:
    """Return the cookie that carries these."""
    short = [Notice(one.text[:_CHARS], one.tone, one.proof) for one in said]
    sealed = cursor.seal(asked.office.cursor_key, _CONTEXT, msgspec.json.encode(short))
    return crumbs.given(asked, _NAME, sealed, _LIFE_S)


def taken(asked: Asked) -> str:
    """Return what takes it away again."""
    return crumbs.given(asked, _NAME, "", 0)


def waiting(asked: Asked) -> tuple[Notice, ...]:
    """Return what the page before said; what nobody here sealed says nothing."""
    sealed = crumbs.read(asked, _NAME)
    if not sealed:
        return ()
    try:
        raw = cursor.unseal(asked.office.cursor_key, _CONTEXT, sealed)
        return msgspec.json.decode(raw, type=tuple[Notice, ...])
    except (Malformed, msgspec.DecodeError):
        return ()
