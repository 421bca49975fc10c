"""API tokens in DatoCMS's contract, as they come in and go out (D2, D3, D4, D7)."""

from __future__ import annotations

from typing import Any, Final, Literal

from msgspec import UNSET, UnsetType

from counterfoil.access.surface import Surface, Surfaces
from counterfoil.directory import User
from counterfoil.jsonapi.body import Body
from counterfoil.jsonapi.given import Given, Id, Instant, ToOne, to_one
from counterfoil.kernel import ids
from counterfoil.kernel.errors import Code, Invalid, NotFound
from counterfoil.kernel.ids import OrganizationId, Prefix
from counterfoil.secret import Secret
from counterfoil.tokens.model import State, Token
from counterfoil.tokens.steps.last_use import Bucket, LastAccess

_FLAGS: Final[dict[str, Surface]] = {
    "can_access_cda": Surface.DELIVERY,
    "can_access_cda_preview": Surface.PREVIEW,
    "can_access_cma": Surface.MANAGEMENT,
}


class TokenRoleName(Body, frozen=True):
    """A role by its id."""

    type: Literal["role"]
    id: str


class RoleLender(Body, frozen=True):
    """The role whose authority the token takes."""

    data: TokenRoleName


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


class AccessTokenFacts(Given, frozen=True):
    """What is known of an access token.

    `token` is its secret in the answers that make one, else null. The answer that creates it has
    exactly the members of the contract, and says nothing of when it was last seen.
    """

    name: str
    hardcoded_type: str
    can_access_cda: bool
    can_access_cda_preview: bool
    can_access_cma: bool
    token: str | None
    last_cma_access: Bucket | UnsetType = UNSET
    last_cda_access: Bucket | UnsetType = UNSET


class AccessTokenRole(Given, frozen=True):
    """The role whose authority the token takes, if it is a role's."""

    role: ToOne


class AccessTokenState(Given, frozen=True):
    """What the contract does not know of a token."""

    enabled: bool
    expires_at: Instant | None
    token_hint: str | None


class AccessTokenShown(Given, frozen=True, tag_field="type", tag="access_token"):
    """An API token."""

    id: Id
    attributes: AccessTokenFacts
    relationships: AccessTokenRole
    meta: AccessTokenState | UnsetType = UNSET


class PersonFacts(Given, frozen=True):
    """Who somebody is."""

    email: str | None
    full_name: str
    is_active: bool


class PersonShown(Given, frozen=True, tag_field="type", tag="user"):
    """The user in whose name it is asked."""

    id: Id
    attributes: PersonFacts


class Me(Given, frozen=True):
    """A document with who asks: a token that acts for nobody, or a user."""

    data: AccessTokenShown | PersonShown


def surfaces_of(said: Attributes) -> Surfaces:
    """Return the surfaces that the flags open."""
    return sum(surface.bit for name, surface in _FLAGS.items() if getattr(said, name))


def role_of(said: RoleOf) -> int:
    """Return the role that a body names."""
    try:
        return ids.read(Prefix.ROLE, said.role.data.id)
    except NotFound:
        raise Invalid(
            Code.INVALID_FIELD,
            "There is no such role in this organization.",
            field="/data/relationships/role/data/id",
        ) from None


def show_created(token: Token, here: OrganizationId, secret: Secret) -> AccessTokenShown:
    """Show a token that was made now, by exactly the members of the contract (D7, D8)."""
    return AccessTokenShown(
        id=str(token.id),
        attributes=AccessTokenFacts(**_facts(token, here, secret)),
        relationships=AccessTokenRole(role=_role(token)),
    )


def show_access_token(
    token: Token, here: OrganizationId, seen: LastAccess, secret: Secret | None = None
) -> AccessTokenShown:
    """Show a token as it stands in one organization."""
    return AccessTokenShown(
        id=str(token.id),
        attributes=AccessTokenFacts(
            **_facts(token, here, secret), last_cma_access=seen.cma, last_cda_access=seen.cda
        ),
        relationships=AccessTokenRole(role=_role(token)),
        meta=AccessTokenState(
            enabled=token.state_in(here) is State.ACTIVE,
            expires_at=token.expires_at,
            token_hint=token.hint,
        ),
    )


def show_user(user: User) -> PersonShown:
    """Show a user."""
    facts = PersonFacts(email=user.email, full_name=user.name, is_active=user.active)
    return PersonShown(id=str(user.id), attributes=facts)


def _facts(token: Token, here: OrganizationId, secret: Secret | None) -> dict[str, Any]:
    held = token.grant_in(here).bounds.surfaces
    return {
        "name": token.name,
        "hardcoded_type": token.hardcoded_type or "",
        **{name: bool(held & surface.bit) for name, surface in _FLAGS.items()},
        "token": None if secret is None else secret.reveal(),
    }


def _role(token: Token) -> ToOne:
    return to_one("role", token.subject if token.authority == "role" else None)
