"""Personal access tokens in Agility's contract: made by a person who signed in, by no token (G3).

The vendor publishes the path that creates; those that list, show and revoke are ours
(CONTRACT: dialects).
"""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from msgspec import UNSET, UnsetType, field

from counterfoil.dialects.agility.voice import AGILITY
from counterfoil.jsonapi.body import Body
from counterfoil.jsonapi.effect import EFFECTIVE_HEADER, reached
from counterfoil.jsonapi.given import Replayed
from counterfoil.jsonapi.parameter import OFFSET, id_in
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel import ids
from counterfoil.kernel.clock import read_instant
from counterfoil.kernel.errors import Code
from counterfoil.kernel.ids import Prefix, TokenId
from counterfoil.kernel.page import LARGEST, Wanted
from counterfoil.operation import Work
from counterfoil.secret import Secret
from counterfoil.tokens import Token, Wish
from counterfoil.tokens.doors.shared import MAKING
from counterfoil.tokens.doors.wire_token import state_at
from counterfoil.tokens.request import request_token
from counterfoil.tokens.revoke import revoke
from counterfoil.tokens.show import list_tokens, show_token

_PATH: Final = "/agility/api/v1/tokens"
_ONE: Final = f"{_PATH}/{{id}}"
_route = partial(Route, dialect=AGILITY, section="Agility tokens")


class NewToken(Body, frozen=True):
    """A personal token to be; without an expiry it has the policy's."""

    name: str = field(name="Name")
    expires_at: str | UnsetType | None = field(default=UNSET, name="ExpiryDate")


class AgilityToken(Body, frozen=True, rename="camel"):
    """A personal token; `token` is the secret in the answer that makes it, and null elsewhere."""

    id: int = field(name="tokenID")
    name: str
    expiry_date: str | None
    created_date: str
    state: str
    token: str | None = None


class NewAgilityToken(AgilityToken, frozen=True, rename="camel"):
    """A personal token that was made; `meta` is there if the request is repeated."""

    meta: Replayed | UnsetType = UNSET


def created(asked: Asked) -> Answer:
    """Answer POST /agility/api/v1/tokens/create with the secret, once."""
    body = asked.struct(NewToken)
    expiry = body.expires_at
    wish = Wish(
        body.name,
        expires_at=read_instant(expiry, "/ExpiryDate") if isinstance(expiry, str) else expiry,
    )
    with asked.work() as work:
        made = request_token(work, wish)
        described = _show(work, made.token, made.secret)
    return Answer(201, described, secret=True)


def listed(asked: Asked) -> Answer:
    """Answer GET /agility/api/v1/tokens: the caller's own, the newest first."""
    wanted = Wanted(LARGEST, None, asked.query.page().offset)
    with asked.read() as work:
        page = list_tokens(work, wanted, asked.caller.user)
        described = [_show(work, seen.token) for seen in page.items]
    return Answer(200, described)


def found(asked: Asked) -> Answer:
    """Answer GET /agility/api/v1/tokens/{id}."""
    with asked.read() as work:
        return Answer(200, _show(work, show_token(work, _id(asked)).token))


def revoked(asked: Asked) -> Answer:
    """Answer DELETE /agility/api/v1/tokens/{id}; again and again the same."""
    with asked.work() as work:
        described = _show(work, revoke(work, _id(asked)))
    reach = reached(asked.office, work.position or 0)
    return Answer(200, described, {EFFECTIVE_HEADER: reach})


def _id(asked: Asked) -> TokenId:
    return TokenId(ids.read(Prefix.TOKEN, asked.params["id"]))


def _show(work: Work, token: Token, secret: Secret | None = None) -> dict[str, Any]:
    return {
        "tokenID": token.id,
        "name": token.name,
        "expiryDate": token.expires_at,
        "createdDate": token.created_at,
        "state": state_at(token, work.caller.organization, work.now),
        "token": None if secret is None else secret.reveal(),
    }


_ID: Final = id_in("id", "The token.", Prefix.TOKEN)

ROUTES: Final = (
    _route(
        "POST",
        f"{_PATH}/create",
        created,
        "token.request",
        "Make a personal token",
        takes=NewToken,
        example={"Name": "my-ci-token", "ExpiryDate": None},
        gives={201: NewAgilityToken},
        idempotent=True,
        fails=(*MAKING, Code.TOKEN_QUOTA_EXCEEDED),
    ),
    _route(
        "GET",
        _PATH,
        listed,
        "token.list",
        "List one's own personal tokens",
        gives={200: list[AgilityToken]},
        query=(OFFSET,),
    ),
    _route(
        "GET",
        _ONE,
        found,
        "token.show",
        "Show a personal token",
        gives={200: AgilityToken},
        parts=(_ID,),
    ),
    _route(
        "DELETE",
        _ONE,
        revoked,
        "token.revoke",
        "Revoke a personal token",
        gives={200: AgilityToken},
        parts=(_ID,),
        fails=(Code.TOKEN_FINAL,),
    ),
)
