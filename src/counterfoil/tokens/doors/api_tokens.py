"""API tokens and key-and-secret pairs over HTTP, with all that can be said of them."""

from __future__ import annotations

from functools import partial
from typing import Final

from counterfoil.access.vocabulary import Vocabulary
from counterfoil.jsonapi.given import One, Paged, etag, paged
from counterfoil.jsonapi.parameter import PAGING, id_in
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.errors import Code, Invalid
from counterfoil.kernel.ids import Prefix
from counterfoil.operation import Work
from counterfoil.secret import Secret
from counterfoil.tokens.api_token import create_api_token
from counterfoil.tokens.api_token_edit import edit_api_token, regenerate, revoke_api_token
from counterfoil.tokens.api_token_show import page_api_tokens, show_api_token
from counterfoil.tokens.doors.examples import API_TOKEN, NEW_API_TOKEN, NEW_PAIR, PAIR
from counterfoil.tokens.doors.shared import (
    DESCENDANTS,
    GRACE,
    cascade_of,
    grace_of,
    shown,
    taken,
    token_id,
)
from counterfoil.tokens.doors.wire import (
    ApiTokenBody,
    ApiTokenChange,
    lender_of,
    no_id,
    same_id,
    wish_of,
)
from counterfoil.tokens.doors.wire_token import (
    ApiToken,
    KeyPair,
    Lent,
    Revealed,
    revealed,
    show_lent,
)
from counterfoil.tokens.key_pair import (
    create_pair,
    edit_pair,
    list_pairs,
    revoke_pair,
    show_pair,
)
from counterfoil.tokens.model import Token
from counterfoil.tokens.steps.record import Issued
from counterfoil.tokens.wish import Wish

_API: Final = "/cma/api_tokens"
_PAIR: Final = "/cma/key_pairs"
_route = partial(Route, section="API tokens")
_pair_route = partial(Route, section="Key-and-secret pairs")


def listed(asked: Asked) -> Answer:
    """Answer GET /cma/api_tokens."""
    wanted = asked.query.page()
    with asked.read() as work:
        page = page_api_tokens(work, wanted)
        words = work.vocabulary()
        data = [_show(work, token, words) for token in page.items]
    return Answer(200, paged(_API, page, wanted, data))


def created(asked: Asked) -> Answer:
    """Answer POST /cma/api_tokens with the secret, once."""
    data = _new(asked, "api_token")
    with asked.work() as work:
        return _made(work, create_api_token(work, _wish(work, data)), _API)


def found(asked: Asked) -> Answer:
    """Answer GET /cma/api_tokens/{id}."""
    with asked.read() as work:
        token = show_api_token(work, token_id(asked))
        return shown(_show(work, token), token.version)


def changed(asked: Asked) -> Answer:
    """Answer PATCH /cma/api_tokens/{id}."""
    data = _change(asked, "api_token")
    with asked.work() as work:
        wish = _wish(work, data)
        token = edit_api_token(work, token_id(asked), wish, asked.if_match())
        body = _show(work, token)
    return taken(body, token.version, work.position)


def regenerated(asked: Asked) -> Answer:
    """Answer POST /cma/api_tokens/{id}/regenerate with the new secret, once."""
    with asked.work() as work:
        issued = regenerate(work, token_id(asked), grace_of(asked))
        body = _show(work, issued.token, secret=issued.secret)
    headers = etag(issued.token.version)
    return Answer(200, revealed(body), headers, position=work.position, secret=True)


def destroyed(asked: Asked) -> Answer:
    """Answer DELETE /cma/api_tokens/{id}; again and again the same."""
    with asked.work() as work:
        token = revoke_api_token(work, token_id(asked), cascade=cascade_of(asked))
        body = _show(work, token)
    return taken(body, token.version, token.revoked_position or work.position)


def pairs_listed(asked: Asked) -> Answer:
    """Answer GET /cma/key_pairs."""
    wanted = asked.query.page()
    with asked.read() as work:
        page = list_pairs(work, wanted)
        words = work.vocabulary()
        data = [_show(work, token, words) for token in page.items]
    return Answer(200, paged(_PAIR, page, wanted, data))


def pair_created(asked: Asked) -> Answer:
    """Answer POST /cma/key_pairs: the id is the key, the secret is shown once."""
    data = _new(asked, "key_pair")
    with asked.work() as work:
        return _made(work, create_pair(work, _wish(work, data)), _PAIR)


def pair_found(asked: Asked) -> Answer:
    """Answer GET /cma/key_pairs/{id}."""
    with asked.read() as work:
        token = show_pair(work, token_id(asked))
        return shown(_show(work, token), token.version)


def pair_renamed(asked: Asked) -> Answer:
    """Answer PATCH /cma/key_pairs/{id}: name, description, an earlier end."""
    data = _change(asked, "key_pair")
    with asked.work() as work:
        wish = _wish(work, data)
        if wish != Wish(name=wish.name, description=wish.description, expires_at=wish.expires_at):
            raise Invalid(
                Code.INVALID_FIELD,
                "A pair keeps its power: make another, and revoke this one.",
                field="/data/attributes",
            )
        token = edit_pair(work, token_id(asked), wish, asked.if_match())
        body = _show(work, token)
    return taken(body, token.version, work.position)


def pair_revoked(asked: Asked) -> Answer:
    """Answer DELETE /cma/key_pairs/{id}; again and again the same."""
    with asked.work() as work:
        token = revoke_pair(work, token_id(asked))
        body = _show(work, token)
    return taken(body, token.version, token.revoked_position or work.position)


def _new(asked: Asked, type_: str) -> ApiTokenChange:
    data = _read(asked, type_)
    no_id(data.id)
    return data


def _change(asked: Asked, type_: str) -> ApiTokenChange:
    data = _read(asked, type_)
    same_id(data.id, token_id(asked))
    return data


def _read(asked: Asked, type_: str) -> ApiTokenChange:
    data = asked.struct(ApiTokenBody).data
    if data.type != type_:
        raise Invalid(Code.INVALID_FIELD, f"Here a {type_} is written.", field="/data/type")
    return data


def _wish(work: Work, data: ApiTokenChange) -> Wish:
    return wish_of(
        data.attributes,
        work.vocabulary(),
        enabled=data.attributes.enabled,
        **lender_of(data.relationships),
    )


def _made(work: Work, issued: Issued, path: str) -> Answer:
    token = issued.token
    body = _show(work, token, secret=issued.secret)
    headers = {"Location": f"{path}/{token.id}", **etag(token.version)}
    return Answer(201, revealed(body), headers, secret=True)


def _show(
    work: Work, token: Token, words: Vocabulary | None = None, *, secret: Secret | None = None
) -> Lent:
    here = work.caller.organization
    return show_lent(token, here, work.now, words or work.vocabulary(), secret=secret)


_one = partial(_route, parts=(id_in("id", "The token.", Prefix.TOKEN),), gives={200: One[ApiToken]})
_one_pair = partial(
    _pair_route, parts=(id_in("id", "The pair.", Prefix.TOKEN),), gives={200: One[KeyPair]}
)

ROUTES: Final = (
    _route(
        "GET",
        _API,
        listed,
        "api_token.page",
        "List API tokens",
        gives={200: Paged[ApiToken]},
        query=PAGING,
    ),
    _route(
        "POST",
        _API,
        created,
        "api_token.create",
        "Make an API token",
        gives={201: Revealed[ApiToken]},
        takes=ApiTokenBody,
        example=NEW_API_TOKEN,
        idempotent=True,
    ),
    _one("GET", f"{_API}/{{id}}", found, "api_token.show", "Show an API token"),
    _one(
        "PATCH",
        f"{_API}/{{id}}",
        changed,
        "api_token.edit",
        "Change an API token",
        takes=ApiTokenBody,
        example=API_TOKEN,
        versioned=True,
    ),
    _one(
        "POST",
        f"{_API}/{{id}}/regenerate",
        regenerated,
        "api_token.regenerate",
        "Give an API token another secret",
        gives={200: Revealed[ApiToken]},
        query=(GRACE,),
    ),
    _one(
        "DELETE",
        f"{_API}/{{id}}",
        destroyed,
        "api_token.revoke",
        "Revoke an API token",
        query=(DESCENDANTS,),
    ),
    _pair_route(
        "GET",
        _PAIR,
        pairs_listed,
        "key_pair.list",
        "List pairs",
        gives={200: Paged[KeyPair]},
        query=PAGING,
    ),
    _pair_route(
        "POST",
        _PAIR,
        pair_created,
        "key_pair.create",
        "Make a pair",
        gives={201: Revealed[KeyPair]},
        takes=ApiTokenBody,
        example=NEW_PAIR,
        idempotent=True,
    ),
    _one_pair("GET", f"{_PAIR}/{{id}}", pair_found, "key_pair.show", "Show a pair"),
    _one_pair(
        "PATCH",
        f"{_PAIR}/{{id}}",
        pair_renamed,
        "key_pair.edit",
        "Rename a pair",
        takes=ApiTokenBody,
        example=PAIR,
        versioned=True,
    ),
    _one_pair(
        "DELETE",
        f"{_PAIR}/{{id}}",
        pair_revoked,
        "key_pair.revoke",
        "Revoke a pair and what was given for it",
    ),
)
"""What the office serves of API tokens and pairs."""
