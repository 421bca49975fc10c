"""The one condition under which a node is seen, part of every statement that reads one (S30).

Roots are looked up in the same statement, so a node that moved stands where it stands now. What is
trashed is covered by nothing. A link must be seen where it stands and where it points (S28).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from sqlalchemy import ColumnElement, FromClause, and_, exists, false, func, or_, true

from counterfoil.access.grant import Grant
from counterfoil.access.scope import Scope
from counterfoil.access.surface import Surface
from counterfoil.content.model import Kind
from counterfoil.content.store_tables import nodes
from counterfoil.kernel.ids import OrganizationId

Condition: TypeAlias = ColumnElement[bool]

_OPEN: Final = (Kind.ROOT, Kind.FOLDER, Kind.LINK)
"""Kinds that have nothing to publish: they are on delivery as they stand."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What one caller may see of an organization on one surface."""

    organization: OrganizationId
    grant: Grant
    surface: Surface

    def of(self, node: FromClause = nodes) -> Condition:
        """Return the condition under which this node (the table or an alias of it) is seen."""
        target = nodes.alias()
        pointed = (
            exists()
            .where(
                target.c.organization_id == node.c.organization_id,
                target.c.id == node.c.target_id,
                target.c.kind != Kind.LINK,
                self._stands(target),
            )
            .correlate(node)
        )
        return and_(
            node.c.organization_id == self.organization,
            self._stands(node),
            or_(node.c.kind != Kind.LINK, pointed),
        )

    def _stands(self, node: FromClause) -> Condition:
        """The node itself, whatever it points at."""
        return and_(node.c.live, self._on_surface(node), self._covered(node))

    def _on_surface(self, node: FromClause) -> Condition:
        if self.surface is not Surface.DELIVERY:
            return true()
        return or_(node.c.published.is_not(None), node.c.kind.in_(_OPEN))

    def _covered(self, node: FromClause) -> Condition:
        content = _reached(node, self.grant, Scope.CONTENT_READ)
        assets = _reached(node, self.grant, Scope.ASSETS_READ)
        if self.grant.reach(Scope.CONTENT_READ) == self.grant.reach(Scope.ASSETS_READ):
            return content
        return or_(
            and_(node.c.kind != Kind.ASSET, content), and_(node.c.kind == Kind.ASSET, assets)
        )


def _reached(node: FromClause, grant: Grant, scope: Scope) -> Condition:
    """Alternatives of conjunctions of root sets, as `Grant.reach` gives them."""
    alternatives = grant.reach(scope)
    if () in alternatives:
        return true()
    return or_(
        false(), *(and_(*(_under(node, roots) for roots in every)) for every in alternatives)
    )


def _under(node: FromClause, roots: frozenset[Any]) -> Condition:
    root = nodes.alias()
    return (
        exists()
        .where(
            root.c.organization_id == node.c.organization_id,
            root.c.id.in_(sorted(roots)),
            func.substr(node.c.path, 1, func.length(root.c.path)) == root.c.path,
        )
        .correlate(node)
    )
