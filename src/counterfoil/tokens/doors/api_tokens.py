"""API tokens over HTTP, with all that can be said of them."""

from __future__ import annotations

from functools import partial
from typing import Final

from counterfoil.jsonapi import cursor, sparse
from counterfoil.jsonapi.given import One, etag
from counterfoil.jsonapi.parameter import PAGING, id_in
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.errors import Code
from counterfoil.kernel.ids import Prefix
from counterfoil.tokens.api_token import create_api_token
from counterfoil.tokens.api_token_edit import edit_api_token, regenerate, revoke_api_token
from counterfoil.tokens.api_token_show import page_api_tokens, show_api_token
from counterfoil.tokens.doors.examples import API_TOKEN, NEW_API_TOKEN
from counterfoil.tokens.doors.lent import change, described, described_all, made, newcomer, wanted
from counterfoil.tokens.doors.shared import (
    DESCENDANTS,
    EDITING,
    GRACE,
    MAKING,
    cascade_of,
    grace_of,
    shown,
    taken,
    token_id,
)
from counterfoil.tokens.doors.sought import SEEKING, STATES, order, sought
from counterfoil.tokens.doors.wire import (
    ApiTokenBody,
)
from counterfoil.tokens.doors.wire_token import ApiToken, Revealed, Turned, turned
from counterfoil.tokens.sought import NEWEST

_PATH: Final = "/cma/api_tokens"
_route = partial(Route, section="API tokens")


def listed(asked: Asked) -> Answer:
    """Answer GET /cma/api_tokens."""
    wanted = cursor.wanted(asked, _PATH)
    wish, by = sought(asked.query), order(asked.query, NEWEST)
    with asked.read() as work:
        page = page_api_tokens(work, wanted, wish, by)
        data = sparse.shown(asked.query, described_all(work, page.items), ApiToken)
    return Answer(200, cursor.paged(asked, _PATH, page, [*data]))


def created(asked: Asked) -> Answer:
    """Answer POST /cma/api_tokens with the secret, once."""
    data = newcomer(asked, "api_token")
    with asked.work() as work:
        return made(work, create_api_token(work, wanted(work, data)), _PATH)


def found(asked: Asked) -> Answer:
    """Answer GET /cma/api_tokens/{id}."""
    with asked.read() as work:
        token = show_api_token(work, token_id(asked))
        return shown(described(work, token), token.version)


def changed(asked: Asked) -> Answer:
    """Answer PATCH /cma/api_tokens/{id}."""
    data = change(asked, "api_token")
    with asked.work() as work:
        wish = wanted(work, data)
        token = edit_api_token(work, token_id(asked), wish, asked.if_match())
        body = described(work, token)
    return taken(body, token.version, work.position)


def regenerated(asked: Asked) -> Answer:
    """Answer POST /cma/api_tokens/{id}/regenerate with the new secret, once."""
    with asked.work() as work:
        issued = regenerate(work, token_id(asked), grace_of(asked))
        body = described(work, issued.token, secret=issued.secret)
    headers = etag(issued.token.version)
    return Answer(200, turned(body, work.position), headers, secret=True)


def destroyed(asked: Asked) -> Answer:
    """Answer DELETE /cma/api_tokens/{id}; again and again the same."""
    with asked.work() as work:
        token = revoke_api_token(work, token_id(asked), cascade=cascade_of(asked))
        body = described(work, token)
    return taken(body, token.version, token.revoked_position or work.position)


_one = partial(_route, parts=(id_in("id", "The token.", Prefix.TOKEN),), gives={200: One[ApiToken]})

ROUTES: Final = (
    _route(
        "GET",
        _PATH,
        listed,
        "api_token.page",
        "List API tokens",
        gives={200: sparse.page_of(ApiToken)},
        query=(*PAGING, STATES, *SEEKING, sparse.fields_of(ApiToken)),
    ),
    _route(
        "POST",
        _PATH,
        created,
        "api_token.create",
        "Make an API token",
        gives={201: Revealed[ApiToken]},
        takes=ApiTokenBody,
        example=NEW_API_TOKEN,
        idempotent=True,
        fails=MAKING,
    ),
    _one("GET", f"{_PATH}/{{id}}", found, "api_token.show", "Show an API token"),
    _one(
        "PATCH",
        f"{_PATH}/{{id}}",
        changed,
        "api_token.edit",
        "Change an API token",
        takes=ApiTokenBody,
        example=API_TOKEN,
        versioned=True,
        fails=(*EDITING, Code.NON_EDITABLE_ACCESS_TOKEN),
    ),
    _one(
        "POST",
        f"{_PATH}/{{id}}/regenerate",
        regenerated,
        "api_token.regenerate",
        "Give an API token another secret",
        idempotent=True,
        gives={200: Turned[ApiToken]},
        query=(GRACE,),
        fails=(Code.TOKEN_FINAL,),
    ),
    _one(
        "DELETE",
        f"{_PATH}/{{id}}",
        destroyed,
        "api_token.revoke",
        "Revoke an API token",
        query=(DESCENDANTS,),
    ),
)
"""What the office serves of API tokens."""
