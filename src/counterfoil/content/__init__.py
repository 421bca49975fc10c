"""Content: the first resource behind the gate, and the tree that everybody's roots are nodes of."""

from __future__ import annotations

from counterfoil.content.catalog import Entities, Entity, Sought, list_entities
from counterfoil.content.model import ContentType, Kind, Node, Shown, Status
from counterfoil.content.plant import plant, plant_catalog
from counterfoil.content.publish import publish, unpublish
from counterfoil.content.shape import create_content_type
from counterfoil.content.store import lineage, lineages, records
from counterfoil.content.store_read import shown_at
from counterfoil.content.store_wish import Order, Wish
from counterfoil.content.tree import create_folder, create_link, move, rename, restore, trash
from counterfoil.content.write import Asset, create_asset, create_entry, edit_asset, edit_entry

__all__ = [
    "Asset",
    "ContentType",
    "Entities",
    "Entity",
    "Kind",
    "Node",
    "Order",
    "Shown",
    "Sought",
    "Status",
    "Wish",
    "create_asset",
    "create_content_type",
    "create_entry",
    "create_folder",
    "create_link",
    "edit_asset",
    "edit_entry",
    "lineage",
    "lineages",
    "list_entities",
    "move",
    "plant",
    "plant_catalog",
    "publish",
    "records",
    "rename",
    "restore",
    "shown_at",
    "trash",
    "unpublish",
]
