"""Who is there and what they may do, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from counterfoil.client.effect import Effect
from counterfoil.client.resource import (
    Resource,
    meta_of,
    number,
    one_of,
    related,
    silenced,
    text,
    texts,
)
from counterfoil.kernel.ids import Prefix
from counterfoil.secret import Secret


@dataclass(frozen=True, slots=True)
class User:
    """A member of the organization, with the ids of their roles."""

    id: str
    name: str
    email: str | None
    kind: str
    active: bool
    is_admin: bool
    roles: tuple[str, ...]
    version: int | None
    source: Resource = field(repr=False)

    @classmethod
    def of(cls, resource: object, version: int | None = None) -> User:
        """Read a resource of the API."""
        found = one_of(resource, "user")
        attributes = found["attributes"]
        return cls(
            id=found["id"],
            name=text(attributes.get("name")),
            email=attributes.get("email"),
            kind=text(attributes.get("kind")),
            active=attributes.get("active") is True,
            is_admin=attributes.get("is_admin") is True,
            roles=_several(found, "roles"),
            version=version or number(meta_of(found).get("version")),
            source=found,
        )


@dataclass(frozen=True, slots=True)
class Role:
    """A role: what may be done by it, and where."""

    id: str
    name: str
    scopes: tuple[str, ...]
    roots: tuple[str, ...] | None
    built_in: bool
    source: Resource = field(repr=False)

    @classmethod
    def of(cls, resource: object) -> Role:
        """Read a resource of the API."""
        found = one_of(resource, "role")
        attributes = found["attributes"]
        return cls(
            id=found["id"],
            name=text(attributes.get("name")),
            scopes=texts(attributes.get("scopes")) or (),
            roots=texts(attributes.get("roots")),
            built_in=attributes.get("built_in") is True,
            source=found,
        )


@dataclass(frozen=True, slots=True)
class TokenPolicy:
    """The policy of an organization, whose id it has: its rules by name, as the API says them."""

    id: str
    rules: Mapping[str, Any]
    version: int | None

    @classmethod
    def of(cls, resource: object, version: int | None = None) -> TokenPolicy:
        """Read a resource of the API."""
        found = one_of(resource, "token_policy")
        stated = number(meta_of(found).get("version"))
        return cls(id=found["id"], rules=dict(found["attributes"]), version=version or stated)


@dataclass(frozen=True, slots=True)
class Organization:
    """An organization in which the credential speaks."""

    id: str
    name: str
    source: Resource = field(repr=False)

    @classmethod
    def of(cls, resource: object) -> Organization:
        """Read a resource of the API."""
        found = one_of(resource, "organization")
        return cls(found["id"], text(found["attributes"].get("name")), found)


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A machine's token; `secret` is there in the answer that made it, and never again.

    `effect` is there in the answer to a change that may have taken something away, `audit_event` in
    that to any: the number of the entry in the audit trail that says what was done.
    """

    id: str
    name: str
    state: str
    hint: str
    scopes: tuple[str, ...] | None
    roots: tuple[str, ...] | None
    surfaces: tuple[str, ...]
    expires_at: str | None
    last_used_at: str | None
    role: str | None
    user: str | None
    version: int | None
    secret: Secret | None
    source: Resource = field(repr=False)
    effect: Effect | None = None
    audit_event: int | None = None

    @property
    def spelled(self) -> str:
        """The id as it is spelled on its own."""
        return f"{Prefix.TOKEN}_{self.id}"

    @classmethod
    def of(
        cls,
        resource: object,
        version: int | None = None,
        effect: Effect | None = None,
        audit_event: int | None = None,
    ) -> ApiToken:
        """Read a resource of the API."""
        found = one_of(resource, "api_token")
        attributes = found["attributes"]
        secret = attributes.get("token")
        inherits = attributes.get("scope_mode") == "inherit"
        return cls(
            id=found["id"],
            name=text(attributes.get("name")),
            state=text(attributes.get("state")),
            hint=text(attributes.get("token_hint")),
            scopes=None if inherits else texts(attributes.get("scopes")),
            roots=texts(attributes.get("roots")),
            surfaces=texts(attributes.get("surfaces")) or (),
            expires_at=attributes.get("expires_at"),
            last_used_at=attributes.get("last_used_at"),
            role=related(found, "role"),
            user=related(found, "user"),
            version=version or number(attributes.get("version")),
            secret=Secret(secret) if isinstance(secret, str) else None,
            source=silenced(found),
            effect=effect,
            audit_event=audit_event,
        )


def _several(resource: Resource, name: str) -> tuple[str, ...]:
    """Return the ids at the end of a relationship to many."""
    data: Any = resource.get("relationships")
    for key in (name, "data"):
        data = data.get(key) if isinstance(data, dict) else None
    return tuple(
        one["id"]
        for one in (data if isinstance(data, list) else ())
        if isinstance(one, dict) and isinstance(one.get("id"), str)
    )
