"""What is planned for a record: the vendor has two resources where our entry has one schedule.

Its client sets and takes back each of them by itself, so the other turn stays as it was. A record
is published, and taken off, as a whole: what asks for some of its locales alone is refused.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from counterfoil.content import Turn
from counterfoil.content.doors.wire import node_id
from counterfoil.content.schedule import drop_schedule, set_schedule
from counterfoil.content.steps.finding import named, shown
from counterfoil.dialects.datocms.items import described
from counterfoil.dialects.datocms.wire import RecordShown
from counterfoil.dialects.datocms.wire_schedules import (
    PUBLICATION,
    UNPUBLISHING,
    LaterPublicationBody,
    LaterUnpublishingBody,
    PublicationPlanned,
    UnpublishingPlanned,
    show_planned,
)
from counterfoil.jsonapi.datocms import DATOCMS
from counterfoil.jsonapi.given import One
from counterfoil.jsonapi.parameter import id_in
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.clock import read_instant
from counterfoil.kernel.errors import Code, Invalid, NotFound
from counterfoil.kernel.ids import NodeId, Prefix
from counterfoil.operation import Work

_AT: Final = "/data/attributes"
_FIELD: Final = {
    Turn.PUBLISH: f"{_AT}/publication_scheduled_at",
    Turn.UNPUBLISH: f"{_AT}/unpublishing_scheduled_at",
}


def publication(asked: Asked) -> Answer:
    """Answer POST /datocms/items/{id}/scheduled-publication."""
    said = asked.struct(LaterPublicationBody).data.attributes
    if said.selective_publication is not None:
        raise _whole("selective_publication")
    return _planned(asked, Turn.PUBLISH, said.publication_scheduled_at)


def unpublishing(asked: Asked) -> Answer:
    """Answer POST /datocms/items/{id}/scheduled-unpublishing."""
    said = asked.struct(LaterUnpublishingBody).data.attributes
    if said.content_in_locales is not None:
        raise _whole("content_in_locales")
    return _planned(asked, Turn.UNPUBLISH, said.unpublishing_scheduled_at)


def _planned(asked: Asked, turn: Turn, time: str) -> Answer:
    id_, at = _id(asked), read_instant(time, _FIELD[turn])
    on, off = (at, None) if turn is Turn.PUBLISH else (None, at)
    with asked.work() as work:
        try:
            done = set_schedule(work, id_, on, off, only=turn)
        except Invalid as wrong:
            wrong.field = _FIELD[turn]
            raise
        record = _record(work, id_)
    return Answer(200, show_planned(done, turn, at, record))


def taken_back(turn: Turn, asked: Asked) -> Answer:
    """Answer DELETE of either with the record."""
    id_ = _id(asked)
    with asked.work() as work:
        drop_schedule(work, id_, only=turn)
        record = _record(work, id_)
    return Answer(200, One(record))


def _record(work: Work, id_: NodeId) -> RecordShown:
    node = named(work, id_)
    if node is None:
        raise NotFound
    return described(work, shown(work, node))


def _whole(name: str) -> Invalid:
    wrong = "A record is published, and taken off, as a whole."
    return Invalid(Code.INVALID_FIELD, wrong, field=f"{_AT}/{name}")


def _id(asked: Asked) -> NodeId:
    return node_id(asked.params["id"])


_one = partial(
    Route,
    dialect=DATOCMS,
    section="DatoCMS content",
    parts=(id_in("id", "The record.", Prefix.NODE),),
)
_PUBLICATION: Final = "/datocms/items/{id}/scheduled-publication"
_UNPUBLISHING: Final = "/datocms/items/{id}/scheduled-unpublishing"

ROUTES: Final = (
    _one(
        "POST",
        _PUBLICATION,
        publication,
        "schedule.set",
        "Plan when a record is published",
        takes=LaterPublicationBody,
        example=PUBLICATION,
        gives={200: PublicationPlanned},
    ),
    _one(
        "DELETE",
        _PUBLICATION,
        partial(taken_back, Turn.PUBLISH),
        "schedule.drop",
        "Take back that a record is published later",
        gives={200: One[RecordShown]},
    ),
    _one(
        "POST",
        _UNPUBLISHING,
        unpublishing,
        "schedule.set",
        "Plan when a record is taken off delivery",
        takes=LaterUnpublishingBody,
        example=UNPUBLISHING,
        gives={200: UnpublishingPlanned},
    ),
    _one(
        "DELETE",
        _UNPUBLISHING,
        partial(taken_back, Turn.UNPUBLISH),
        "schedule.drop",
        "Take back that a record is taken off delivery later",
        gives={200: One[RecordShown]},
    ),
)
