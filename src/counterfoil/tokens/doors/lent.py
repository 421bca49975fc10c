"""What the doors of API tokens and of pairs share: both are lent somebody's authority."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from counterfoil.access.vocabulary import Vocabulary
from counterfoil.jsonapi.body import require_same_id
from counterfoil.jsonapi.given import etag
from counterfoil.jsonapi.route import Answer, Asked
from counterfoil.kernel.errors import Code, Invalid
from counterfoil.kernel.ids import Prefix, TokenId
from counterfoil.operation import Work
from counterfoil.secret import Secret
from counterfoil.tokens.doors.shared import (
    token_id,
)
from counterfoil.tokens.doors.used import with_use
from counterfoil.tokens.doors.wire import (
    ApiTokenBody,
    ApiTokenChange,
    lender_of,
    no_id,
    wish_of,
)
from counterfoil.tokens.doors.wire_token import (
    ApiToken,
    Lent,
    revealed,
    show_lent,
    warned_of_drafts,
)
from counterfoil.tokens.model import Token
from counterfoil.tokens.steps.authority import shows_drafts
from counterfoil.tokens.steps.last_use import Used, uses
from counterfoil.tokens.steps.record import Issued
from counterfoil.tokens.steps.told import tokens_told
from counterfoil.tokens.wish import Wish


def newcomer(asked: Asked, type_: str) -> ApiTokenChange:
    """Read what shall be made, which has no id yet."""
    data = _read(asked, type_)
    no_id(data.id)
    return data


def change(asked: Asked, type_: str) -> ApiTokenChange:
    """Read what shall change of the token in the address."""
    data = _read(asked, type_)
    require_same_id(data.id, Prefix.TOKEN, token_id(asked))
    return data


def _read(asked: Asked, type_: str) -> ApiTokenChange:
    data = asked.struct(ApiTokenBody).data
    if data.type != type_:
        raise Invalid(Code.INVALID_FIELD, f"Here a {type_} is written.", field="/data/type")
    return data


def wanted(work: Work, data: ApiTokenChange) -> Wish:
    """Return what a body asks for.

    Raises:
        Invalid: INVALID_FIELD if that is nothing.
    """
    wish = wish_of(
        data.attributes,
        work.vocabulary(),
        enabled=data.attributes.enabled,
        **lender_of(data.relationships),
    )
    if wish == Wish():
        raise Invalid(Code.INVALID_FIELD, "Nothing here is to change.", field="/data/attributes")
    return wish


def made(work: Work, issued: Issued, path: str) -> Answer:
    """Answer with a new token and its secret, once; it stands below this path."""
    token = issued.token
    body = described(work, token, secret=issued.secret)
    headers = {"Location": f"{path}/{token.id}", **etag(token.version)}
    return Answer(201, revealed(body), headers, secret=True)


def described(
    work: Work, token: Token, words: Vocabulary | None = None, *, secret: Secret | None = None
) -> Lent:
    """Describe a token as the organization of the caller sees it."""
    (told,) = tokens_told(work, [token])
    return _described(work, told, words, secret, uses(work, [token.id]))


def described_all(work: Work, tokens: Sequence[Token]) -> list[Lent]:
    """Describe the tokens of a list."""
    words, used = work.vocabulary(), uses(work, [token.id for token in tokens])
    return [_described(work, token, words, None, used) for token in tokens_told(work, tokens)]


def _described(
    work: Work,
    token: Token,
    words: Vocabulary | None,
    secret: Secret | None,
    used: Mapping[TokenId, Used],
) -> Lent:
    here = work.caller.organization
    shown = show_lent(token, here, work.now, words or work.vocabulary(), secret=secret)
    shown = with_use(shown, used[token.id])
    if isinstance(shown, ApiToken) and shows_drafts(work, token):
        return warned_of_drafts(shown)
    return shown
