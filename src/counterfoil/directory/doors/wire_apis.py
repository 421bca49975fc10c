"""Registered APIs and the list of scopes, as they come in and go out."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from counterfoil.directory.api import Api, ApiWish
from counterfoil.directory.show import Known
from counterfoil.jsonapi.body import Body
from counterfoil.jsonapi.given import Given, Id, ToOne, Versioned, to_one


class Wording(Body, frozen=True):
    """A scope, and in words what it allows."""

    name: str
    description: str = ""


Wordings = Annotated[list[Wording], Meta(max_length=100)]


class NewApiAttributes(Body, frozen=True):
    """An API to be. Its audience is how programs name it, often its address."""

    name: str
    audience: str
    scopes: Wordings = []  # noqa: RUF012 - msgspec copies it


class NewApi(Body, frozen=True):
    """An API to be registered."""

    type: Literal["api"]
    attributes: NewApiAttributes


class NewApiBody(Body, frozen=True):
    """The document that registers an API."""

    data: NewApi


class ApiAttributes(Body, frozen=True):
    """What changes of an API. `scopes` are all that it shall have; what is absent stays."""

    name: str | UnsetType = UNSET
    audience: str | UnsetType = UNSET
    scopes: Wordings | UnsetType = UNSET


class ChangedApi(Body, frozen=True):
    """An API with what changes."""

    type: Literal["api"]
    attributes: ApiAttributes
    id: str | UnsetType = UNSET


class ApiBody(Body, frozen=True):
    """The document that changes an API."""

    data: ChangedApi


def wish_of(said: NewApiAttributes | ApiAttributes) -> ApiWish:
    """Return what these attributes express."""
    scopes: tuple[tuple[str, str], ...] | UnsetType = UNSET
    if not isinstance(said.scopes, UnsetType):
        scopes = tuple((one.name, one.description) for one in said.scopes)
    return ApiWish(said.name, said.audience, scopes)


class ApiFacts(Given, frozen=True):
    """A registered API with the scopes that it knows."""

    name: str
    audience: str
    scopes: list[Wording]


class RegisteredApi(Given, frozen=True, tag_field="type", tag="api"):
    """A registered API."""

    id: Id
    attributes: ApiFacts
    meta: Versioned


class ScopeFacts(Given, frozen=True):
    """What a scope allows, and whether you may ask for it in a token now."""

    resource: str
    action: str
    description: str
    grantable: bool


class ScopeOwner(Given, frozen=True):
    """The registered API whose it is; none for those that are built in."""

    api: ToOne


class ScopeShown(Given, frozen=True, tag_field="type", tag="scope"):
    """A scope; its id is its name."""

    id: str
    attributes: ScopeFacts
    relationships: ScopeOwner


def show_api(api: Api) -> RegisteredApi:
    """Describe a registered API."""
    facts = ApiFacts(
        name=api.name,
        audience=api.audience,
        scopes=[Wording(name=one.name, description=one.description) for one in api.scopes],
    )
    return RegisteredApi(id=str(api.id), attributes=facts, meta=Versioned(version=api.version))


def show_scope(known: Known) -> ScopeShown:
    """Describe a scope: what it is called, whose it is, and whether the caller may ask for it."""
    concerns, action = known.name.split(":")
    facts = ScopeFacts(
        resource=concerns,
        action=action,
        description=known.description,
        grantable=known.grantable,
    )
    api = None if known.api is None else known.api.id
    return ScopeShown(
        id=known.name, attributes=facts, relationships=ScopeOwner(api=to_one("api", api))
    )
