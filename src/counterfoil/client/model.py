"""What the API speaks of, as values. Each keeps the whole resource in `source`, for `--json`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from counterfoil.client.answer import Answer
from counterfoil.client.errors import Unexpected
from counterfoil.kernel.ids import Prefix
from counterfoil.secret import Secret

Resource = Mapping[str, Any]


def _attributes(resource: object, type_: str | None = None) -> Mapping[str, Any]:
    if isinstance(resource, dict) and isinstance(resource.get("attributes"), dict):
        attributes: Mapping[str, Any] = resource["attributes"]
        if isinstance(resource.get("id"), str) and resource.get("type") == (
            type_ or resource["type"]
        ):
            return attributes
    message = f"the answer holds no {type_ or 'resource'}: is this a Counterfoil server?"
    raise Unexpected(message)


def _texts(value: object) -> tuple[str, ...] | None:
    """Return a list of strings, or None where none stands for everything."""
    return tuple(str(item) for item in value) if isinstance(value, list) else None


def _details(flags: object) -> tuple[str, ...]:
    """Return what was flagged, a sentence each."""
    found = flags if isinstance(flags, list) else []
    return tuple(_text(one.get("detail")) for one in found if isinstance(one, dict))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def version_of(answer: Answer) -> int | None:
    """Return the version that an answer's ETag names."""
    digits = answer.headers.get("etag", "").strip('"')
    return int(digits) if digits.isascii() and digits.isdigit() else None


@dataclass(frozen=True, slots=True)
class PersonalToken:
    """A personal token; `secret` is there in the answer that made it, and never again."""

    id: str
    name: str
    state: str
    hint: str
    scopes: tuple[str, ...] | None
    roots: tuple[str, ...] | None
    surfaces: tuple[str, ...]
    expires_at: str | None
    last_used_at: str | None
    last_client: str | None
    last_network: str | None
    flags: tuple[str, ...]
    owner: str | None
    request: str | None
    version: int | None
    secret: Secret | None
    source: Resource = field(repr=False)

    @property
    def spelled(self) -> str:
        """The id as it is spelled on its own."""
        return f"{Prefix.TOKEN}_{self.id}"

    @classmethod
    def of(cls, resource: object, version: int | None = None) -> PersonalToken:
        """Read a resource of the API."""
        attributes = _attributes(resource, "personal_access_token")
        assert isinstance(resource, dict)  # noqa: S101 - _attributes has looked
        secret = attributes.get("token")
        inherits = attributes.get("scope_mode") == "inherit"
        return cls(
            id=resource["id"],
            name=_text(attributes.get("name")),
            state=_text(attributes.get("state")),
            hint=_text(attributes.get("token_hint")),
            scopes=None if inherits else _texts(attributes.get("scopes")),
            roots=_texts(attributes.get("roots")),
            surfaces=_texts(attributes.get("surfaces")) or (),
            expires_at=attributes.get("expires_at"),
            last_used_at=attributes.get("last_used_at"),
            last_client=attributes.get("last_client"),
            last_network=attributes.get("last_network"),
            flags=_details(attributes.get("flags")),
            owner=_related(resource, "owner"),
            request=_related(resource, "request"),
            version=version or attributes.get("version"),
            secret=Secret(secret) if isinstance(secret, str) else None,
            source=_silenced(resource),
        )


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """Somebody's request for a token or for more than a token has; `name` is the token's.

    `who` is what the requester is called, with their e-mail address.
    """

    id: str
    kind: str
    state: str
    name: str
    token: str | None
    requester: str | None
    who: str
    justification: str
    version: int | None
    source: Resource = field(repr=False)

    @property
    def spelled(self) -> str:
        """The id as it is spelled on its own."""
        return f"{Prefix.REQUEST}_{self.id}"

    @property
    def asked(self) -> Mapping[str, Any]:
        """What it asks for: scopes, roots, surfaces, expiry."""
        asked = self.source["attributes"].get("asked")
        return asked if isinstance(asked, dict) else self.source["attributes"]

    @classmethod
    def of(cls, resource: object, version: int | None = None) -> TokenRequest:
        """Read a resource of the API."""
        attributes = _attributes(resource, "token_request")
        assert isinstance(resource, dict)  # noqa: S101 - _attributes has looked
        return cls(
            id=resource["id"],
            kind=_text(attributes.get("kind")),
            state=_text(attributes.get("state")),
            name=_text(attributes.get("name")),
            token=_related(resource, "token"),
            requester=_related(resource, "requester"),
            who=_called(attributes.get("requester_name"), attributes.get("requester_email")),
            justification=_text(attributes.get("justification")),
            version=version or attributes.get("version"),
            source=_silenced(resource),
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
        attributes = _attributes(resource)
        assert isinstance(resource, dict)  # noqa: S101 - _attributes has looked
        return cls(
            id=resource["id"],
            kind=_text(attributes.get("method")),
            name=_text(attributes.get("name")),
            hint=_text(attributes.get("token_hint")),
            scopes=_texts(attributes.get("scopes")) or (),
            roots=_texts(attributes.get("roots")),
            surfaces=_texts(attributes.get("surfaces")) or (),
            expires_at=attributes.get("expires_at"),
            organization=_related(resource, "organization"),
            source=_silenced(resource),
        )


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
        attributes = _attributes(resource)
        assert isinstance(resource, dict)  # noqa: S101 - _attributes has looked
        body = attributes.get("body")
        if not isinstance(body, dict):
            message = "a content type schema comes without its schema"
            raise Unexpected(message)
        name, schema_id = _text(attributes.get("api_key")), _text(attributes.get("schema_id"))
        version = attributes.get("version")
        known = version if isinstance(version, int) else None
        return cls(resource["id"], name, schema_id, body, known)


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
        attributes = _attributes(resource)
        assert isinstance(resource, dict)  # noqa: S101 - _attributes has looked
        return cls(
            resource["id"],
            _text(attributes.get("at")),
            _text(attributes.get("operation")),
            _text(attributes.get("outcome")),
            _text(attributes.get("target")),
            _related(resource, "user") or "",
            _related(resource, "token") or "",
            _text(attributes.get("token_name")),
            _text(attributes.get("request_id")),
            resource,
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
        attributes = _attributes(resource, "audit_refusal")
        assert isinstance(resource, dict)  # noqa: S101 - _attributes has looked
        each = attributes.get("refused")
        refused = tuple(
            (_text(one.get("network")), one.get("status", 0), one.get("count", 0))
            for one in (each if isinstance(each, list) else ())
        )
        return cls(_text(attributes.get("at")), refused, resource)


def _related(resource: Mapping[str, Any], name: str) -> str | None:
    """Return the id of the one resource at the end of a relationship."""
    data: object = resource.get("relationships")
    for key in (name, "data", "id"):
        data = data.get(key) if isinstance(data, dict) else None
    return data if isinstance(data, str) else None


def _called(name: object, email: object) -> str:
    """Return somebody as people know them: `Ben (ben@harbour.example)`."""
    return f"{_text(name)} ({email})" if isinstance(email, str) else _text(name)


def _silenced(resource: Mapping[str, Any]) -> Resource:
    """Return the resource without the secret that it may carry."""
    attributes = {key: value for key, value in resource["attributes"].items() if key != "token"}
    return {**resource, "attributes": attributes}


def listed(data: object) -> Sequence[object]:
    """Return the resources of a list document."""
    if isinstance(data, list):
        return data
    message = "the answer is not a list: is this a Counterfoil server?"
    raise Unexpected(message)
