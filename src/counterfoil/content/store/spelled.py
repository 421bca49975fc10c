"""Nodes that something else names by their spelled ids (`nod_…`): whether somebody sees them.

What holds ids of any kind, such as the audit trail, stands below the tree. It is told a condition,
and asks it of each row in its own statement: so a node that moved stands where it stands now.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Connection, and_, case, cast, func, or_, select

from counterfoil.access.grant import Grant, Term
from counterfoil.access.scope import Scope, scopes
from counterfoil.access.surface import Surface
from counterfoil.content.store.tables import nodes
from counterfoil.content.store.visible import Condition, Sight
from counterfoil.kernel.ids import LOWEST, NodeId, OrganizationId, Prefix

_NODE: Final = f"{Prefix.NODE}_"
_DIGITS: Final = len(str(LOWEST))
_READS: Final = scopes(Scope.CONTENT_READ, Scope.ASSETS_READ)


def sight_by(organization: OrganizationId, grant: Grant, *held: Scope) -> Sight:
    """Return the sight of every node where a grant holds one of these scopes."""
    wanted = scopes(*held)
    terms = tuple(Term(_READS, term.roots) for term in grant.terms if term.scopes & wanted)
    return Sight(organization, Grant(terms, grant.limits), Surface.MANAGEMENT)


def names_seen(column: ColumnElement[Any], sight: Sight) -> Condition:
    """Return the condition that a column of spelled ids names no node that is out of sight."""
    is_node = func.substr(column, 1, len(_NODE)) == _NODE
    digits = func.substr(column, len(_NODE) + 1)
    is_id = and_(is_node, func.length(digits) == _DIGITS, func.ltrim(digits, "0123456789") == "")
    id_ = case((is_id, cast(digits, BigInteger)))  # Postgres fails where it casts what is none
    seen = select(nodes.c.id).where(nodes.c.id == id_, sight.shape.seen()).params(sight.told)
    return or_(column.is_(None), ~is_node, seen.exists())


def seen_among(tx: Connection, sight: Sight, ids: frozenset[NodeId]) -> frozenset[NodeId]:
    """Return which of these nodes are in sight."""
    if not ids:
        return ids
    wanted = select(nodes.c.id).where(nodes.c.id.in_(sorted(ids)), sight.shape.seen())
    return frozenset(NodeId(id_) for id_ in tx.scalars(wanted, sight.told))
