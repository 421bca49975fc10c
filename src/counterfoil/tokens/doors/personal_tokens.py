"""Personal access tokens over HTTP."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any, Final

from msgspec import UNSET, UnsetType

from counterfoil.access.vocabulary import Vocabulary
from counterfoil.jsonapi.document import document, etag, page_document
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel import ids
from counterfoil.kernel.errors import Code, Invalid
from counterfoil.kernel.ids import Prefix, UserId
from counterfoil.operation import Work
from counterfoil.tokens.doors.shared import PAGE, shown, taken, token_id
from counterfoil.tokens.doors.wire import (
    NewPersonalAttributes,
    NewPersonalBody,
    PersonalAttributes,
    PersonalBody,
    same_id,
    wish_of,
)
from counterfoil.tokens.doors.wire_show import ONCE, show_offer, show_preview, show_token
from counterfoil.tokens.edit import edit
from counterfoil.tokens.model import State, Token
from counterfoil.tokens.preview import offer, preview_token
from counterfoil.tokens.renew import succeed
from counterfoil.tokens.request import request_token
from counterfoil.tokens.request_model import Request
from counterfoil.tokens.revoke import revoke, revoke_mine
from counterfoil.tokens.show import Seen, list_tokens
from counterfoil.tokens.show import show_token as find_token
from counterfoil.tokens.steps.issue import Requested
from counterfoil.tokens.switch import disable, enable
from counterfoil.tokens.wish import Wish

_PATH: Final = "/cma/personal_access_tokens"
_route = partial(Route, section="Personal Access Tokens")


def listed(asked: Asked) -> Answer:
    """Answer GET /cma/personal_access_tokens: one's own, or with `filter[owner]` others'."""
    wanted, owner, state = asked.query.page(), _owner(asked), _state(asked)
    with asked.read() as work:
        page = list_tokens(work, wanted, owner, state)
        words = work.vocabulary()
        data = [_show(work, words, seen.token, seen.request) for seen in page.items]
    kept = {
        name: value
        for name in ("filter[owner]", "filter[state]")
        if (value := asked.query.text(name)) is not None
    }
    return Answer(200, page_document(_PATH, page, wanted, data, kept))


def requested(asked: Asked) -> Answer:
    """Answer POST /cma/personal_access_tokens: 201 active, or 202 pending; the secret, once."""
    attributes = asked.struct(NewPersonalBody).data.attributes
    with asked.work() as work:
        made = request_token(work, _wish(attributes, work.vocabulary()))
        return _made(work, made)


def succeeded(asked: Asked) -> Answer:
    """Answer POST /cma/personal_access_tokens/{id}/successor."""
    given = asked.struct(NewPersonalBody).data.attributes if asked.raw.strip() else None
    with asked.work() as work:
        wish = Wish() if given is None else _wish(given, work.vocabulary())
        made = succeed(work, token_id(asked), wish)
        return _made(work, made)


def previewed(asked: Asked) -> Answer:
    """Answer POST /cma/personal_access_tokens/preview: what it could do, and nothing is made."""
    attributes = asked.struct(NewPersonalBody).data.attributes
    with asked.read() as work:
        words = work.vocabulary()
        preview = preview_token(work, _wish(attributes, words, name=attributes.name or "preview"))
    return Answer(200, document(show_preview(preview, words)))


def offered(asked: Asked) -> Answer:
    """Answer GET /cma/personal_access_tokens/options: the scopes and ends to choose from."""
    with asked.read() as work:
        found, words = offer(work), work.vocabulary()
    return Answer(200, document(show_offer(found, words)))


def found(asked: Asked) -> Answer:
    """Answer GET /cma/personal_access_tokens/{id}."""
    with asked.read() as work:
        seen: Seen = find_token(work, token_id(asked))
        body = _show(work, work.vocabulary(), seen.token, seen.request)
        return shown(body, seen.token.version)


def changed(asked: Asked) -> Answer:
    """Answer PATCH /cma/personal_access_tokens/{id}: 202 where wider bounds wait for approval."""
    id_, data, version = token_id(asked), asked.struct(PersonalBody).data, asked.if_match()
    same_id(data.id, id_)
    attributes = data.attributes
    if attributes == PersonalAttributes():
        raise Invalid(Code.INVALID_FIELD, "Nothing here is to change.", field="/data/attributes")
    token: Token | None = None
    request: Request | None = None
    with asked.work() as work:
        words = work.vocabulary()
        if attributes != PersonalAttributes(enabled=attributes.enabled):
            wish = wish_of(attributes, words, justification=attributes.justification)
            done = edit(work, id_, wish, version)
            token, request = done.token, done.request
        if attributes.enabled is not UNSET:
            token = (enable if attributes.enabled else disable)(work, id_)
        assert token is not None  # noqa: S101 - something was to change
        body = _show(work, words, token, request)
    answer = taken(body, token.version, work.position)
    return answer if request is None else replace(answer, status=202)


def revoked(asked: Asked) -> Answer:
    """Answer DELETE /cma/personal_access_tokens/{id}; again and again the same."""
    with asked.work() as work:
        token = revoke(work, token_id(asked))
        body = _show(work, work.vocabulary(), token)
    return taken(body, token.version, token.revoked_position or work.position)


def all_revoked(asked: Asked) -> Answer:
    """Answer POST /cma/personal_access_tokens/revoke_all: every one of one's own."""
    with asked.work() as work:
        tokens = revoke_mine(work)
        words = work.vocabulary()
        data = [_show(work, words, token) for token in tokens]
    meta = {"effective": "host", "position": work.position, "revoked": len(tokens)}
    return Answer(200, document(data, meta), position=work.position)


def _wish(
    attributes: NewPersonalAttributes,
    words: Vocabulary,
    **more: Any,  # noqa: ANN401 - as in Wish
) -> Wish:
    span: bool | UnsetType = UNSET
    if attributes.span is not UNSET:
        span = attributes.span == "all"
    return wish_of(attributes, words, justification=attributes.justification, span_all=span, **more)


def _made(work: Work, made: Requested) -> Answer:
    token = made.token
    body = show_token(
        token,
        work.caller.organization,
        work.now,
        work.vocabulary(),
        secret=made.secret,
        request=made.request,
    )
    headers = {"Location": f"{_PATH}/{token.id}", **etag(token.version)}
    if made.request is None:
        return Answer(201, document(body, ONCE), headers, secret=True)
    return Answer(202, document(body, {**ONCE, "approvers": made.approvers}), headers, secret=True)


def _show(
    work: Work, words: Vocabulary, token: Token, request: Request | None = None
) -> dict[str, Any]:
    more: dict[str, Any] | None = None
    if len(token.grants) > 1 and token.owner == work.caller.user:
        more = {
            "organizations": [
                {"id": str(grant.organization), "state": str(grant.standing)}
                for grant in token.grants
            ]
        }
    here = work.caller.organization
    return show_token(token, here, work.now, words, request=request, more=more)


def _owner(asked: Asked) -> UserId | None:
    text = asked.query.text("filter[owner]")
    if text is None or text == "me":
        return asked.caller.user
    return None if text == "all" else UserId(ids.read(Prefix.USER, text))


def _state(asked: Asked) -> State | None:
    text = asked.query.text("filter[state]")
    if text is not None and text not in set(State):
        raise Invalid(
            Code.INVALID_FIELD,
            f"The states are {', '.join(State)}.",
            meta={"parameter": "filter[state]"},
        )
    return None if text is None else State(text)


ROUTES: Final = (
    _route(
        "GET",
        _PATH,
        listed,
        "token.list",
        "List personal tokens: your own, or those of filter[owner] (an id, or `all`)",
        query=(*PAGE, "filter[owner]", "filter[state]"),
    ),
    _route(
        "POST",
        _PATH,
        requested,
        "token.request",
        "Request a personal token; the answer is the only one with its secret",
        takes=NewPersonalBody,
        gives={201: None, 202: None},
        idempotent=True,
    ),
    _route(
        "POST",
        f"{_PATH}/preview",
        previewed,
        "token.preview",
        "Say what a personal token could do, by the same rules, without making it",
        takes=NewPersonalBody,
    ),
    _route(
        "GET",
        f"{_PATH}/options",
        offered,
        "token.offer",
        "List the scopes and expirations that you may choose for a personal token",
    ),
    _route(
        "POST",
        f"{_PATH}/revoke_all",
        all_revoked,
        "token.revoke_mine",
        "Revoke all your personal tokens",
    ),
    _route("GET", f"{_PATH}/{{id}}", found, "token.show", "Show a personal token"),
    _route(
        "PATCH",
        f"{_PATH}/{{id}}",
        changed,
        "token.edit",
        "Change a personal token; what widens it may have to be approved",
        takes=PersonalBody,
        gives={200: None, 202: None},
    ),
    _route(
        "DELETE",
        f"{_PATH}/{{id}}",
        revoked,
        "token.revoke",
        "Revoke a personal token",
    ),
    _route(
        "POST",
        f"{_PATH}/{{id}}/successor",
        succeeded,
        "token.succeed",
        "Request a successor with the same settings",
        takes=NewPersonalBody,
        gives={201: None, 202: None},
        idempotent=True,
    ),
)
"""What the office serves of personal tokens."""
