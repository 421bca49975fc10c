"""The audit trail, asked for as DatoCMS's client does."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, Literal

from msgspec import UNSET, UnsetType, field

from counterfoil.audit.read import Recorded, Sought
from counterfoil.dialects.datocms.site import MAIN
from counterfoil.directory.trail import list_entries
from counterfoil.jsonapi.body import Body
from counterfoil.jsonapi.datocms import DATOCMS
from counterfoil.jsonapi.document import document, resource
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.clock import read_instant
from counterfoil.kernel.errors import Code, Invalid
from counterfoil.kernel.page import DEFAULT_SIZE, Wanted

_AT: Final = "/data/attributes"


class QueryAttributes(Body, frozen=True):
    """Which events are wanted, the latest first. `next_token` is what the page before gave."""

    since: str | None = None
    before: str | None = None
    next_token: str | None = None
    filter: str | None = None
    detailed_log: bool = False


class Query(Body, frozen=True):
    """A query of the trail."""

    type: Literal["audit_log_query"]
    attributes: QueryAttributes = field(default_factory=QueryAttributes)
    id: str | UnsetType = UNSET


class QueryBody(Body, frozen=True):
    """The document that asks."""

    data: Query


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
    with asked.read() as work:
        page = list_entries(work, sought, Wanted(DEFAULT_SIZE, wish.next_token))
    data = [_show(entry) for entry in page.items]
    return Answer(200, document(data, {"next_token": page.after}))


def _instant(text: str | None, name: str) -> datetime | None:
    return None if text is None else read_instant(text, f"{_AT}/{name}")


def _show(entry: Recorded) -> dict[str, Any]:
    """Describe an event; `actor` is the token, with its name then, or the user who signed in."""
    actor: dict[str, Any] = {"type": "user", "id": str(entry.user), "name": None}
    if entry.token is not None:
        actor = {"type": "access_token", "id": str(entry.token), "name": entry.token_name}
    attributes = {
        "action_name": entry.operation,
        "actor": actor,
        "role": None,
        "environment": {"id": MAIN, "primary": True},
        "request": {"id": entry.request_id, "path": entry.target, "method": entry.method},
        "response": {"outcome": entry.outcome},
    }
    meta = {"occurred_at": entry.at}
    return resource("audit_log_event", entry.position, attributes, meta=meta)


ROUTES: Final = (
    Route(
        "POST",
        "/datocms/audit-log-events/query",
        queried,
        "audit.list",
        "Query the audit trail",
        takes=QueryBody,
        dialect=DATOCMS,
        section="DatoCMS content",
    ),
)
