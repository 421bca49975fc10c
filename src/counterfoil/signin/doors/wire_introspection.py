"""What a server asks of a token that it was shown, and what it is told (RFC 7662)."""

from __future__ import annotations

from typing import Literal

from msgspec import UNSET, UnsetType

from counterfoil.jsonapi.body import Body
from counterfoil.jsonapi.given import Given


class IntrospectionForm(Body, frozen=True):
    """A token, for which API it was shown, and from which address it came."""

    token: str
    token_type_hint: str | UnsetType = UNSET
    audience: str | UnsetType = UNSET
    client_ip: str | UnsetType = UNSET


class Acting(Given, frozen=True):
    """What acts in the name of `sub`: the token that was exchanged (RFC 8693 §4.1)."""

    sub: str


class Introspection(Given, frozen=True):
    """What a token is good for in the organization of who asks; `active` alone if for nothing.

    `scope` holds wherever it is asked for. `cf_scope` is all that it holds, be it below some nodes
    alone; `cf_roots` are those of the token itself, and absent where it has none. `sub` is absent
    if no user stands behind the token, `exp` if it does not end.
    """

    active: bool
    scope: str | UnsetType = UNSET
    client_id: str | UnsetType = UNSET
    token_type: Literal["Bearer"] | UnsetType = UNSET
    exp: int | UnsetType = UNSET
    iat: int | UnsetType = UNSET
    sub: str | UnsetType = UNSET
    act: Acting | UnsetType = UNSET
    aud: list[str] | UnsetType = UNSET
    iss: str | UnsetType = UNSET
    cf_kind: Literal["personal", "service", "exchanged", "session"] | UnsetType = UNSET
    cf_token_id: str | UnsetType = UNSET
    cf_org: str | UnsetType = UNSET
    cf_scope: str | UnsetType = UNSET
    cf_roots: list[str] | UnsetType = UNSET
