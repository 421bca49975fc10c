"""Requests in the database. Whoever changes one holds its token first (`store.hold`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    Connection,
    Row,
    and_,
    bindparam,
    case,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from counterfoil.kernel.errors import NotFound, Stale
from counterfoil.kernel.ids import OrganizationId, RequestId, TokenId, UserId
from counterfoil.kernel.page import Page, Wanted, number, unknown_cursor
from counterfoil.runtime.prepared import Prepared
from counterfoil.tokens.request_model import Request, RequestKind, RequestState
from counterfoil.tokens.store.bounds import as_bounds, bounds_columns
from counterfoil.tokens.store.cut import beside, is_cut_off
from counterfoil.tokens.store.tables import requests, tokens

_seen: Final = beside(
    select(requests, is_cut_off.label("is_cut_off")).join(
        tokens, tokens.c.id == requests.c.token_id
    ),
    requests.c.organization_id,
)
_is_open: Final = requests.c.state == literal(str(RequestState.OPEN), literal_execute=True)
"""Said in the statement and not beside it: what the index of open requests may be used for hangs on
it, so SQLite would plan the statement anew each time."""
_OPEN: Final = Prepared(_seen.where(requests.c.token_id == bindparam("token"), _is_open))
_standing: Final = case(
    ((requests.c.state == RequestState.OPEN) & is_cut_off, str(RequestState.CANCELLED)),
    else_=requests.c.state,
)
"""What a request is: one whose token was cut off with its requester waits no more (S20)."""


def request(tx: Connection, organization: OrganizationId, id_: RequestId) -> Request:
    """Find a request of this organization, or raise NotFound."""
    row = tx.execute(
        _seen.where(
            requests.c.id == id_,
            requests.c.organization_id + 0 == organization,  # + 0: found by its id instead
        )
    ).one_or_none()
    if row is None:
        raise NotFound
    return _request(row)


def open_request(tx: Connection, organization: OrganizationId, token: TokenId) -> Request | None:
    """Find the open request of a token in an organization, if it has one."""
    row = tx.execute(
        _seen.where(
            requests.c.organization_id + 0 == organization,  # + 0: found by its token instead
            requests.c.token_id == token,
            _is_open,
        )
    ).one_or_none()
    return None if row is None else _request(row)


def open_requests_of(tx: Connection, token: TokenId) -> list[Request]:
    """Return the open requests of a token in all organizations."""
    return [_request(row) for row in _OPEN.all(tx, {"token": token})]


def last_requests(
    tx: Connection, organization: OrganizationId, ids: list[TokenId]
) -> dict[TokenId, Request]:
    """Return the newest request of each of these tokens in an organization."""
    newest = (
        select(requests.c.token_id, func.max(requests.c.created_at).label("at"))
        .where(requests.c.organization_id == organization, requests.c.token_id.in_(ids))
        .group_by(requests.c.token_id)
        .subquery()
    )
    rows = tx.execute(
        _seen.join(
            newest,
            and_(newest.c.token_id == requests.c.token_id, newest.c.at == requests.c.created_at),
        )
        .where(requests.c.organization_id == organization)
        .order_by(requests.c.state == RequestState.OPEN)
    )
    return {row.token_id: _request(row) for row in rows}


def page(
    tx: Connection,
    organization: OrganizationId,
    wanted: Wanted,
    requester: UserId | None,
    state: RequestState | None,
) -> Page[Request]:
    """Return a piece of the requests in an organization, the newest first."""
    here = _seen.where(requests.c.organization_id == organization)
    if requester is not None:
        here = here.where(requests.c.requester_id == requester)
    if state is not None:
        here = here.where(_standing == state)
    total = tx.execute(select(func.count()).select_from(here.subquery())).scalar_one()
    query = here
    if wanted.after is not None:
        named = requests.c.id == number(wanted.after)
        place = select(requests.c.created_at, requests.c.id).where(named)
        last = tx.execute(place.where(requests.c.organization_id == organization)).one_or_none()
        if last is None:
            raise unknown_cursor()
        query = query.where(
            (requests.c.created_at < last.created_at)
            | ((requests.c.created_at == last.created_at) & (requests.c.id < last.id))
        )
    rows = tx.execute(
        query.order_by(requests.c.created_at.desc(), requests.c.id.desc())
        .offset(wanted.offset)
        .limit(wanted.size + 1)
    ).all()
    return Page.cut([_request(row) for row in rows], wanted, lambda one: one.id, total)


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many requests are open, and since when the oldest is; None if none is."""

    count: int
    since: datetime | None


def waiting(tx: Connection, organization: OrganizationId, approver: UserId | None) -> Waiting:
    """Return what waits for somebody who approves here: nobody decides their own, or twice."""
    here = _seen.where(
        requests.c.organization_id == organization,
        _standing == RequestState.OPEN,
        requests.c.requester_id != approver,
        or_(requests.c.agreed_by.is_(None), requests.c.agreed_by != approver),
    ).subquery()
    found = tx.execute(select(func.count(), func.min(here.c.created_at)).select_from(here)).one()
    return Waiting(*found)


def open_everywhere(tx: Connection) -> int:
    """Return how many requests wait for somebody who approves, in all organizations."""
    here = _seen.where(_standing == RequestState.OPEN).subquery()
    return int(tx.scalar(select(func.count()).select_from(here)) or 0)


def overdue(tx: Connection, now: datetime) -> list[tuple[OrganizationId, RequestId]]:
    """Return the open requests, of all organizations, that wait too long or for nobody."""
    rows = tx.execute(
        _seen.where(
            requests.c.state == RequestState.OPEN, or_(requests.c.lapses_at <= now, is_cut_off)
        ).order_by(requests.c.id)
    )
    return [(OrganizationId(row.organization_id), RequestId(row.id)) for row in rows]


def add(tx: Connection, new: Request) -> None:
    """Write a new request."""
    tx.execute(insert(requests).values(_columns(new)))


def save(tx: Connection, before: Request, after: Request) -> None:
    """Write what was decided.

    Raises:
        Stale: if somebody decided already.
    """
    done = tx.execute(
        update(requests)
        .where(requests.c.id == before.id, requests.c.version == before.version)
        .values(_columns(after))
    )
    if done.rowcount != 1:
        raise Stale


def _columns(one: Request) -> dict[str, object]:
    return {
        "id": one.id,
        "organization_id": one.organization,
        "token_id": one.token,
        "requester_id": one.requester,
        "kind": str(one.kind),
        **bounds_columns(one.bounds),
        "expires_at": one.expires_at,
        "justification": one.justification,
        "state": str(one.state),
        "created_at": one.created_at,
        "lapses_at": one.lapses_at,
        "agreed_by": one.agreed_by,
        "agreed_at": one.agreed_at,
        "narrowed": one.narrowed,
        "decided_by": one.decided_by,
        "decided_at": one.decided_at,
        "reason": one.reason,
        "version": one.version,
    }


def _request(row: Row[Any]) -> Request:
    return Request(
        id=RequestId(row.id),
        organization=OrganizationId(row.organization_id),
        token=TokenId(row.token_id),
        requester=UserId(row.requester_id),
        kind=RequestKind(row.kind),
        bounds=as_bounds(row),
        expires_at=row.expires_at,
        created_at=row.created_at,
        lapses_at=row.lapses_at,
        justification=row.justification,
        state=RequestState.CANCELLED if _waits_for_nobody(row) else RequestState(row.state),
        agreed_by=row.agreed_by,
        agreed_at=row.agreed_at,
        narrowed=row.narrowed,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        reason=row.reason,
        version=row.version,
    )


def _waits_for_nobody(row: Row[Any]) -> bool:
    return bool(row.is_cut_off) and row.state == RequestState.OPEN
