"""Content: the first resource behind the gate, and the tree that everybody's roots are nodes of."""

from __future__ import annotations

from counterfoil.content.model import ContentType, Kind, Node, Status
from counterfoil.content.plant import plant
from counterfoil.content.store import lineage, lineages, records

__all__ = [
    "ContentType",
    "Kind",
    "Node",
    "Status",
    "lineage",
    "lineages",
    "plant",
    "records",
]
