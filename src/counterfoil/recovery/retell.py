"""A restored database is told what took power away after the copy was made, event by event."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import groupby
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import Connection

from counterfoil import content, directory, signin, tokens
from counterfoil.feed import quarantine
from counterfoil.feed.event import (
    AnyEvent,
    CutOff,
    EpochRecorded,
    NodePlaced,
    NodeRemoved,
    SecretTaken,
    TokenRecorded,
    TokenStruck,
)
from counterfoil.feed.retold import Tail
from counterfoil.kernel.clock import instant
from counterfoil.kernel.ids import OrganizationId, TokenId, UserId
from counterfoil.office import Office
from counterfoil.operation import Work
from counterfoil.recovery.quarantine import MACHINE

_AT_ONCE: Final = 200
"""So many events are told in a transaction."""


def lacking(tx: Connection, tail: Tail) -> list[tuple[OrganizationId, AnyEvent]]:
    """Return the events that concern what a database knows, each with where it is at home."""
    known = set(directory.organization_ids(tx))
    homes: dict[int, OrganizationId] = dict(directory.homes(tx)) | {one: one for one in known}
    return [
        (OrganizationId(home), event)
        for event in _last_of_each(tail.events)
        if (home := _home(tx, event, homes)) is not None and home in known
    ]


def retell(office: Office, tail: Tail, why: str) -> int:
    """Tell a database in quarantine what it lacks; return how many events concern what it knows.

    Each may be told twice: so whoever is interrupted begins again.
    """
    with office.database.reading() as tx:
        placed = lacking(tx, tail)
        first = min(directory.organization_ids(tx))
    for home, group in groupby(placed, key=lambda one: one[0]):
        events = [event for _, event in group]
        for start in range(0, len(events), _AT_ONCE):
            with office.work(directory.operator(home), MACHINE) as work:
                for event in events[start : start + _AT_ONCE]:
                    _tell(work, event, why)
    with office.work(directory.operator(first), MACHINE) as work:
        _told(work, tail, why)
    return len(placed)


def _told(work: Work, tail: Tail, why: str) -> None:
    """Keep up to where the database was told."""
    directory.retell(work, None, why)
    quarantine.told(work.tx, tail.position, None if tail.at is None else instant(tail.at))


def _last_of_each(events: Iterable[AnyEvent]) -> list[AnyEvent]:
    """Return the last event of each record, in order; of nodes all, for each move may need others.

    Cut-offs count one by one as well: they only ever move on.
    """
    last: dict[object, AnyEvent] = {}
    for number, event in enumerate(events):
        if isinstance(event, EpochRecorded):
            continue
        key = number if isinstance(event, NodePlaced | NodeRemoved | CutOff) else _key(event)
        last.pop(key, None)
        last[key] = event
    return list(last.values())


def _key(event: AnyEvent) -> object:
    """Return what names the record of which an event tells, and in which way."""
    named = [getattr(event, name, None) for name in ("token", "user", "role", "api", "key")]
    return event.__struct_config__.tag, event.organization, *named


def _home(tx: Connection, event: AnyEvent, homes: Mapping[int, OrganizationId]) -> int | None:
    """Return the organization in whose trail it stands that something is told.

    `homes` says it of users, and of each organization itself.
    """
    if isinstance(event, CutOff):
        return homes.get(event.subject)
    if isinstance(event, SecretTaken) and event.user is not None:
        return homes.get(event.user)
    if isinstance(event, TokenRecorded | TokenStruck | SecretTaken):
        return tokens.home_of(tx, TokenId(event.token or 0))
    return event.organization


def _tell(work: Work, event: AnyEvent, why: str) -> None:
    if isinstance(event, SecretTaken) and event.user is not None:
        signin.recall(work, UserId(event.user), why)
        return
    for kinds, act in _ACTS.items():
        if isinstance(event, kinds):
            act(work, event, why)
            return
    directory.retell(work, event, why)
    if isinstance(event, CutOff) and event.subject == work.caller.organization:
        tokens.begin_anew(work)


_ACTS: Final[Mapping[tuple[type, ...], Callable[[Work, Any, str], None]]] = MappingProxyType(
    {
        (TokenRecorded, TokenStruck, SecretTaken): tokens.retell,
        (NodePlaced, NodeRemoved): content.retell,
    }
)
