"""The door that time comes in by: schedules whose hour has struck.

A turn is done by the verb that anybody would do it with, as whoever scheduled it, with what they
may do now. That is found out in the transaction that acts, once nothing can move the feed any more:
so what took power away before is known, and what comes after waits. The effect, or the refusal,
stands in the same transaction as its entries in the trail and as the schedule without that turn.
Whichever worker comes second finds nothing due.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final, TypeAlias

import structlog
from sqlalchemy.exc import SQLAlchemyError

from counterfoil.access.caller import Caller, Method, Origin
from counterfoil.access.grant import Grant
from counterfoil.access.surface import Surface
from counterfoil.audit.record import Act
from counterfoil.content.agenda import Missed, Schedule, Scheduler, Turn
from counterfoil.content.model import Node
from counterfoil.content.publish import publish, unpublish
from counterfoil.content.schedule import settle
from counterfoil.content.store import rows, schedules
from counterfoil.kernel.errors import CounterfoilError, Unserved
from counterfoil.kernel.ids import NodeId, Prefix, spell
from counterfoil.office import Office
from counterfoil.operation import Work

StandIn: TypeAlias = Callable[[Work, Scheduler], Caller]
"""Returns who somebody is now that decided something earlier.

Raises:
    Refused, Denied: they may do nothing any more.
    Unserved: that cannot be known now.
"""

_AT_ONCE: Final = 100
_ORIGIN: Final = Origin("schedule")
_VERBS: Final[Mapping[Turn, Callable[[Work, NodeId], Node]]] = MappingProxyType(
    {Turn.PUBLISH: publish, Turn.UNPUBLISH: unpublish}
)

log = structlog.get_logger(__name__)


def carry_out(office: Office, stand_in: StandIn) -> int:
    """Do all that is due by now, each turn in a transaction of its own; return how many it were."""
    with office.database.reading() as tx:
        due = schedules.due(tx, office.clock(), _AT_ONCE)
    return sum(_done(office, one, stand_in) for one in due)


def _done(office: Office, one: Schedule, stand_in: StandIn) -> bool:
    """Do what is due of one schedule; what cannot be done or refused now waits."""
    by = one.by
    keeper = Caller(
        one.organization, by.user, Method.SYSTEM, Grant(()), by.token, by.token_name, by.issuer
    )
    try:
        with office.work(keeper, _ORIGIN) as work:
            return _turned(work, one.node, stand_in)
    except (CounterfoilError, SQLAlchemyError) as error:
        log.warning("a schedule waits", organization=one.organization, error=type(error).__name__)
        return False


def _turned(work: Work, node: NodeId, stand_in: StandIn) -> bool:
    rows.hold_tree(work.tx, work.caller.organization)
    one = schedules.find(work.tx, work.caller.organization, node)
    due = None if one is None else one.due(work.now)
    if one is None or due is None:  # somebody else was quicker, or it was taken back
        return False
    turn, due_at = due
    try:
        acting = replace(work, caller=stand_in(work, one.by))
        with work.tx.begin_nested():
            _VERBS[turn](acting, node)
        missed = None
    except Unserved:
        raise
    except CounterfoilError as error:
        missed = Missed(turn, due_at, work.now, error.code)
        if not work.acts:  # whoever it was may not even try
            target = spell(Prefix.NODE, node)
            work.acts.append(Act(f"entry.{turn}", target, error.code, Surface.MANAGEMENT))
    settle(work, one, turn, missed)
    return True
