"""The audit trail over HTTP."""

from __future__ import annotations

from typing import Final, TypeVar

from counterfoil.audit.changes import Said
from counterfoil.audit.read import Recorded, Sought
from counterfoil.audit.record import ALLOWED, BESIDE
from counterfoil.directory.trail import list_entries
from counterfoil.jsonapi import cursor
from counterfoil.jsonapi.given import Given, Instant, Paged, ToOne, to_one
from counterfoil.jsonapi.parameter import AFTER, SAMPLE, SIZE, TEXT, Parameter, id_in
from counterfoil.jsonapi.query import Query
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.errors import Code
from counterfoil.kernel.ids import ApiId, Prefix, TokenId, UserId
from counterfoil.operation import OPERATIONS

T = TypeVar("T")

_PATH: Final = "/cma/audit_events"
_OUTCOMES: Final = frozenset({ALLOWED, *map(str, Code)})


class AuditChange(Given, frozen=True):
    """One field of what an act was done on: what it said before, and what it says after.

    A list is a set; ids in it have the prefix of their kind.
    """

    name: str
    before: Said
    after: Said


class AuditFacts(Given, frozen=True):
    """What was done or refused. `token_name` is what the credential was called then (X3).

    `route` is which route of an API it took, if it went through the gate. `changes` are those of
    the target, as they were made then: of a thing that is new, all that it says.
    """

    at: Instant
    operation: str
    outcome: str
    target: str | None
    method: str
    token_name: str | None
    request_id: str
    address: str
    agent: str
    note: str | None
    route: str | None
    changes: list[AuditChange]


class AuditActor(Given, frozen=True):
    """In whose name it was done, with which credential, and who had made that (Q18).

    `api` is whose request it was that went through the gate.
    """

    user: ToOne
    token: ToOne
    issuer: ToOne
    api: ToOne


class AuditEvent(Given, frozen=True, tag_field="type", tag="audit_event"):
    """An entry of the audit trail; its id is its position."""

    id: str
    attributes: AuditFacts
    relationships: AuditActor


def listed(asked: Asked) -> Answer:
    """Answer GET /cma/audit_events."""
    wanted, sought = cursor.wanted(asked, _PATH), _sought(asked.query)
    with asked.read() as work:
        page = list_entries(work, sought, wanted)
    data = [_shown(entry) for entry in page.items]
    return Answer(200, cursor.paged(asked, _PATH, page, data))


def _sought(query: Query) -> Sought:
    user, token = query.id(Prefix.USER, _filter("actor")), query.id(Prefix.TOKEN, _filter("token"))
    api = query.id(Prefix.API, _filter("api"))
    return Sought(
        user=None if user is None else UserId(user),
        token=None if token is None else TokenId(token),
        operation=query.among(_filter("operation"), OPERATIONS.keys() | BESIDE),
        targets=query.spellings(_filter("target")),
        outcome=query.among(_filter("outcome"), _OUTCOMES),
        networks=query.networks(_filter("address")),
        since=query.instant(_filter("since")),
        before=query.instant(_filter("before")),
        api=None if api is None else ApiId(api),
    )


def _filter(name: str) -> str:
    return f"filter[{name}]"


def _shown(entry: Recorded) -> AuditEvent:
    facts = AuditFacts(
        at=entry.at,
        operation=entry.operation,
        outcome=entry.outcome,
        target=entry.target,
        method=entry.method,
        token_name=entry.token_name,
        request_id=entry.request_id,
        address=entry.address,
        agent=entry.agent,
        note=entry.note,
        route=entry.route,
        changes=[
            AuditChange(name=one.name, before=one.before, after=one.after) for one in entry.changes
        ],
    )
    who = AuditActor(
        user=to_one("user", entry.user),
        token=to_one("access_token", entry.token),
        issuer=to_one("user", entry.issuer),
        api=to_one("api", entry.api),
    )
    return AuditEvent(id=str(entry.position), attributes=facts, relationships=who)


_INSTANT: Final = {"type": "string", "format": "date-time"}
_FILTERS: Final = (
    id_in(_filter("actor"), "Only what this user did.", Prefix.USER),
    id_in(_filter("token"), "Only what was done with this credential.", Prefix.TOKEN),
    id_in(_filter("api"), "Only what went through the gate to this API.", Prefix.API),
    Parameter(_filter("operation"), "Only this operation.", TEXT, "token.revoke"),
    Parameter(
        _filter("target"),
        "Only what was done on this, by its id in either spelling.",
        TEXT,
        f"tok_{SAMPLE}",
    ),
    Parameter(_filter("outcome"), "`allowed`, or the code of a refusal.", TEXT, "allowed"),
    Parameter(
        _filter("address"),
        "Only what came from this address, or from this network.",
        TEXT,
        "203.0.113.0/24",
    ),
    Parameter(_filter("since"), "At or after this instant.", _INSTANT, "2026-01-31T12:00:00Z"),
    Parameter(_filter("before"), "Before this instant.", _INSTANT, "2027-01-31T12:00:00Z"),
)

ROUTES: Final = (
    Route(
        "GET",
        _PATH,
        listed,
        "audit.list",
        "List what was done and refused in the organization, the latest first",
        gives={200: Paged[AuditEvent]},
        query=(*_FILTERS, SIZE, AFTER),
        fails=(Code.OUTSIDE_ROOT_NODES, Code.NOT_FOUND),
        section="Audit",
    ),
)
"""What the office serves of the audit trail."""
