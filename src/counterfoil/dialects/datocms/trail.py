"""The audit trail, asked for as DatoCMS's client does."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal

from msgspec import UNSET, UnsetType, field

from counterfoil.audit.read import Sought
from counterfoil.dialects.datocms.wire_trail import (
    AuditLogEvents,
    EventRoutes,
    NextToken,
    actor,
    show_event,
)
from counterfoil.directory import user_names
from counterfoil.directory.trail import list_entries
from counterfoil.jsonapi import cursor
from counterfoil.jsonapi.body import Body
from counterfoil.jsonapi.datocms import DATOCMS
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.clock import read_instant
from counterfoil.kernel.errors import Code, Invalid
from counterfoil.kernel.page import DEFAULT_SIZE, Wanted

_PATH: Final = "/datocms/audit-log-events/query"
_AT: Final = "/data/attributes"


class QueryAttributes(Body, frozen=True):
    """Which events are wanted, the latest first. `next_token` is what the page before gave."""

    since: str | None = None
    before: str | None = None
    next_token: str | None = None
    filter: str | None = None
    detailed_log: bool = False


class AuditLogQuery(Body, frozen=True):
    """A query of the trail."""

    type: Literal["audit_log_query"]
    attributes: QueryAttributes = field(default_factory=QueryAttributes)
    id: str | UnsetType = UNSET


class QueryBody(Body, frozen=True):
    """The document that asks."""

    data: AuditLogQuery


def queried(asked: Asked) -> Answer:
    """Answer POST /datocms/audit-log-events/query."""
    wish = asked.struct(QueryBody).data.attributes
    if wish.filter:
        raise Invalid(
            Code.INVALID_FIELD,
            "There is no filter language here: use since and before, or /cma/audit_events.",
            field=f"{_AT}/filter",
        )
    sought = Sought(since=_instant(wish.since, "since"), before=_instant(wish.before, "before"))
    list_ = f"{_PATH} {wish.since} {wish.before}"
    token = wish.next_token
    after = None if token is None else cursor.opened(asked, list_, token, "next_token")
    with asked.read() as work:
        page = list_entries(work, sought, Wanted(DEFAULT_SIZE, after))
        people = {one.user for one in page.items if one.user is not None}
        office = work.caller.organization
        names = user_names(work.tx, office, people)
    routes = EventRoutes(asked.routes)
    more = None if page.after is None else cursor.sealed(asked, list_, page.after)
    data = [show_event(entry, routes, actor(entry, names, office)) for entry in page.items]
    return Answer(200, AuditLogEvents(data=data, meta=NextToken(next_token=more)))


def _instant(text: str | None, name: str) -> datetime | None:
    return None if text is None else read_instant(text, f"{_AT}/{name}")


ROUTES: Final = (
    Route(
        "POST",
        _PATH,
        queried,
        "audit.list",
        "Query the audit trail",
        gives={200: AuditLogEvents},
        takes=QueryBody,
        example={
            "data": {"type": "audit_log_query", "attributes": {"since": "2026-01-31T12:00:00Z"}}
        },
        dialect=DATOCMS,
        section="DatoCMS content",
    ),
)
