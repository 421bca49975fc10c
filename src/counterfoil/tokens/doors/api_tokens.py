"""API tokens and key-and-secret pairs over HTTP, with all that can be said of them."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any, Final

from counterfoil.access.vocabulary import Vocabulary
from counterfoil.jsonapi.document import document, etag, page_document
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.errors import Code, Invalid
from counterfoil.operation import Work
from counterfoil.secret import Secret
from counterfoil.tokens.api_token import create_api_token
from counterfoil.tokens.api_token_edit import LONGEST_GRACE, destroy, edit_api_token, regenerate
from counterfoil.tokens.api_token_show import page_api_tokens, show_api_token
from counterfoil.tokens.doors.shared import PAGE, shown, taken, token_id
from counterfoil.tokens.doors.wire import ApiToken, ApiTokenBody, lender_of, no_id, same_id, wish_of
from counterfoil.tokens.doors.wire_show import ONCE, show_token
from counterfoil.tokens.key_pair import (
    create_pair,
    list_pairs,
    rename_pair,
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
    return Answer(200, page_document(_API, page, wanted, data))


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
    return Answer(200, document(body, ONCE), headers, position=work.position, secret=True)


def destroyed(asked: Asked) -> Answer:
    """Answer DELETE /cma/api_tokens/{id}; again and again the same."""
    with asked.work() as work:
        token = destroy(work, token_id(asked), cascade=cascade_of(asked))
        body = _show(work, token)
    return taken(body, token.version, token.revoked_position or work.position)


def grace_of(asked: Asked) -> timedelta:
    """Return how long the former secret goes on working: `?grace=` in seconds."""
    longest = int(LONGEST_GRACE.total_seconds())
    return timedelta(seconds=asked.query.integer("grace", 0, longest) or 0)


def cascade_of(asked: Asked) -> bool | None:
    """Return whether what the token minted goes too: `?descendants=keep|revoke`; None by policy."""
    text = asked.query.text("descendants")
    if text not in {None, "keep", "revoke"}:
        raise Invalid(
            Code.INVALID_FIELD,
            "descendants is keep or revoke.",
            meta={"parameter": "descendants"},
        )
    return None if text is None else text == "revoke"


def pairs_listed(asked: Asked) -> Answer:
    """Answer GET /cma/key_pairs."""
    wanted = asked.query.page()
    with asked.read() as work:
        page = list_pairs(work, wanted)
        words = work.vocabulary()
        data = [_show(work, token, words) for token in page.items]
    return Answer(200, page_document(_PAIR, page, wanted, data))


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
        token = rename_pair(work, token_id(asked), wish, asked.if_match())
        body = _show(work, token)
    return taken(body, token.version, work.position)


def pair_revoked(asked: Asked) -> Answer:
    """Answer DELETE /cma/key_pairs/{id}; again and again the same."""
    with asked.work() as work:
        token = revoke_pair(work, token_id(asked))
        body = _show(work, token)
    return taken(body, token.version, token.revoked_position or work.position)


def _new(asked: Asked, type_: str) -> ApiToken:
    data = _read(asked, type_)
    no_id(data.id)
    return data


def _change(asked: Asked, type_: str) -> ApiToken:
    data = _read(asked, type_)
    same_id(data.id, token_id(asked))
    return data


def _read(asked: Asked, type_: str) -> ApiToken:
    data = asked.struct(ApiTokenBody).data
    if data.type != type_:
        raise Invalid(Code.INVALID_FIELD, f"Here a {type_} is written.", field="/data/type")
    return data


def _wish(work: Work, data: ApiToken) -> Wish:
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
    return Answer(201, document(body, ONCE), headers, secret=True)


def _show(
    work: Work, token: Token, words: Vocabulary | None = None, *, secret: Secret | None = None
) -> dict[str, Any]:
    here = work.caller.organization
    return show_token(token, here, work.now, words or work.vocabulary(), secret=secret)


ROUTES: Final = (
    _route(
        "GET",
        _API,
        listed,
        "api_token.page",
        "List API tokens",
        query=PAGE,
    ),
    _route(
        "POST",
        _API,
        created,
        "api_token.create",
        "Make an API token",
        takes=ApiTokenBody,
        gives={201: None},
        idempotent=True,
    ),
    _route("GET", f"{_API}/{{id}}", found, "api_token.show", "Show an API token"),
    _route(
        "PATCH",
        f"{_API}/{{id}}",
        changed,
        "api_token.edit",
        "Change an API token",
        takes=ApiTokenBody,
    ),
    _route(
        "POST",
        f"{_API}/{{id}}/regenerate",
        regenerated,
        "api_token.regenerate",
        "Give an API token another secret",
        query=("grace",),
    ),
    _route(
        "DELETE",
        f"{_API}/{{id}}",
        destroyed,
        "api_token.destroy",
        "Revoke an API token",
        query=("descendants",),
    ),
    _pair_route("GET", _PAIR, pairs_listed, "key_pair.list", "List pairs", query=PAGE),
    _pair_route(
        "POST",
        _PAIR,
        pair_created,
        "key_pair.create",
        "Make a pair",
        takes=ApiTokenBody,
        gives={201: None},
        idempotent=True,
    ),
    _pair_route("GET", f"{_PAIR}/{{id}}", pair_found, "key_pair.show", "Show a pair"),
    _pair_route(
        "PATCH",
        f"{_PAIR}/{{id}}",
        pair_renamed,
        "key_pair.rename",
        "Rename a pair",
        takes=ApiTokenBody,
    ),
    _pair_route(
        "DELETE",
        f"{_PAIR}/{{id}}",
        pair_revoked,
        "key_pair.revoke",
        "Revoke a pair and what was given for it",
    ),
)
"""What the office serves of API tokens and pairs."""
