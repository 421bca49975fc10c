"""Scheduling: when an entry goes on delivery, and when it is taken off again.

Whoever schedules says what they would do then, with what they may do then. So a time that comes is
judged anew, by the authority of who set it as it stands at that moment (`doors/due.py`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from counterfoil.access.caller import Method
from counterfoil.access.scope import Scope
from counterfoil.access.surface import Surface
from counterfoil.content import policy
from counterfoil.content.agenda import Missed, Schedule, Scheduler, Turn
from counterfoil.content.model import Kind
from counterfoil.content.steps import finding
from counterfoil.content.steps.sight import seen, sight_on
from counterfoil.content.store import rows, schedules
from counterfoil.kernel.errors import Code, NotFound
from counterfoil.kernel.ids import NodeId, Prefix, spell
from counterfoil.kernel.version import require_version
from counterfoil.operation import ANY_CALLER, Work, operation

_SYSTEM: Final = frozenset({Method.SYSTEM})


@operation("schedule.set", requires=Scope.CONTENT_PUBLISH, methods=ANY_CALLER)
def set_schedule(
    work: Work,
    id_: NodeId,
    publish_at: datetime | None,
    unpublish_at: datetime | None,
    expected: int | None = None,
    *,
    only: Turn | None = None,
) -> Schedule:
    """Say when an entry shall be published, unpublished, or both, instead of what was said before.

    With `only`, the other turn stays as it was. All of it is the caller's decision from then on. A
    turn that was missed is told no longer.
    """
    here = work.caller.organization
    rows.hold_tree(work.tx, here)
    node = finding.standing(work, id_)
    policy.require_kind(node, Kind.ENTRY)
    before = schedules.find(work.tx, here, id_)
    require_version(0 if before is None else before.version, expected)
    if before is not None and only is not None:
        if only is Turn.PUBLISH:
            unpublish_at = before.unpublish_at
        else:
            publish_at = before.publish_at
    policy.require_times(publish_at, unpublish_at, work.now, only)
    caller = work.caller
    by = Scheduler(
        caller.user, caller.method, caller.token, caller.token_name, caller.issuer, work.head()
    )
    version = 1 if before is None else before.version + 1
    new = Schedule(here, id_, publish_at, unpublish_at, work.now, by, version=version)
    schedules.keep(work.tx, new)
    return new


@operation("schedule.show", requires=Scope.CONTENT_READ, methods=ANY_CALLER, reads=True)
def show_schedule(work: Work, id_: NodeId) -> Schedule:
    """Show what is scheduled for an entry, and what was missed.

    Raises:
        NotFound: if nothing is.
    """
    work.permit(target=spell(Prefix.NODE, id_))
    node = seen(work, sight_on(work, Surface.MANAGEMENT), id_, (Kind.ENTRY,)).node
    return _scheduled(work, node.id)


@operation("schedule.drop", requires=Scope.CONTENT_PUBLISH, methods=ANY_CALLER)
def drop_schedule(
    work: Work, id_: NodeId, expected: int | None = None, *, only: Turn | None = None
) -> Schedule:
    """Take back what was scheduled for an entry, or one turn of it.

    Raises:
        NotFound: if nothing is.
    """
    rows.hold_tree(work.tx, work.caller.organization)
    node = finding.standing(work, id_)
    policy.require_kind(node, Kind.ENTRY)
    before = _scheduled(work, node.id)
    require_version(before.version, expected)
    if only is None:
        schedules.drop(work.tx, node.organization, node.id)
    else:
        if before.at(only) is None:
            raise _nothing()
        schedules.keep(work.tx, before.done(only, None))
    return before


@operation("schedule.settle", requires=None, methods=_SYSTEM)
def settle(work: Work, one: Schedule, turn: Turn, missed: Missed | None) -> Schedule:
    """Take out a turn whose time has come, and keep why it was missed, if it was."""
    work.permit(target=spell(Prefix.NODE, one.node))
    after = one.done(turn, missed)
    schedules.keep(work.tx, after)
    return after


def _scheduled(work: Work, id_: NodeId) -> Schedule:
    found = schedules.find(work.tx, work.caller.organization, id_)
    if found is None:
        raise _nothing()
    return found


def _nothing() -> NotFound:
    return NotFound(Code.NOT_FOUND, "Nothing is scheduled for it.")
