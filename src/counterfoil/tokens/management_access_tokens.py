"""API tokens in DatoCMS's contract: `POST /access_tokens` and its sisters (D1–D15, WIRE).

One door, mounted at several prefixes. `token` holds the secret in the answers that make one, and null
in all others; `hardcoded_type` is empty for tokens that somebody made.
"""

from __future__ import annotations

from typing import Any, Final, Literal

from msgspec import UNSET, UnsetType

from counterfoil.access.surface import Surface, Surfaces
from counterfoil.jsonapi.body import Body
from counterfoil.jsonapi.document import document, resource, to_one
from counterfoil.jsonapi.route import Answer, Asked, Dialect, Route
from counterfoil.kernel import ids
from counterfoil.kernel.errors import Code, Invalid, NotFound
from counterfoil.kernel.ids import Prefix
from counterfoil.operation import Office, Work
from counterfoil.secret import Secret
from counterfoil.tokens.api_token import create_api_token
from counterfoil.tokens.api_token_change import destroy, edit_api_token, regenerate
from counterfoil.tokens.api_token_show import list_api_tokens, show_api_token
from counterfoil.tokens.door import known, token_id
from counterfoil.tokens.instants import spell_instant
from counterfoil.tokens.last_seen import LastSeen, last_seen
from counterfoil.tokens.management_api_tokens import cascade_of, grace_of
from counterfoil.tokens.model import State, Token
from counterfoil.tokens.show import Holder, show_self
from counterfoil.tokens.wire import same_id
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


class NewAttributes(Body, frozen=True):
    """An access token to be: every member is required, and the flags are booleans (D3)."""

    name: str
    can_access_cda: bool
    can_access_cda_preview: bool
    can_access_cma: bool


class NewAccessToken(Body, frozen=True):
    """An access token to be."""

    type: Literal["access_token"]
    attributes: NewAttributes
    relationships: RoleOf


class NewAccessTokenBody(Body, frozen=True):
    """The document that makes an access token."""

    data: NewAccessToken


class Attributes(Body, frozen=True):
    """What changes of an access token."""

    name: str | UnsetType = UNSET
    can_access_cda: bool | UnsetType = UNSET
    can_access_cda_preview: bool | UnsetType = UNSET
    can_access_cma: bool | UnsetType = UNSET


class AccessToken(Body, frozen=True):
    """An access token with what changes; without a role it keeps the one that it has."""

    type: Literal["access_token"]
    attributes: Attributes
    id: str | UnsetType = UNSET
    relationships: RoleOf | UnsetType = UNSET


class AccessTokenBody(Body, frozen=True):
    """The document that changes an access token."""

    data: AccessToken


def listed(asked: Asked) -> Answer:
    """Answer GET /access_tokens: all of them, without pages."""
    office: Office = asked.office
    with office.read(asked.caller, asked.origin) as work:
        tokens = list_api_tokens(work)
        seen = last_seen(work, [token.id for token in tokens])
        data = [_show(work, token, seen[token.id]) for token in tokens]
    return Answer(200, document(data))


def created(asked: Asked) -> Answer:
    """Answer POST /access_tokens with 200 and exactly the members of the contract (D5, D7, D8)."""
    office: Office = asked.office
    data = asked.struct(NewAccessTokenBody).data
    flags = data.attributes
    wish = Wish(
        name=flags.name,
        surfaces=_surfaces(flags, 0),
        inherit=True,
        authority="role",
        subject=_role(data.relationships),
        enabled=True,
    )
    with office.work(asked.caller, asked.origin) as work:
        issued = create_api_token(work, wish)
    attributes = {**_attributes(issued.token), "token": issued.secret.reveal()}
    body = resource("access_token", issued.token.id, attributes, _role_of(issued.token))
    return Answer(200, document(body), position=known(work.position), secret=True)


def found(asked: Asked) -> Answer:
    """Answer GET /access_tokens/{id}."""
    office: Office = asked.office
    with office.read(asked.caller, asked.origin) as work:
        token = show_api_token(work, token_id(asked))
        return Answer(200, document(_show_one(work, token)))


def changed(asked: Asked) -> Answer:
    """Answer PUT /access_tokens/{id}."""
    office: Office = asked.office
    id_, data = token_id(asked), asked.struct(AccessTokenBody).data
    same_id(data.id, id_)
    with office.work(asked.caller, asked.origin) as work:
        present = show_api_token.__wrapped__ if False else None  # type: ignore[attr-defined]
        del present
        token = edit_api_token(work, id_, _change(data), asked.if_match())
        body = _show_one(work, token)
    return Answer(200, document(body), position=known(work.position))


def regenerated(asked: Asked) -> Answer:
    """Answer POST /access_tokens/{id}/regenerate_token with the new secret, once."""
    office: Office = asked.office
    with office.work(asked.caller, asked.origin) as work:
        issued = regenerate(work, token_id(asked), grace_of(asked))
        body = _show_one(work, issued.token, issued.secret)
    return Answer(200, document(body), position=known(work.position), secret=True)


def destroyed(asked: Asked) -> Answer:
    """Answer DELETE /access_tokens/{id} with the token that is no more."""
    office: Office = asked.office
    with office.work(asked.caller, asked.origin) as work:
        token = destroy(work, token_id(asked), cascade=cascade_of(asked))
        body = _show_one(work, token)
    return Answer(200, document(body), position=token.revoked_position or known(work.position))
