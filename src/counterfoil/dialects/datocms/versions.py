"""Versions of records in DatoCMS's contract: named by an id that says of which record they are."""

from __future__ import annotations

from functools import partial
from typing import Final

import msgspec

from counterfoil.content import Kind, Revision, Shown
from counterfoil.content.doors.wire import node_id
from counterfoil.content.history import list_versions, show_version
from counterfoil.content.steps.finding import newest, shown
from counterfoil.content.write import restore_version
from counterfoil.dialects.datocms.items import described
from counterfoil.dialects.datocms.query import NESTED, offset_in, pass_over_nested
from counterfoil.dialects.datocms.wire import RecordShown, made_by, version_in, version_named
from counterfoil.jsonapi.datocms import DATOCMS
from counterfoil.jsonapi.given import Content, Given, Instant, One, ToOne, to_one
from counterfoil.jsonapi.parameter import OFFSET, SAMPLE, Parameter, id_in
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.errors import Code, NotFound
from counterfoil.kernel.ids import NodeId, Prefix

_USUAL, _MOST = 15, 50
_route = partial(Route, dialect=DATOCMS, section="DatoCMS content")


class VersionTies(Given, frozen=True):
    """The model and the record of a version, and who made it."""

    item_type: ToOne
    item: ToOne
    editor: ToOne


class VersionState(Given, frozen=True):
    """Which version it is. Only of the one on delivery is it known since when it is there."""

    created_at: Instant
    is_valid: bool
    is_published: bool
    published_from: Instant | None
    published_until: None
    is_current: bool


class VersionShown(Given, frozen=True, tag_field="type", tag="item_version"):
    """A version of a record; its attributes are the fields of then."""

    id: str
    attributes: Content
    relationships: VersionTies
    meta: VersionState


class VersionsCounted(Given, frozen=True):
    """How many versions the record has."""

    total_count: int


class Versions(Given, frozen=True):
    """Versions of a record, the newest first."""

    data: list[VersionShown]
    meta: VersionsCounted


class Restored(Given, frozen=True):
    """The record, and the version that it got."""

    data: list[RecordShown | VersionShown]


def listed(asked: Asked) -> Answer:
    """Answer GET /datocms/items/{id}/versions."""
    pass_over_nested(asked)
    size = asked.query.integer("page[limit]", 0, _MOST)
    with asked.read() as work:
        found = list_versions(
            work,
            node_id(asked.params["id"]),
            Kind.ENTRY,
            size=_USUAL if size is None else size,
            offset=offset_in(asked.query),
        )
    data = [_show(found.shown, one) for one in found.versions]
    count = VersionsCounted(total_count=found.shown.node.draft or 0)
    return Answer(200, Versions(data=data, meta=count))


def found(asked: Asked) -> Answer:
    """Answer GET /datocms/versions/{id}."""
    pass_over_nested(asked)
    id_, number = _named(asked)
    with asked.read() as work:
        history = show_version(work, id_, Kind.ENTRY, number)
    return Answer(200, One(_show(history.shown, history.versions[0])))


def restored(asked: Asked) -> Answer:
    """Answer POST /datocms/versions/{id}/restore: the vendor's job, and it is done by then."""
    id_, number = _named(asked)
    with asked.work() as work:
        one = shown(work, restore_version(work, id_, number))
        body = Restored(data=[described(work, one), _show(one, newest(work, one))])
    return Answer(200, body)


def _named(asked: Asked) -> tuple[NodeId, int]:
    named = version_in(asked.params["id"])
    if named is None:
        raise NotFound(Code.NOT_FOUND, "No record has this version.")
    return named


def _show(of: Shown, one: Revision) -> VersionShown:
    node = of.node
    published = one.number == node.published
    return VersionShown(
        id=version_named(node.id, one.number),
        attributes=msgspec.Raw(one.content),
        relationships=VersionTies(
            item_type=to_one("item_type", node.content_type),
            item=to_one("item", node.id),
            editor=made_by(one.made),
        ),
        meta=VersionState(
            created_at=one.made_at,
            is_valid=True,
            is_published=published,
            published_from=node.published_at if published else None,
            published_until=None,
            is_current=one.number == node.draft,
        ),
    )


_LIMIT: Final = Parameter(
    "page[limit]",
    f"How many a page holds; {_USUAL} if it is left out.",
    {"type": "integer", "minimum": 0, "maximum": _MOST},
    5,
)
_ID: Final = Parameter("id", "The version, as its record gives it.", example=f"{SAMPLE}-3")
_one = partial(_route, parts=(_ID,))

ROUTES: Final = (
    _route(
        "GET",
        "/datocms/items/{id}/versions",
        listed,
        "version.list",
        "List the versions of a record",
        gives={200: Versions},
        parts=(id_in("id", "The record.", Prefix.NODE),),
        query=(_LIMIT, OFFSET, NESTED),
    ),
    _one(
        "GET",
        "/datocms/versions/{id}",
        found,
        "version.show",
        "Show a version of a record",
        gives={200: One[VersionShown]},
        query=(NESTED,),
        fails=(Code.NOT_FOUND,),
    ),
    _one(
        "POST",
        "/datocms/versions/{id}/restore",
        restored,
        "version.restore",
        "Write the fields of an older version anew",
        gives={200: Restored},
        fails=(Code.INVALID_FIELD, Code.NOT_FOUND),
    ),
)
