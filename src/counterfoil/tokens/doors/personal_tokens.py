"""Personal access tokens over HTTP."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any, Final

from msgspec import UNSET, UnsetType

from counterfoil.access.vocabulary import Vocabulary
from counterfoil.jsonapi import cursor, sparse
from counterfoil.jsonapi.body import require_same_id
from counterfoil.jsonapi.given import Effect, Given, One, etag
from counterfoil.jsonapi.parameter import PAGING, TEXT, Parameter, id_in
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.errors import Code, Invalid
from counterfoil.kernel.ids import Prefix, TokenId, UserId
from counterfoil.operation import Work
from counterfoil.tokens.doors.examples import NEW_PERSONAL, PERSONAL
from counterfoil.tokens.doors.owned import described, described_all
from counterfoil.tokens.doors.shared import EDITING, MAKING, shown, taken, token_id, user_in
from counterfoil.tokens.doors.sought import SEEKING, STATES, order, sought
from counterfoil.tokens.doors.wire import (
    NewPersonalAttributes,
    NewPersonalBody,
    PersonalAttributes,
    PersonalBody,
    wish_of,
)
from counterfoil.tokens.doors.wire_show import TokenOptions, TokenPreview, show_offer, show_preview
from counterfoil.tokens.doors.wire_token import PersonalToken, Revealed, revealed, show_personal
from counterfoil.tokens.edit import edit
from counterfoil.tokens.preview import offer, preview_token
from counterfoil.tokens.renew import renew
from counterfoil.tokens.request import request_token
from counterfoil.tokens.revoke import revoke, revoke_mine
from counterfoil.tokens.show import Seen, list_tokens
from counterfoil.tokens.show import show_token as find_token
from counterfoil.tokens.sought import NEWEST
from counterfoil.tokens.steps.issue import Requested
from counterfoil.tokens.steps.requests import Edited
from counterfoil.tokens.switch import disable, enable
from counterfoil.tokens.wish import Wish

_PATH: Final = "/cma/personal_access_tokens"
_route = partial(Route, section="Personal Access Tokens")


class RevokedEffect(Effect, frozen=True):
    """How many tokens were revoked, and from where on."""

    revoked: int


class RevokedTokens(Given, frozen=True):
    """A document with the tokens that were revoked."""

    data: list[PersonalToken]
    meta: RevokedEffect


def listed(asked: Asked) -> Answer:
    """Answer GET /cma/personal_access_tokens: one's own, or with `filter[owner]` others'."""
    wanted, owner = cursor.wanted(asked, _PATH), _owner(asked)
    wish, by = sought(asked.query), order(asked.query, NEWEST)
    with asked.read() as work:
        page = list_tokens(work, wanted, owner, wish, by)
        data = sparse.shown(asked.query, described_all(work, page.items), PersonalToken)
    return Answer(200, cursor.paged(asked, _PATH, page, [*data]))


def requested(asked: Asked) -> Answer:
    """Answer POST /cma/personal_access_tokens: 201 active, or 202 pending; the secret, once."""
    attributes = asked.struct(NewPersonalBody).data.attributes
    with asked.work() as work:
        made = request_token(work, _wish(attributes, work.vocabulary()))
        return _made(work, made)


def renewed(asked: Asked) -> Answer:
    """Answer POST /cma/personal_access_tokens/{id}/successor."""
    given = asked.struct(NewPersonalBody).data.attributes if asked.raw.strip() else None
    with asked.work() as work:
        wish = Wish() if given is None else _wish(given, work.vocabulary())
        made = renew(work, token_id(asked), wish)
        return _made(work, made)


def previewed(asked: Asked) -> Answer:
    """Answer POST /cma/personal_access_tokens/preview: what it could do, and nothing is made."""
    attributes = asked.struct(NewPersonalBody).data.attributes
    with asked.read() as work:
        words = work.vocabulary()
        preview = preview_token(work, _wish(attributes, words, name=attributes.name or "preview"))
    return Answer(200, One(show_preview(preview, words)))


def offered(asked: Asked) -> Answer:
    """Answer GET /cma/personal_access_tokens/options: the scopes and ends to choose from."""
    with asked.read() as work:
        found, words = offer(work), work.vocabulary()
    return Answer(200, One(show_offer(found, words)))


def found(asked: Asked) -> Answer:
    """Answer GET /cma/personal_access_tokens/{id}."""
    with asked.read() as work:
        seen: Seen = find_token(work, token_id(asked))
        body = described(work, seen.token, seen.request)
        return shown(body, seen.token.version)


def changed(asked: Asked) -> Answer:
    """Answer PATCH /cma/personal_access_tokens/{id}: 202 where wider bounds wait for approval."""
    id_, data, version = token_id(asked), asked.struct(PersonalBody).data, asked.if_match()
    require_same_id(data.id, Prefix.TOKEN, id_)
    attributes = data.attributes
    if attributes == PersonalAttributes():
        raise Invalid(Code.INVALID_FIELD, "Nothing here is to change.", field="/data/attributes")
    with asked.work() as work:
        done = _changed(work, id_, attributes, version)
        body = described(work, done.token, done.request)
    answer = taken(body, done.token.version, work.position)
    return replace(answer, status=202) if done.waits else answer


def _changed(
    work: Work, id_: TokenId, attributes: PersonalAttributes, version: int | None
) -> Edited:
    """Edit, or switch off and on, or both: as one, by whoever may do each, of the version seen."""
    if isinstance(on := attributes.enabled, UnsetType):
        return _edited(work, id_, attributes, version)
    turn = enable if on else disable
    if attributes == PersonalAttributes(enabled=on):
        return turn(work, id_, version)
    done = _edited(work, id_, attributes, version)
    return replace(done, token=turn(work, id_).token)


def _edited(
    work: Work, id_: TokenId, attributes: PersonalAttributes, version: int | None
) -> Edited:
    wish = wish_of(attributes, work.vocabulary(), justification=attributes.justification)
    return edit(work, id_, wish, version)


def revoked(asked: Asked) -> Answer:
    """Answer DELETE /cma/personal_access_tokens/{id}; again and again the same."""
    with asked.work() as work:
        token = revoke(work, token_id(asked))
        body = described(work, token)
    return taken(body, token.version, token.revoked_position or work.position)


def all_revoked(asked: Asked) -> Answer:
    """Answer POST /cma/personal_access_tokens/revoke_all: every one of one's own."""
    with asked.work() as work:
        tokens = revoke_mine(work)
        data = described_all(work, (Seen(token, None) for token in tokens))
    effect = RevokedEffect(effective="host", position=work.position, revoked=len(tokens))
    return Answer(200, RevokedTokens(data=data, meta=effect))


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
    body = show_personal(
        token,
        work.caller.organization,
        work.now,
        work.vocabulary(),
        secret=made.secret,
        request=made.request,
    )
    headers = {"Location": f"{_PATH}/{token.id}", **etag(token.version)}
    if made.request is None:
        return Answer(201, revealed(body), headers, secret=True)
    return Answer(202, revealed(body, made.approvers), headers, secret=True)


def _owner(asked: Asked) -> UserId | None:
    text = asked.query.text("filter[owner]")
    if text is None or text == "me":
        return asked.caller.user
    return None if text == "all" else user_in(asked, "filter[owner]")


_OWNER: Final = Parameter(
    "filter[owner]",
    "Whose: `me`, which is the usual, a user's id, or `all` in the organization.",
    TEXT,
    "all",
)
_one = partial(
    _route,
    parts=(id_in("id", "The token.", Prefix.TOKEN),),
    gives={200: One[PersonalToken]},
)

ROUTES: Final = (
    _route(
        "GET",
        _PATH,
        listed,
        "token.list",
        "List personal tokens: your own, or those of filter[owner]",
        gives={200: sparse.page_of(PersonalToken)},
        query=(*PAGING, _OWNER, STATES, *SEEKING, sparse.fields_of(PersonalToken)),
    ),
    _route(
        "POST",
        _PATH,
        requested,
        "token.request",
        "Request a personal token; the answer is the only one with its secret",
        gives={201: Revealed[PersonalToken], 202: Revealed[PersonalToken]},
        takes=NewPersonalBody,
        example=NEW_PERSONAL,
        idempotent=True,
        fails=(*MAKING, Code.TOKEN_QUOTA_EXCEEDED),
    ),
    _route(
        "POST",
        f"{_PATH}/preview",
        previewed,
        "token.preview",
        "Say what a personal token could do, by the same rules, without making it",
        gives={200: One[TokenPreview]},
        takes=NewPersonalBody,
        example=NEW_PERSONAL,
        fails=MAKING,
    ),
    _route(
        "GET",
        f"{_PATH}/options",
        offered,
        "token.offer",
        "List the scopes and expirations that you may choose for a personal token",
        gives={200: One[TokenOptions]},
    ),
    _route(
        "POST",
        f"{_PATH}/revoke_all",
        all_revoked,
        "token.revoke_mine",
        "Revoke all your personal tokens",
        gives={200: RevokedTokens},
    ),
    _one("GET", f"{_PATH}/{{id}}", found, "token.show", "Show a personal token"),
    _one(
        "PATCH",
        f"{_PATH}/{{id}}",
        changed,
        "token.edit",
        "Change a personal token; what widens it may have to be approved",
        also=("token.disable", "token.enable"),
        gives={200: One[PersonalToken], 202: One[PersonalToken]},
        takes=PersonalBody,
        example=PERSONAL,
        versioned=True,
        fails=EDITING,
    ),
    _one(
        "DELETE",
        f"{_PATH}/{{id}}",
        revoked,
        "token.revoke",
        "Revoke a personal token, whatever version of it was seen",
        fails=(Code.TOKEN_FINAL,),
    ),
    _one(
        "POST",
        f"{_PATH}/{{id}}/successor",
        renewed,
        "token.renew",
        "Request a successor with the same settings, save for those that the body names",
        gives={201: Revealed[PersonalToken], 202: Revealed[PersonalToken]},
        takes=NewPersonalBody,
        example=NEW_PERSONAL,
        optional=True,
        idempotent=True,
        fails=(*MAKING, Code.TOKEN_QUOTA_EXCEEDED),
    ),
)
"""What the office serves of personal tokens."""
