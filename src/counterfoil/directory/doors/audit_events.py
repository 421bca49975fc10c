"""The audit trail over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, TypeVar

from counterfoil.audit.read import Recorded, Sought
from counterfoil.directory.trail import list_entries
from counterfoil.jsonapi.document import page_document, resource, to_one
from counterfoil.jsonapi.query import Query
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel import ids
from counterfoil.kernel.clock import read_instant
from counterfoil.kernel.errors import CounterfoilError, Malformed
from counterfoil.kernel.ids import Prefix, TokenId, UserId

T = TypeVar("T")

_PATH: Final = "/cma/audit_events"
_FILTERS: Final = ("actor", "token", "operation", "target", "outcome", "since", "before")


def listed(asked: Asked) -> Answer:
    """Answer GET /cma/audit_events."""
    wanted, sought = asked.query.page(), _sought(asked.query)
    with asked.read() as work:
        page = list_entries(work, sought, wanted)
    named = ((name, asked.query.text(name)) for name in map(_filter, _FILTERS))
    kept = {name: value for name, value in named if value is not None}
    data = [_shown(entry) for entry in page.items]
    return Answer(200, page_document(_PATH, page, wanted, data, kept))


def _sought(query: Query) -> Sought:
    return Sought(
        user=_read(query, "actor", lambda text: UserId(ids.read(Prefix.USER, text))),
        token=_read(query, "token", lambda text: TokenId(ids.read(Prefix.TOKEN, text))),
        operation=_read(query, "operation", str),
        target=_read(query, "target", str),
        outcome=_read(query, "outcome", str),
        since=_instant(query, "since"),
        before=_instant(query, "before"),
    )


def _instant(query: Query, name: str) -> datetime | None:
    return _read(query, name, read_instant)


def _read(query: Query, name: str, reading: Callable[[str], T]) -> T | None:
    text = query.text(_filter(name))
    if text is None:
        return None
    try:
        return reading(text)
    except CounterfoilError as error:
        raise Malformed(
            detail=error.detail or "This is not an id of its kind.",
            meta={"parameter": _filter(name)},
        ) from None


def _filter(name: str) -> str:
    return f"filter[{name}]"


def _shown(entry: Recorded) -> dict[str, Any]:
    attributes = {
        "at": entry.at,
        "operation": entry.operation,
        "outcome": entry.outcome,
        "target": entry.target,
        "method": entry.method,
        "token_name": entry.token_name,
        "request_id": entry.request_id,
        "address": entry.address,
        "agent": entry.agent,
    }
    related = {
        "user": to_one("user", entry.user),
        "token": to_one("access_token", entry.token),
        "issuer": to_one("user", entry.issuer),
    }
    return resource("audit_event", entry.position, attributes, related)


ROUTES: Final = (
    Route(
        "GET",
        _PATH,
        listed,
        "audit.list",
        "List what was done and refused in the organization, the latest first",
        query=(*map(_filter, _FILTERS), "page[size]", "page[after]"),
        section="Audit",
    ),
)
"""What the office serves of the audit trail."""
