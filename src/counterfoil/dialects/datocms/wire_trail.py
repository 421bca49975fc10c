"""An entry of the audit trail as DatoCMS's client reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal

from counterfoil.access.caller import Method
from counterfoil.audit.read import Recorded
from counterfoil.audit.record import ALLOWED
from counterfoil.jsonapi.aim import aim
from counterfoil.jsonapi.datocms import MAIN
from counterfoil.jsonapi.fault import status_of
from counterfoil.jsonapi.given import Given, Instant
from counterfoil.jsonapi.route import Route
from counterfoil.kernel.errors import Code
from counterfoil.kernel.ids import OrganizationId, UserId

_PREFIX: Final = "/datocms/"
_OFFICE: Final = "Counterfoil"


class Actor(Given, frozen=True):
    """Who did it: the token, by its name then, the user who signed in, or the office itself."""

    type: Literal["user", "access_token", "account"]
    id: str
    name: str


class EventPlace(Given, frozen=True):
    """The one environment."""

    id: str
    primary: bool


class EventTarget(Given, frozen=True):
    """On what it was done, by its id with the prefix of its kind."""

    target: str


class EventRequest(Given, frozen=True):
    """What was asked: see `EventRoutes`. Both are empty for what no request does."""

    id: str
    path: str
    method: str
    payload: EventTarget | None


class EventOutcome(Given, frozen=True):
    """`allowed`, or the code of the refusal."""

    code: str


class EventResponse(Given, frozen=True):
    """How it ended."""

    status: int
    payload: EventOutcome


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


class EventRoutes:
    """At which address an operation is asked for: the trail keeps the operation, and no address.

    It is the vendor's own if there is one, else ours. What else stands in the path's braces than
    the target is not known, and stays as it is.
    """

    def __init__(self, routes: Sequence[Route]) -> None:
        ours = [route for route in routes if not route.page]
        there = sorted(ours, key=lambda route: not route.path.startswith(_PREFIX))
        self._first: dict[str, Route] = {}
        for route in there:
            for name in (route.operation, *route.instead, *route.also):
                self._first.setdefault(name, route)

    def request(self, entry: Recorded) -> EventRequest:
        """Return what was asked."""
        route, target = self._first.get(entry.operation), entry.target
        path = route.path if route else ""
        digits = (target or "").partition("_")[2]
        if target is not None and aim(path, {"id": digits}) == target:
            path = path.replace("{id}", digits)
        return EventRequest(
            id=entry.request_id,
            path=path,
            method=route.method if route else "",
            payload=None if target is None else EventTarget(target=target),
        )

    def response(self, entry: Recorded) -> EventResponse:
        """Return how it ended: of what was done, the status that its address gives."""
        outcome, route = entry.outcome, self._first.get(entry.operation)
        status = next(iter(route.gives), 200) if route else 200
        if outcome != ALLOWED:
            status = status_of(Code(outcome)) if outcome in set(Code) else 403
        return EventResponse(status=status, payload=EventOutcome(code=outcome))


def actor(entry: Recorded, names: Mapping[UserId, str], office: OrganizationId) -> Actor:
    """Say who did it: `names` are what people are called now, `office` is where it was done."""
    if entry.method == Method.SYSTEM and entry.user is None:
        return Actor(type="account", id=str(office), name=_OFFICE)
    if entry.user is not None and entry.method in {Method.SESSION, Method.SYSTEM}:
        return Actor(type="user", id=str(entry.user), name=names.get(entry.user, ""))
    return Actor(type="access_token", id=str(entry.token), name=entry.token_name or "")


def show_event(entry: Recorded, routes: EventRoutes, actor: Actor) -> AuditLogEvent:
    """Describe an event."""
    facts = EventFacts(
        action_name=entry.operation,
        actor=actor,
        role=None,
        environment=EventPlace(id=MAIN, primary=True),
        request=routes.request(entry),
        response=routes.response(entry),
    )
    return AuditLogEvent(
        id=str(entry.position), attributes=facts, meta=EventTime(occurred_at=entry.at)
    )
