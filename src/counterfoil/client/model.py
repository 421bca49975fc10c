"""What the API speaks of, as values. Each keeps the whole resource in `source`, for `--json`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from counterfoil.client.effect import Effect
from counterfoil.client.errors import Unexpected
from counterfoil.client.resource import (
    Resource,
    one_of,
    related,
    silenced,
    text,
    texts,
)
from counterfoil.kernel.ids import Prefix
from counterfoil.secret import Secret


def _details(flags: object) -> tuple[str, ...]:
    """Return what was flagged, a sentence each."""
    found = flags if isinstance(flags, list) else []
    return tuple(text(one.get("detail")) for one in found if isinstance(one, dict))


@dataclass(frozen=True, slots=True)
class PersonalToken:
    """A personal token; `secret` is there in the answer that made it, and never again.

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
    ip_ranges: tuple[str, ...] | None
    rate_limit: Mapping[str, int] | None
    not_before: str | None
    last_used_at: str | None
    last_client: str | None
    last_network: str | None
    flags: tuple[str, ...]
    owner: str | None
    request: str | None
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
    ) -> PersonalToken:
        """Read a resource of the API."""
        found = one_of(resource, "personal_access_token")
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
            ip_ranges=texts(attributes.get("ip_ranges")),
            rate_limit=attributes.get("rate_limit"),
            not_before=attributes.get("not_before"),
            last_used_at=attributes.get("last_used_at"),
            last_client=attributes.get("last_client"),
            last_network=attributes.get("last_network"),
            flags=_details(attributes.get("flags")),
            owner=related(found, "owner"),
            request=related(found, "request"),
            version=version or attributes.get("version"),
            secret=Secret(secret) if isinstance(secret, str) else None,
            source=silenced(found),
            effect=effect,
            audit_event=audit_event,
        )


@dataclass(frozen=True, slots=True)
class Whoami:
    """Who a credential speaks for, and what it may do now."""

    id: str
    kind: str
    name: str
    hint: str
    scopes: tuple[str, ...]
    roots: tuple[str, ...] | None
    surfaces: tuple[str, ...]
    expires_at: str | None
    organization: str | None
    source: Resource = field(repr=False)

    @classmethod
    def of(cls, resource: object) -> Whoami:
        """Read the answer of `GET /cma/token`."""
        found = one_of(resource)
        attributes = found["attributes"]
        return cls(
            id=found["id"],
            kind="exchanged" if related(found, "parent") else text(attributes.get("method")),
            name=text(attributes.get("name")),
            hint=text(attributes.get("token_hint")),
            scopes=texts(attributes.get("scopes")) or (),
            roots=texts(attributes.get("roots")),
            surfaces=texts(attributes.get("surfaces")) or (),
            expires_at=attributes.get("expires_at"),
            organization=related(found, "organization"),
            source=silenced(found),
        )

    @property
    def roles(self) -> tuple[str, ...]:
        """What the roles behind it are called; none from an older server."""
        return texts(self.source["attributes"].get("role_names")) or ()


@dataclass(frozen=True, slots=True)
class Narrowed:
    """A token that another was exchanged for, and for how many seconds it lives at most."""

    secret: Secret
    life_s: int

    @classmethod
    def of(cls, answer: Mapping[str, Any]) -> Narrowed:
        """Read the answer of the token endpoint (RFC 8693)."""
        secret, life = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(secret, str) or not isinstance(life, int):
            message = "the token endpoint answered without a token and its life"
            raise Unexpected(message)
        return cls(Secret(secret), life)


@dataclass(frozen=True, slots=True)
class ContentTypeSchema:
    """A content type's JSON Schema, by its address; `name` is what its files are called by."""

    id: str
    name: str
    schema_id: str
    body: Mapping[str, Any]
    version: int | None = None

    @classmethod
    def of(cls, resource: object) -> ContentTypeSchema:
        """Read a resource of the API."""
        found = one_of(resource)
        attributes = found["attributes"]
        body = attributes.get("body")
        if not isinstance(body, dict):
            message = "a content type schema comes without its schema"
            raise Unexpected(message)
        name, schema_id = text(attributes.get("api_key")), text(attributes.get("schema_id"))
        version = attributes.get("version")
        known = version if isinstance(version, int) else None
        return cls(found["id"], name, schema_id, body, known)


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line of the audit trail."""

    id: str
    at: str
    operation: str
    outcome: str
    target: str
    user: str
    token: str
    token_name: str
    request_id: str
    source: Resource = field(repr=False)

    @classmethod
    def of(cls, resource: object) -> AuditEntry:
        """Read a resource of the API."""
        found = one_of(resource)
        attributes = found["attributes"]
        return cls(
            found["id"],
            text(attributes.get("at")),
            text(attributes.get("operation")),
            text(attributes.get("outcome")),
            text(attributes.get("target")),
            related(found, "user") or "",
            related(found, "token") or "",
            text(attributes.get("token_name")),
            text(attributes.get("request_id")),
            found,
        )


@dataclass(frozen=True, slots=True)
class Refusals:
    """Who was refused within a minute without being anybody: network, status, how often."""

    at: str
    refused: tuple[tuple[str, int, int], ...]
    source: Resource = field(repr=False)

    @classmethod
    def of(cls, resource: object) -> Refusals:
        """Read a resource of the API."""
        found = one_of(resource, "audit_refusal")
        attributes = found["attributes"]
        each = attributes.get("refused")
        refused = tuple(
            (text(one.get("network")), one.get("status", 0), one.get("count", 0))
            for one in (each if isinstance(each, list) else ())
        )
        return cls(text(attributes.get("at")), refused, found)
