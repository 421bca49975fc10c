"""API tokens in DatoCMS's contract: `POST /access_tokens` and its sisters (D1, D5, D7, D15).

One door, mounted at several prefixes. `token` holds the secret in the answers that make one, and
null in all others; `hardcoded_type` is empty for tokens that somebody made.
"""

from __future__ import annotations

from typing import Any, Final, Literal

from msgspec import UNSET, UnsetType

from counterfoil.access.surface import Surface, Surfaces
from counterfoil.jsonapi.body import Body
from counterfoil.jsonapi.datocms import DATOCMS
from counterfoil.jsonapi.document import document, resource, to_one
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel import ids
from counterfoil.kernel.errors import Code, Invalid, NotFound
from counterfoil.kernel.ids import Prefix
from counterfoil.operation import Work
from counterfoil.secret import Secret
from counterfoil.tokens.api_token import create_api_token
from counterfoil.tokens.api_token_edit import destroy, edit_api_token, regenerate
from counterfoil.tokens.api_token_show import list_api_tokens, show_api_token
from counterfoil.tokens.doors.api_tokens import cascade_of, grace_of
from counterfoil.tokens.doors.shared import token_id
from counterfoil.tokens.doors.wire import same_id
from counterfoil.tokens.model import State, Token
from counterfoil.tokens.show import Holder, show_self
from counterfoil.tokens.steps.last_seen import LastSeen, last_seen
from counterfoil.tokens.wish import Wish

_SECTION: Final = "API tokens in DatoCMS's contract"
_FLAGS: Final = {
    "can_access_cda": Surface.DELIVERY,
    "can_access_cda_preview": Surface.PREVIEW,
    "can_access_cma": Surface.MANAGEMENT,
}


class RoleName(Body, frozen=True):
    """A role by its id."""

    type: Literal["role"]
    id: str


class RoleLender(Body, frozen=True):
    """The role whose authority the token takes."""

    data: RoleName


class RoleOf(Body, frozen=True):
    """What an access token is related to."""

    role: RoleLender


class Attributes(Body, frozen=True):
    """An access token: every member is required, and the flags are booleans (D3)."""

    name: str
    can_access_cda: bool
    can_access_cda_preview: bool
    can_access_cma: bool


class NewAccessToken(Body, frozen=True):
    """An access token to be."""

    type: Literal["access_token"]
    attributes: Attributes
    relationships: RoleOf


class NewAccessTokenBody(Body, frozen=True):
    """The document that makes an access token."""

    data: NewAccessToken


class AccessToken(Body, frozen=True):
    """An access token as it shall be; without a role it keeps the one that it has."""

    type: Literal["access_token"]
    attributes: Attributes
    id: str | UnsetType = UNSET
    relationships: RoleOf | UnsetType = UNSET


class AccessTokenBody(Body, frozen=True):
    """The document that changes an access token."""

    data: AccessToken


def listed(asked: Asked) -> Answer:
    """Answer GET /access_tokens: all of them, without pages."""
    with asked.read() as work:
        tokens = list_api_tokens(work)
        seen = last_seen(work, [token.id for token in tokens])
        data = [_show(work, token, seen[token.id]) for token in tokens]
    return Answer(200, document(data))


def created(asked: Asked) -> Answer:
    """Answer POST /access_tokens with 200 and exactly the members of the contract (D5, D7, D8)."""
    data = asked.struct(NewAccessTokenBody).data
    wish = _wish(data.attributes, data.relationships, inherit=True, enabled=True)
    with asked.work() as work:
        issued = create_api_token(work, wish)
        attributes = {**_attributes(work, issued.token), "token": issued.secret.reveal()}
    body = resource("access_token", issued.token.id, attributes, _role_of(issued.token))
    return Answer(200, document(body), position=work.position, secret=True)


def found(asked: Asked) -> Answer:
    """Answer GET /access_tokens/{id}."""
    with asked.read() as work:
        token = show_api_token(work, token_id(asked))
        return Answer(200, document(_show_one(work, token)))


def changed(asked: Asked) -> Answer:
    """Answer PUT /access_tokens/{id}."""
    id_, data = token_id(asked), asked.struct(AccessTokenBody).data
    same_id(data.id, id_)
    wish = _wish(data.attributes, data.relationships)
    with asked.work() as work:
        token = edit_api_token(work, id_, wish, asked.if_match())
        body = _show_one(work, token)
    return Answer(200, document(body), position=work.position)


def regenerated(asked: Asked) -> Answer:
    """Answer POST /access_tokens/{id}/regenerate_token with the new secret, once."""
    with asked.work() as work:
        issued = regenerate(work, token_id(asked), grace_of(asked))
        body = _show_one(work, issued.token, issued.secret)
    return Answer(200, document(body), position=work.position, secret=True)


def destroyed(asked: Asked) -> Answer:
    """Answer DELETE /access_tokens/{id} with the token that is no more."""
    with asked.work() as work:
        token = destroy(work, token_id(asked), cascade=cascade_of(asked))
        body = _show_one(work, token)
    return Answer(200, document(body), position=token.revoked_position or work.position)


def me(asked: Asked) -> Answer:
    """Answer GET /users/me: the access token that asks, or the user in whose name it asks."""
    with asked.read() as work:
        holder = show_self(work)
        body = _me(work, holder)
    return Answer(200, document(body))


def _me(work: Work, holder: Holder) -> dict[str, Any]:
    if holder.user is None and holder.token is not None:
        return _show_one(work, holder.token)
    if holder.user is None:
        raise NotFound
    attributes = {
        "email": holder.user.email,
        "full_name": holder.user.name,
        "is_active": holder.user.active,
    }
    return resource("user", holder.user.id, attributes)


def _wish(flags: Attributes, lenders: RoleOf | UnsetType, **more: Any) -> Wish:  # noqa: ANN401 - as in Wish
    if not isinstance(lenders, UnsetType):
        more |= {"authority": "role", "subject": _role(lenders)}
    return Wish(name=flags.name, surfaces=_surfaces(flags), **more)


def _surfaces(flags: Attributes) -> Surfaces:
    return sum(surface.bit for name, surface in _FLAGS.items() if getattr(flags, name))


def _role(lenders: RoleOf) -> int:
    try:
        return ids.read(Prefix.ROLE, lenders.role.data.id)
    except NotFound:
        raise Invalid(
            Code.INVALID_FIELD,
            "There is no such role in this organization.",
            field="/data/relationships/role/data/id",
        ) from None


def _attributes(work: Work, token: Token) -> dict[str, Any]:
    held = token.grant_in(work.caller.organization).bounds.surfaces
    return {
        "name": token.name,
        "hardcoded_type": token.hardcoded_type or "",
        **{name: bool(held & surface.bit) for name, surface in _FLAGS.items()},
    }


def _role_of(token: Token) -> dict[str, Any]:
    return {"role": to_one("role", token.subject if token.authority == "role" else None)}


def _show_one(work: Work, token: Token, secret: Secret | None = None) -> dict[str, Any]:
    return _show(work, token, last_seen(work, [token.id])[token.id], secret)


def _show(work: Work, token: Token, seen: LastSeen, secret: Secret | None = None) -> dict[str, Any]:
    attributes = {
        **_attributes(work, token),
        "token": None if secret is None else secret.reveal(),
        "last_cma_access": seen.cma,
        "last_cda_access": seen.cda,
    }
    meta = {
        "enabled": token.state_in(work.caller.organization) is not State.DISABLED,
        "expires_at": token.expires_at,
        "token_hint": token.hint,
    }
    return resource("access_token", token.id, attributes, _role_of(token), meta)


def mounted(prefix: str) -> tuple[Route, ...]:
    """Return the routes of this door below a prefix, such as `/cma`."""
    path = f"{prefix}/access_tokens"
    one = f"{path}/{{id}}"
    common: dict[str, Any] = {"dialect": DATOCMS, "section": _SECTION}
    change = {**common, "takes": AccessTokenBody}
    gone = ("destination_user_type", "destination_user_id", "descendants")
    return (
        Route("GET", path, listed, "api_token.list", "List access tokens", **common),
        Route(
            "POST",
            path,
            created,
            "api_token.create",
            "Make an access token",
            takes=NewAccessTokenBody,
            idempotent=True,
            **common,
        ),
        Route("GET", one, found, "api_token.show", "Show an access token", **common),
        Route("PUT", one, changed, "api_token.edit", "Change an access token", **change),
        Route("PATCH", one, changed, "api_token.edit", "Change an access token", **change),
        Route(
            "DELETE",
            one,
            destroyed,
            "api_token.destroy",
            "Destroy an access token",
            query=gone,
            **common,
        ),
        Route(
            "POST",
            f"{one}/regenerate_token",
            regenerated,
            "api_token.regenerate",
            "Give an access token another secret",
            query=("grace",),
            **common,
        ),
        Route("GET", f"{prefix}/users/me", me, "token.show_self", "Who am I", **common),
    )


ROUTES: Final = (*mounted(""), *mounted("/cma"))
"""What the office serves in DatoCMS's contract."""
