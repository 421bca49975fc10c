"""API tokens in DatoCMS's contract: `POST /access_tokens` and its sisters (D1, D5, D7, D15).

One door, mounted at several prefixes. `token` holds the secret in the answers that make one, and
null in all others; `hardcoded_type` is empty for tokens that somebody made.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from msgspec import UnsetType

from counterfoil.jsonapi.body import require_same_id
from counterfoil.jsonapi.datocms import DATOCMS
from counterfoil.jsonapi.effect import EFFECTIVE_HEADER, reached
from counterfoil.jsonapi.given import Many, Once, One
from counterfoil.jsonapi.parameter import Parameter, id_in
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.errors import Code, NotFound
from counterfoil.kernel.ids import Prefix
from counterfoil.operation import Work
from counterfoil.secret import Secret
from counterfoil.tokens.api_token import create_api_token
from counterfoil.tokens.api_token_edit import edit_api_token, regenerate, revoke_api_token
from counterfoil.tokens.api_token_show import list_api_tokens, show_api_token
from counterfoil.tokens.doors.examples import ACCESS_TOKEN, NEW_ACCESS_TOKEN
from counterfoil.tokens.doors.shared import (
    DESCENDANTS,
    EDITING,
    GRACE,
    MAKING,
    cascade_of,
    grace_of,
    token_id,
)
from counterfoil.tokens.doors.sought import SEEKING, order, sought
from counterfoil.tokens.doors.wire_datocms import (
    AccessTokenBody,
    AccessTokenShown,
    Attributes,
    Me,
    NewAccessTokenBody,
    PersonShown,
    RoleOf,
    role_of,
    show_access_token,
    show_created,
    show_user,
    surfaces_of,
)
from counterfoil.tokens.model import Token
from counterfoil.tokens.show import Holder, show_self
from counterfoil.tokens.sought import OLDEST
from counterfoil.tokens.steps.last_use import last_access
from counterfoil.tokens.wish import Wish


def listed(asked: Asked) -> Answer:
    """Answer GET /access_tokens: all of them, or all that are sought, without pages."""
    wish, by = sought(asked.query), order(asked.query, OLDEST)
    with asked.read() as work:
        tokens = list_api_tokens(work, wish, by)
        seen = last_access(work, [token.id for token in tokens])
        here = work.caller.organization
        data = [show_access_token(token, here, seen[token.id]) for token in tokens]
    return Answer(200, Many(data))


def created(asked: Asked) -> Answer:
    """Answer POST /access_tokens with 200 and exactly the members of the contract (D5, D7, D8)."""
    data = asked.struct(NewAccessTokenBody).data
    wish = _wish(data.attributes, data.relationships, inherit=True, enabled=True)
    with asked.work() as work:
        issued = create_api_token(work, wish)
        body = show_created(issued.token, work.caller.organization, issued.secret)
    return Answer(200, Once(body), secret=True)


def found(asked: Asked) -> Answer:
    """Answer GET /access_tokens/{id}."""
    with asked.read() as work:
        token = show_api_token(work, token_id(asked))
        return Answer(200, One(_show_one(work, token)))


def changed(asked: Asked) -> Answer:
    """Answer PUT /access_tokens/{id}."""
    id_, data = token_id(asked), asked.struct(AccessTokenBody).data
    require_same_id(data.id, Prefix.TOKEN, id_)
    wish = _wish(data.attributes, data.relationships)
    with asked.work() as work:
        token = edit_api_token(work, id_, wish, asked.if_match())
        body = _show_one(work, token)
    return Answer(200, One(body), _reach(asked, work))


def regenerated(asked: Asked) -> Answer:
    """Answer POST /access_tokens/{id}/regenerate_token with the new secret, once."""
    with asked.work() as work:
        issued = regenerate(work, token_id(asked), grace_of(asked))
        body = _show_one(work, issued.token, issued.secret)
    return Answer(200, One(body), _reach(asked, work), secret=True)


def destroyed(asked: Asked) -> Answer:
    """Answer DELETE /access_tokens/{id} with the token that is no more."""
    with asked.work() as work:
        token = revoke_api_token(work, token_id(asked), cascade=cascade_of(asked))
        body = _show_one(work, token)
    return Answer(200, One(body), _reach(asked, work))


def _reach(asked: Asked, work: Work) -> dict[str, str]:
    """Say where a change holds, in a header: the contract's body has no place for it."""
    return {EFFECTIVE_HEADER: reached(asked.office, work.position or 0)}


def me(asked: Asked) -> Answer:
    """Answer GET /users/me: the access token that asks, or the user in whose name it asks."""
    with asked.read() as work:
        holder = show_self(work)
        body = _me(work, holder)
    return Answer(200, Me(data=body))


def _me(work: Work, holder: Holder) -> AccessTokenShown | PersonShown:
    if holder.user is None and holder.token is not None:
        return _show_one(work, holder.token)
    if holder.user is None:
        raise NotFound
    return show_user(holder.user)


def _wish(flags: Attributes, lenders: RoleOf | UnsetType, **more: Any) -> Wish:  # noqa: ANN401 - as in Wish
    if not isinstance(lenders, UnsetType):
        more |= {"authority": "role", "subject": role_of(lenders)}
    return Wish(name=flags.name, surfaces=surfaces_of(flags), **more)


def _show_one(work: Work, token: Token, secret: Secret | None = None) -> AccessTokenShown:
    seen = last_access(work, [token.id])[token.id]
    return show_access_token(token, work.caller.organization, seen, secret)


_route = partial(Route, dialect=DATOCMS, section="API tokens in DatoCMS's contract")
_token = partial(
    _route,
    parts=(id_in("id", "The access token.", Prefix.TOKEN),),
    gives={200: One[AccessTokenShown]},
)
_change = partial(
    _token,
    handle=changed,
    operation="api_token.edit",
    summary="Change an access token",
    takes=AccessTokenBody,
    example=ACCESS_TOKEN,
    versioned=True,
    fails=(*EDITING, Code.NON_EDITABLE_ACCESS_TOKEN),
)
_HEIR: Final = tuple(
    Parameter(name, "Read for the vendor's clients; what the token made keeps its creator.")
    for name in ("destination_user_type", "destination_user_id")
)


def mounted(prefix: str) -> tuple[Route, ...]:
    """Return the routes of this door below a prefix, such as `/cma`."""
    path = f"{prefix}/access_tokens"
    one = f"{path}/{{id}}"
    every = {200: Many[AccessTokenShown]}
    return (
        _route(
            "GET", path, listed, "api_token.list", "List access tokens", gives=every, query=SEEKING
        ),
        _route(
            "POST",
            path,
            created,
            "api_token.create",
            "Make an access token",
            gives={200: Once[AccessTokenShown]},
            takes=NewAccessTokenBody,
            example=NEW_ACCESS_TOKEN,
            idempotent=True,
            fails=MAKING,
        ),
        _token("GET", one, found, "api_token.show", "Show an access token"),
        _change("PUT", one),
        _change("PATCH", one),
        _token(
            "DELETE",
            one,
            destroyed,
            "api_token.revoke",
            "Destroy an access token",
            query=(*_HEIR, DESCENDANTS),
        ),
        _token(
            "POST",
            f"{one}/regenerate_token",
            regenerated,
            "api_token.regenerate",
            "Give an access token another secret",
            gives={200: Once[AccessTokenShown]},
            query=(GRACE,),
            idempotent=True,
            fails=(Code.TOKEN_FINAL,),
        ),
        _route("GET", f"{prefix}/users/me", me, "token.show_self", "Who am I", gives={200: Me}),
    )


ROUTES: Final = (*mounted(""), *mounted("/cma"))
"""What the office serves in DatoCMS's contract."""
