"""What the doors of personal tokens share: how one is shown to whoever may see it."""

from __future__ import annotations

from collections.abc import Iterable

from counterfoil.access.vocabulary import Vocabulary
from counterfoil.operation import Work
from counterfoil.tokens.doors.used import with_use
from counterfoil.tokens.doors.wire_token import PersonalToken, show_personal
from counterfoil.tokens.model import Token
from counterfoil.tokens.request_model import Request
from counterfoil.tokens.show import Seen
from counterfoil.tokens.steps.last_use import Used, uses
from counterfoil.tokens.steps.told import tokens_told


def described(work: Work, token: Token, request: Request | None = None) -> PersonalToken:
    """Describe a token as the organization of the caller sees it."""
    (described,) = described_all(work, [Seen(token, request)])
    return described


def described_all(work: Work, seen: Iterable[Seen]) -> list[PersonalToken]:
    """Describe the tokens of a list."""
    asked = list(seen)
    told = tokens_told(work, [one.token for one in asked])
    several = [Seen(token, one.request) for token, one in zip(told, asked, strict=True)]
    used, words = uses(work, [one.token.id for one in several]), work.vocabulary()
    return [_described(work, one, used[one.token.id], words) for one in several]


def _described(work: Work, seen: Seen, used: Used, words: Vocabulary) -> PersonalToken:
    token = seen.token
    shown = show_personal(
        token,
        work.caller.organization,
        work.now,
        words,
        request=seen.request,
        spread=token.owner == work.caller.user,
    )
    return with_use(shown, used)
