"""What a token was flagged for, in the reader's language.

A flag keeps its sentence as it was written, for the API and for mail. What stands in its places is
found again by the pattern that the sentence was made of, and said anew.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from types import MappingProxyType
from typing import Final

from counterfoil.gate.record.usage import Outcome
from counterfoil.kernel.sentence import Say
from counterfoil.tokens.steps.last_use import Used
from counterfoil.tokens.suspicion import Reason
from counterfoil.web.language import N_
from counterfoil.web.views.token_use import OUTCOMES

SENTENCES: Final = (
    N_("It was used from %(names)s, where it never came from before."),
    N_("It was used by %(names)s, which never used it before."),
    N_(
        "%(count)s requests were refused within an hour, most as %(outcome)s, and most of "
        "%(client)s from %(network)s."
    ),
    N_("Somebody who holds its secret reported it as leaked."),
    N_("It stood in the address of a request, where logs and histories keep it."),
)
"""What `tokens.flag` says of a token: a test holds the two together."""

MORE: Final = N_("%(names)s and %(count)s more")
_WORDS: Final = MappingProxyType({**OUTCOMES, Outcome.FORBIDDEN: N_("forbidden")})


DISMISSED: Final = N_("The flags are dismissed. Should it happen again, you are told again.")

REASONS: Final = MappingProxyType(
    {
        Reason.NEW_NETWORK: N_("A new network"),
        Reason.NEW_CLIENT: N_("A new client"),
        Reason.REFUSALS: N_("Many refusals"),
        Reason.LEAKED: N_("Leaked"),
    }
)


@dataclass(frozen=True, slots=True)
class FlagView:
    """A flag as it is read: why, what was seen, and when last."""

    reason: str
    detail: str
    last_at: datetime


def flag_views(used: Used, say: Say) -> list[FlagView]:
    """Return the flags of a token that nobody has dismissed, as they are read."""
    return [
        FlagView(say(REASONS[one.reason]), flag_said(one.detail, say), one.last_at)
        for one in used.flags
    ]


def flag_said(detail: str, say: Say) -> str:
    """Return the sentence of a flag in the reader's language; one that nobody knows, as it is."""
    return next((said for one in SENTENCES if (said := _retold(one, detail, say))), detail)


def _retold(sentence: str, detail: str, say: Say) -> str:
    found = _pattern(sentence).fullmatch(detail)
    if found is None:
        return ""
    return say(sentence) % {
        name: _part(name, said, say) for name, said in found.groupdict().items()
    }


def _part(name: str, said: str, say: Say) -> str:
    if name == "outcome":
        return say(_WORDS[Outcome(said)]) if said in _WORDS else said
    return (name == "names" and _retold(MORE, said, say)) or said


@cache
def _pattern(sentence: str) -> re.Pattern[str]:
    parts = re.split(r"%\((\w+)\)s", sentence)
    texts, names = map(re.escape, parts[::2]), [f"(?P<{name}>.+)" for name in parts[1::2]]
    return re.compile("".join(text + name for text, name in zip(texts, [*names, ""], strict=True)))
