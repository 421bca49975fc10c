"""What doors give: JSON:API documents as structs, of which the reference is made too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Generic, Literal, TypeAlias, TypeVar
from urllib.parse import quote

from msgspec import UNSET, Meta, Struct, UnsetType

from counterfoil.jsonapi.parameter import SAMPLE
from counterfoil.kernel.page import Page, Wanted

T = TypeVar("T")

Id: TypeAlias = Annotated[str, Meta(pattern="^[0-9]{16}$", examples=[SAMPLE])]
"""An id, in digits."""
Instant: TypeAlias = Annotated[datetime, Meta(tz=True)]
"""An instant in UTC, by RFC 3339."""
Content: TypeAlias = Annotated[Any, Meta(extra_json_schema={"type": "object"})]
"""An object whose members somebody else has chosen: a dict, or JSON that is ready to go out."""


class Given(Struct, frozen=True, kw_only=True):
    """Base of what a door gives. Members may be added to it, so a reader passes unknown ones."""


class Identifier(Given, frozen=True):
    """A resource by its type and id."""

    type: str
    id: str


class Versioned(Given, frozen=True):
    """Which state of it this is: what its ETag says, and If-Match asks for."""

    version: int


class ToOne(Given, frozen=True):
    """A relationship with one resource, or with none."""

    data: Identifier | None


class ToMany(Given, frozen=True):
    """A relationship with many resources."""

    data: list[Identifier]


class OnRecord(Given, frozen=True, kw_only=True):
    """Under which number the audit trail says what was done, and where the proof of that is asked.

    Both are left out where nothing was done by this request.
    """

    audit_event: int | UnsetType = UNSET
    proof: Annotated[str, Meta(examples=["/cma/audit_events/1/receipt"])] | UnsetType = UNSET


class Effect(OnRecord, frozen=True, kw_only=True):
    """From which position of the feed on a change holds, and where: everywhere, or on this host.

    Where whoever asked would not wait, `effective_by` says from when on it holds everywhere.
    """

    effective: Literal["host", "everywhere"]
    position: int | None
    effective_by: Instant | UnsetType = UNSET


class One(Struct, Generic[T], frozen=True):
    """A document with one resource. `meta` is there if the change may have taken power away."""

    data: T
    meta: Effect | UnsetType = UNSET


class Replayed(Given, frozen=True):
    """Said to who repeats a request by its Idempotency-Key: the secret was shown before."""

    secret_already_shown: bool


class Once(Struct, Generic[T], frozen=True):
    """A document with a secret, which is null when the request is repeated."""

    data: T
    meta: Replayed | UnsetType = UNSET


class Many(Struct, Generic[T], frozen=True):
    """A document with all resources of a list that has no pages."""

    data: list[T]


class Counted(Given, frozen=True):
    """How many resources there are on all pages together."""

    total_count: int


class Links(Given, frozen=True, rename={"here": "self"}):
    """The address of this page, and of the next one; null if this is the last."""

    here: str
    next: str | None


class Paged(Struct, Generic[T], frozen=True):
    """A document with one page of a list."""

    data: list[T]
    links: Links
    meta: Counted | UnsetType = UNSET


def to_one(type_: str, id_: int | str | None) -> ToOne:
    """Relate to one resource, or to none."""
    return ToOne(data=None if id_ is None else Identifier(type=type_, id=str(id_)))


def to_many(type_: str, ids: Sequence[int | str]) -> ToMany:
    """Relate to many resources."""
    return ToMany(data=[Identifier(type=type_, id=str(id_)) for id_ in ids])


def effective(data: T, position: int | None) -> One[T]:
    """Wrap what a change left behind that may have taken power away."""
    return One(data, Effect(effective="host", position=position))


def paged(
    path: str,
    page: Page[Any],
    wanted: Wanted,
    data: list[T],
    kept: Mapping[str, str] | None = None,
) -> Paged[T]:
    """Wrap a page of a list, with a link to the next one if there is one.

    Args:
        path: the address of the list.
        page: what was found.
        wanted: what was asked for.
        data: the resources of the page.
        kept: the filters that the next page needs too.
    """
    parameters = {**(kept or {}), "page[size]": str(wanted.size)}
    after = {} if page.after is None else {"page[after]": page.after}
    links = Links(
        here=_link(path, parameters),
        next=_link(path, {**parameters, **after}) if after else None,
    )
    return Paged(data, links, UNSET if page.total is None else Counted(total_count=page.total))


def etag(version: int) -> dict[str, str]:
    """Return the strong tag of a resource's version."""
    return {"ETag": f'"{version}"'}


def _link(path: str, parameters: Mapping[str, str]) -> str:
    pairs = (
        f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in parameters.items()
    )
    return f"{path}?{'&'.join(pairs)}"
