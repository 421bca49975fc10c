"""Content: the first resource behind the gate, and the tree that everybody's roots are nodes of."""

from __future__ import annotations

from counterfoil.content.agenda import Schedule, Scheduler, Turn
from counterfoil.content.catalog import Entities, Entity, Sought, list_entities
from counterfoil.content.doors.due import carry_out
from counterfoil.content.doors.wire_lock import LockShown, show_lock
from counterfoil.content.latch import Lock, Thing
from counterfoil.content.model import ContentType, Hand, Kind, Node, Revision, Shown, Status
from counterfoil.content.news import EntryTurned
from counterfoil.content.orphans import sweep_files
from counterfoil.content.publish import publish, unpublish
from counterfoil.content.retell import retell
from counterfoil.content.steps.plant import plant, plant_catalog
from counterfoil.content.store.addresses import addresses, stands_at
from counterfoil.content.store.reached import Reached, reached
from counterfoil.content.store.rows import lineage, lineages, records
from counterfoil.content.store.seen import shown_at
from counterfoil.content.store.spelled import names_seen, seen_among, sight_by
from counterfoil.content.store.wish import Last, Order, Wish
from counterfoil.content.wipe import wipe_doomed

__all__ = [
    "ContentType",
    "Entities",
    "Entity",
    "EntryTurned",
    "Hand",
    "Kind",
    "Last",
    "Lock",
    "LockShown",
    "Node",
    "Order",
    "Reached",
    "Revision",
    "Schedule",
    "Scheduler",
    "Shown",
    "Sought",
    "Status",
    "Thing",
    "Turn",
    "Wish",
    "addresses",
    "carry_out",
    "lineage",
    "lineages",
    "list_entities",
    "names_seen",
    "plant",
    "plant_catalog",
    "publish",
    "reached",
    "records",
    "retell",
    "seen_among",
    "show_lock",
    "shown_at",
    "sight_by",
    "stands_at",
    "sweep_files",
    "unpublish",
    "wipe_doomed",
]
