"""The audit trail, asked for as DatoCMS's client does."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal

from msgspec import UNSET, UnsetType, field

from counterfoil.audit.read import Recorded, Sought
from counterfoil.directory.trail import list_entries
from counterfoil.jsonapi import cursor
from counterfoil.jsonapi.body import Body
from counterfoil.jsonapi.datocms import DATOCMS, MAIN
from counterfoil.jsonapi.given import Given, Instant
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


class Actor(Given, frozen=True):
    """Who did it: the token, by its name then, or the user who signed in."""

    type: Literal["user", "access_token"]
    id: str
    name: str | None


class EventPlace(Given, frozen=True):
    """The one environment."""

    id: str
    primary: bool


class EventRequest(Given, frozen=True):
    """What was asked: on what, and with which kind of credential."""

    id: str
    path: str | None
    method: str


class EventResponse(Given, frozen=True):
    """How it ended: `ok`, or the code of a refusal."""

    outcome: str


class EventFacts(Given, frozen=True):
    """What was done or refused."""

    action_name: str
    actor: Actor
    role: None
    environment: EventPlace
    request: EventRequest
    response: EventResponse


class EventTime(Given, frozen=True):
    """When it was."""

    occurred_at: Instant


class AuditLogEvent(Given, frozen=True, tag_field="type", tag="audit_log_event"):
    """An entry of the audit trail."""

    id: str
    attributes: EventFacts
    meta: EventTime


class NextToken(Given, frozen=True):
    """What leads on to the next page; null at the end."""

    next_token: str | None


class AuditLogEvents(Given, frozen=True):
    """A page of the trail, the latest first."""

    data: list[AuditLogEvent]
    meta: NextToken


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
    more = None if page.after is None else cursor.sealed(asked, list_, page.after)
    data = [_show(entry) for entry in page.items]
    return Answer(200, AuditLogEvents(data=data, meta=NextToken(next_token=more)))


def _instant(text: str | None, name: str) -> datetime | None:
    return None if text is None else read_instant(text, f"{_AT}/{name}")


def _show(entry: Recorded) -> AuditLogEvent:
    """Describe an event."""
    actor = Actor(type="user", id=str(entry.user), name=None)
    if entry.token is not None:
        actor = Actor(type="access_token", id=str(entry.token), name=entry.token_name)
    facts = EventFacts(
        action_name=entry.operation,
        actor=actor,
        role=None,
        environment=EventPlace(id=MAIN, primary=True),
        request=EventRequest(id=entry.request_id, path=entry.target, method=entry.method),
        response=EventResponse(outcome=entry.outcome),
    )
    return AuditLogEvent(
        id=str(entry.position), attributes=facts, meta=EventTime(occurred_at=entry.at)
    )


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
