"""The audit log, read back: one organization's entries, the latest first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, TypeAlias, TypeVar

from msgspec import UNSET, UnsetType
from sqlalchemy import ColumnElement, Connection, false, or_, select

from counterfoil.access.networks import Networks
from counterfoil.audit.changes import Change, nodes_in, without
from counterfoil.audit.record import ALLOWED, UNREADABLE, Body, entries, read, spelled
from counterfoil.kernel.clock import LATEST_US, instant
from counterfoil.kernel.ids import ApiId, NodeId, OrganizationId, TokenId, UserId
from counterfoil.kernel.page import Page, Wanted, number

_Said = TypeVar("_Said")
_HIGHEST: Final = (1 << 63) - 1

Seen: TypeAlias = Callable[[ColumnElement[Any]], ColumnElement[bool]]
"""Makes the condition that a column of targets (`nod_…`) names nothing that is out of sight."""

NodesTold: TypeAlias = Callable[[Connection, frozenset[NodeId]], frozenset[NodeId]]
"""Returns which of these nodes somebody is told of where something names them."""


@dataclass(frozen=True, slots=True)
class Bound:
    """What of a trail somebody is shown to whom roots hide some targets.

    It is what is their own, and the rest where `seen` says so. Their own is what was done with this
    token, and by this user; None makes nothing their own. Of what the rest changed, they are shown
    those nodes alone that they are told of.
    """

    seen: Seen
    nodes_told: NodesTold
    token: TokenId | None = None
    user: UserId | None = None

    def shows(self) -> ColumnElement[bool]:
        """Return the condition under which they are shown an entry."""
        mine = {entries.c.token_id: self.token, entries.c.user_id: self.user}
        own = (column == value for column, value in mine.items() if value is not None)
        return or_(false(), *own, self.seen(entries.c.target))

    def told(self, tx: Connection, found: Sequence[Recorded]) -> list[Recorded]:
        """Return entries as they are shown them."""
        named = frozenset[NodeId]().union(
            *(nodes_in(one.changes) for one in found if not self._is_own(one))
        )
        untold = named - self.nodes_told(tx, named)
        return [
            one
            if self._is_own(one) or untold.isdisjoint(nodes_in(one.changes))
            else replace(one, changes=without(one.changes, untold))
            for one in found
        ]

    def _is_own(self, entry: Recorded) -> bool:
        by_token = self.token is not None and entry.token == self.token
        return by_token or (self.user is not None and entry.user == self.user)


@dataclass(frozen=True, slots=True)
class Sought:
    """Which entries are wanted; None restricts nothing. `before` is the first instant too late.

    `targets` are the spellings of one thing, of which any will do; none restricts nothing. What was
    allowed of `beside` is left out, what was refused of it is not. `above` is a position; only what
    came later is wanted. `networks` are where it was done from; no address lies in none.
    `bound` is what else of it is not shown. `api` wants only what went through the gate to it.
    """

    user: UserId | None = None
    token: TokenId | None = None
    operation: str | None = None
    targets: tuple[str, ...] = ()
    outcome: str | None = None
    since: datetime | None = None
    before: datetime | None = None
    beside: tuple[str, ...] = ()
    above: int | None = None
    networks: Networks | None = None
    bound: Bound | None = None
    api: ApiId | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """An entry as it stands in the log. One that was changed in it is `damaged`, and says no more.

    `token_name` is what the token was called then (X3); `issuer` is who made an API token (Q18).
    `note` is what whoever did it wanted to have on record with it. What went through the gate has
    the `api` that it was for, and the `route` that it took there. `changes` are those of what it
    was done on, where any are told.
    """

    position: int
    at: datetime
    user: UserId | None
    token: TokenId | None
    token_name: str | None
    issuer: UserId | None
    method: str
    operation: str
    target: str | None
    outcome: str
    request_id: str
    address: str
    agent: str
    note: str | None = None
    api: ApiId | None = None
    route: str | None = None
    changes: tuple[Change, ...] = ()


def trail(
    tx: Connection, organization: OrganizationId, sought: Sought, wanted: Wanted
) -> Page[Recorded]:
    """Return a piece of an organization's log. The cursor is the last position seen.

    Raises:
        Malformed: for a cursor that is none.
    """
    query = (
        select(entries)
        .where(entries.c.organization_id == organization, *_conditions(sought))
        .order_by(entries.c.position.desc())
        .offset(wanted.offset)
        .limit(wanted.size + 1)
    )
    if wanted.after is not None:
        query = query.where(entries.c.position < number(wanted.after))
    found = [_recorded(row.body, row.position, organization) for row in tx.execute(query)]
    if sought.bound is not None:
        found = sought.bound.told(tx, found)
    return Page.cut(found, wanted, lambda one: one.position)


def begins_at(tx: Connection, organization: OrganizationId) -> datetime | None:
    """Return of when the oldest entry of an organization is; None if it has none."""
    query = select(entries.c.at).where(entries.c.organization_id == organization)
    return tx.scalar(query.order_by(entries.c.position).limit(1))


def one(
    tx: Connection, organization: OrganizationId, position: int, sought: Sought
) -> bytes | None:
    """Return an entry's canonical bytes; None if the organization has none there, or not so.

    Nor are there any for whom roots bound where they name nodes that those are not told of: bytes
    are proved whole or not at all.
    """
    query = select(entries.c.body).where(
        entries.c.organization_id == organization,
        entries.c.position == position,
        *_conditions(sought),
    )
    body: bytes | None = tx.scalar(query)
    if body is None or sought.bound is None:
        return body
    whole = _recorded(body, position, organization)
    return body if sought.bound.told(tx, [whole]) == [whole] else None


def _conditions(sought: Sought) -> list[ColumnElement[bool]]:
    equal = {
        entries.c.user_id: sought.user,
        entries.c.token_id: sought.token,
        entries.c.operation: sought.operation,
        entries.c.outcome: sought.outcome,
        entries.c.api_id: sought.api,
    }
    found: list[ColumnElement[bool]] = [
        column == value for column, value in equal.items() if value is not None
    ]
    if sought.targets:
        found.append(entries.c.target.in_(sought.targets))
    if sought.beside:
        refused = entries.c.outcome != ALLOWED
        found.append(or_(refused, entries.c.operation.not_in(sought.beside)))
    if sought.above is not None:
        found.append(entries.c.position > sought.above)
    if sought.networks is not None:
        found.append(_lies_in(sought.networks))
    if sought.bound is not None:
        found.append(sought.bound.shows())
    if sought.since is not None:
        found.append(entries.c.at >= sought.since)
    if sought.before is not None:
        found.append(entries.c.at < sought.before)
    return found


def _lies_in(networks: Networks) -> ColumnElement[bool]:
    blocks = (
        entries.c.place.between(spelled(first), spelled(last)) for first, last in networks.blocks
    )
    return or_(false(), *blocks)


def _recorded(body: bytes, position: int, organization: OrganizationId) -> Recorded:
    """Return an entry; of bytes that were not written there it is told only where they stand."""
    told = read(body)
    if told is None or told.organization_id != organization or not _stands(told, position):
        told = UNREADABLE
    return Recorded(
        position=position,
        at=instant(told.at),
        user=told.user_id,
        token=told.token_id,
        token_name=told.token_name,
        issuer=told.issuer_id,
        method=told.method,
        operation=told.operation,
        target=told.target,
        outcome=told.outcome,
        request_id=told.request_id,
        address=told.address,
        agent=told.agent,
        note=_or_none(told.note),
        api=_or_none(told.api_id),
        route=_or_none(told.route),
        changes=() if told.changes is UNSET else told.changes,
    )


def _stands(told: Body, position: int) -> bool:
    """Say whether bytes are of the entry at this position, and hold numbers that entries hold."""
    ids = (told.user_id, told.token_id, told.issuer_id, _or_none(told.api_id))
    return (
        told.position == position
        and 0 <= told.at <= LATEST_US
        and all(one is None or 0 <= one <= _HIGHEST for one in ids)
    )


def _or_none(said: _Said | UnsetType) -> _Said | None:
    return None if said is UNSET else said
