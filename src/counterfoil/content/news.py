"""What the tree announces to higher slices: no gate needs to hear of it."""

from __future__ import annotations

from dataclasses import dataclass

from counterfoil.kernel.ids import NodeId, OrganizationId


@dataclass(frozen=True, slots=True)
class EntryTurned:
    """Another version of an entry is on delivery now, or none is any more."""

    organization: OrganizationId
    node: NodeId
    published: bool
