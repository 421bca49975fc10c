"""What was destroyed and is large goes bit by bit, so that nobody who writes waits long for it.

It is gone for everybody since it was destroyed: it lies in no list, and nothing brings it back.
"""

from __future__ import annotations

from typing import Final

from counterfoil.access.caller import Caller, Method, Origin
from counterfoil.access.grant import Grant
from counterfoil.content import policy
from counterfoil.content.store import rows, trash
from counterfoil.feed.event import NodeRemoved
from counterfoil.kernel.ids import NodeId, OrganizationId, Prefix, spell
from counterfoil.office import Office
from counterfoil.operation import Work, operation

_ORIGIN: Final = Origin("trash")
_TURNS: Final = 4
"""So many bits go at each turn of the clock; in between others write."""


@operation("trash.wipe", requires=None, methods=frozenset({Method.SYSTEM}))
def wipe(work: Work, id_: NodeId) -> bool:
    """Wipe some of what was destroyed; return whether there is more of it."""
    here = work.caller.organization
    rows.hold_tree(work.tx, here)
    work.permit(target=spell(Prefix.NODE, id_))
    for top in rows.nodes_named(work.tx, here, [id_]):
        gone = trash.wipe(work.tx, top, policy.WIPED_AT_ONCE)
        work.emit(*(NodeRemoved(organization=here, node=one) for one in gone))
    more = bool(rows.nodes_named(work.tx, here, [id_]))
    if not more:
        trash.spare(work.tx, here, id_)
    return more


def wipe_doomed(office: Office, turns: int = _TURNS) -> int:
    """Wipe some of what was destroyed, each bit in a transaction of its own; return how many."""
    with office.database.reading() as tx:
        waiting = trash.waiting(tx)
    done = 0
    for organization, node in waiting:
        while done < turns:
            done += 1
            if not _wiped(office, organization, node):
                break
    return done


def _wiped(office: Office, organization: OrganizationId, node: NodeId) -> bool:
    keeper = Caller(organization, None, Method.SYSTEM, Grant(()), None, None)
    with office.work(keeper, _ORIGIN) as work:
        return wipe(work, node)
