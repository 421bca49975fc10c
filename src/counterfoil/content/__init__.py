"""Content: the first resource behind the gate, and the tree that everybody's roots are nodes of."""

from __future__ import annotations

from counterfoil.content.catalog import Entities, Entity, Sought, list_entities
from counterfoil.content.model import ContentType, Kind, Node, Shown, Status
from counterfoil.content.plant import plant, plant_catalog
from counterfoil.content.publish import publish, unpublish
from counterfoil.content.store.rows import lineage, lineages, records
from counterfoil.content.store.seen import shown_at
from counterfoil.content.store.wish import Last, Order, Wish

__all__ = [
    "ContentType",
    "Entities",
    "Entity",
    "Kind",
    "Last",
    "Node",
    "Order",
    "Shown",
    "Sought",
    "Status",
    "Wish",
    "lineage",
    "lineages",
    "list_entities",
    "plant",
    "plant_catalog",
    "publish",
    "records",
    "shown_at",
    "unpublish",
]
