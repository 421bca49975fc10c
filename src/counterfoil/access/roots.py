"""Roots: where in the tree of nodes a grant holds.

A root is a node, named by its id and never by a path, so that a node which moves leaves or enters
a restriction at once (S27). `None` restricts nothing; an empty set covers nothing.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, TypeAlias

from counterfoil.kernel.ids import NodeId

Roots: TypeAlias = frozenset[NodeId] | None
"""`None`: everywhere. Otherwise: in and under these nodes, and nowhere for the empty set."""

Lineage: TypeAlias = frozenset[NodeId]
"""A node and all its ancestors, by primary place."""

Ancestry: TypeAlias = Collection[NodeId]
"""The same as it is at hand: no gate makes a set of what it only looks through once."""

NOWHERE: Final[Lineage] = frozenset()
"""The lineage of a node that does not exist, is trashed, or belongs to somebody else."""


def covers(roots: Roots, lineage: Ancestry) -> bool:
    """Say whether a node with this lineage stands in or under one of the roots."""
    return roots is None or not roots.isdisjoint(lineage)
