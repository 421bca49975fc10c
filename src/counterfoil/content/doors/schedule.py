"""Schedules over HTTP: `/cma/items/{id}/schedule`."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Final, Literal

from msgspec import UNSET, UnsetType

from counterfoil.content import schedule
from counterfoil.content.agenda import Missed, Schedule, Turn
from counterfoil.content.doors import wire
from counterfoil.content.doors.examples import SCHEDULE
from counterfoil.jsonapi.body import Body, require_same_id
from counterfoil.jsonapi.given import Given, Id, Instant, One, ToOne, etag, to_one
from counterfoil.jsonapi.parameter import id_in
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.clock import read_instant
from counterfoil.kernel.ids import NodeId, Prefix

_PATH: Final = "/cma/items/{id}/schedule"


class Times(Body, frozen=True):
    """When it goes on delivery, and when it is taken off; what is left out does not happen."""

    publish_at: str | None = None
    unpublish_at: str | None = None


class NewSchedule(Body, frozen=True):
    """What shall happen to an entry."""

    type: Literal["schedule"]
    attributes: Times
    id: str | UnsetType = UNSET


class ScheduleBody(Body, frozen=True):
    """The document that schedules an entry."""

    data: NewSchedule


class TimesShown(Given, frozen=True):
    """What is to happen yet."""

    publish_at: Instant | None
    unpublish_at: Instant | None


class MissedShown(Given, frozen=True):
    """What did not happen: when it was due, when that was found, and the code of the refusal."""

    turn: Turn
    due_at: Instant
    at: Instant
    code: str


class ScheduleTraces(Given, frozen=True):
    """Whose decision it is, with which credential, and what they were refused at its time."""

    version: int
    scheduled_at: Instant
    scheduled_by: Id | None
    scheduled_with: Id | None
    missed: MissedShown | None


class EntryOfSchedule(Given, frozen=True):
    """The entry that it is for."""

    item: ToOne


class ScheduleShown(Given, frozen=True, tag_field="type", tag="schedule"):
    """What is scheduled for an entry; its id is the entry's."""

    id: Id
    attributes: TimesShown
    relationships: EntryOfSchedule
    meta: ScheduleTraces


def shown(asked: Asked) -> Answer:
    """Answer GET /cma/items/{id}/schedule."""
    with asked.read() as work:
        found = schedule.show_schedule(work, _id(asked))
    return _answer(found)


def put(asked: Asked) -> Answer:
    """Answer PUT /cma/items/{id}/schedule."""
    data = asked.struct(ScheduleBody).data
    require_same_id(data.id, Prefix.NODE, _id(asked))
    times = data.attributes
    with asked.work() as work:
        done = schedule.set_schedule(
            work,
            _id(asked),
            _instant(times.publish_at, "publish_at"),
            _instant(times.unpublish_at, "unpublish_at"),
            asked.if_match(),
        )
    return _answer(done)


def dropped(asked: Asked) -> Answer:
    """Answer DELETE /cma/items/{id}/schedule with what is scheduled no longer."""
    with asked.work() as work:
        before = schedule.drop_schedule(work, _id(asked), asked.if_match())
    return _answer(before)


def _answer(one: Schedule) -> Answer:
    return Answer(200, One(_show(one)), etag(one.version))


def _show(one: Schedule) -> ScheduleShown:
    return ScheduleShown(
        id=str(one.node),
        attributes=TimesShown(publish_at=one.publish_at, unpublish_at=one.unpublish_at),
        relationships=EntryOfSchedule(item=to_one("item", one.node)),
        meta=ScheduleTraces(
            version=one.version,
            scheduled_at=one.set_at,
            scheduled_by=_text(one.by.user),
            scheduled_with=_text(one.by.token),
            missed=None if one.missed is None else _missed(one.missed),
        ),
    )


def _missed(one: Missed) -> MissedShown:
    return MissedShown(turn=one.turn, due_at=one.due_at, at=one.at, code=str(one.code))


def _instant(text: str | None, name: str) -> datetime | None:
    return None if text is None else read_instant(text, f"/data/attributes/{name}")


def _text(id_: int | None) -> str | None:
    return None if id_ is None else str(id_)


def _id(asked: Asked) -> NodeId:
    return wire.node_id(asked.params["id"])


_route = partial(
    Route,
    section="Content",
    parts=(id_in("id", "The entry.", Prefix.NODE),),
    gives={200: One[ScheduleShown]},
)

ROUTES: Final = (
    _route("GET", _PATH, shown, "schedule.show", "Show what is scheduled for an entry"),
    _route(
        "PUT",
        _PATH,
        put,
        "schedule.set",
        "Schedule when an entry is published and unpublished",
        takes=ScheduleBody,
        example=SCHEDULE,
        versioned=True,
    ),
    _route(
        "DELETE",
        _PATH,
        dropped,
        "schedule.drop",
        "Take back what is scheduled for an entry",
        versioned=True,
    ),
)
