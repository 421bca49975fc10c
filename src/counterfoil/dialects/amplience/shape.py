"""The shapes of HAL: resources with links, and pages of them."""

from __future__ import annotations

from typing import Generic, Literal, TypeVar

from msgspec import UNSET, Struct, UnsetType, field

from counterfoil.jsonapi.given import Content, Given, Id, Instant

T = TypeVar("T")


class Link(Given, frozen=True):
    """Where something is done that the caller may do; with braces in it, it is a template."""

    href: str
    templated: bool | UnsetType = UNSET


class Hub(Given, frozen=True, rename="camel"):
    """A hub: an organization, with links to what the caller may do there."""

    id: Id
    name: str
    label: str
    description: None
    status: Literal["ACTIVE"]
    created_date: Instant
    last_modified_date: Instant
    settings: Content
    links: dict[str, Link] = field(name="_links")


class ShownSchema(Given, frozen=True, rename="camel"):
    """A schema that goes out. `body` is a JSON Schema in a string."""

    id: Id
    schema_id: str
    body: str
    validation_level: str
    status: Literal["ACTIVE"]
    version: int
    created_date: Instant
    last_modified_date: Instant
    links: dict[str, Link] = field(name="_links")


class ShownType(Given, frozen=True):
    """A content type, with a link to its schema."""

    id: Id
    uri: str = field(name="contentTypeUri")
    status: Literal["ACTIVE"]
    settings: Content
    links: dict[str, Link] = field(name="_links")


class PageFacts(Given, frozen=True, rename="camel"):
    """Which page this is, counted from 0, and how many there are."""

    size: int
    number: int
    total_elements: int
    total_pages: int


class Page(Struct, Generic[T], frozen=True):
    """One page of a list, under the name of what is listed."""

    embedded: dict[str, list[T]] = field(name="_embedded")
    links: dict[str, Link] = field(name="_links")
    page: PageFacts
