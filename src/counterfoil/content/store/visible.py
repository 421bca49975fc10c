"""The one condition under which a node is seen, part of every statement that reads one (S30).

Roots are looked up in the same statement, so a node that moved stands where it stands now. What is
trashed is covered by nothing. A link must be seen where it stands and where it points (S28).

A condition is made for the shape of a grant and told the roots when it runs: to build such a
statement takes fifty times as long as to run it, and the shapes that occur are few.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, TypeAlias

from sqlalchemy import ColumnElement, FromClause, and_, bindparam, exists, false, func, or_, true

from counterfoil.access.grant import Grant
from counterfoil.access.scope import Scope
from counterfoil.access.surface import Surface
from counterfoil.content.model import Kind
from counterfoil.content.store.tables import nodes
from counterfoil.kernel.ids import NodeId, OrganizationId

Condition: TypeAlias = ColumnElement[bool]
Reach: TypeAlias = tuple[tuple[frozenset[NodeId], ...], ...]
"""Where a scope holds, as `Grant.reach` says it."""

_OPEN: Final = (Kind.ROOT, Kind.FOLDER, Kind.LINK)
"""Kinds that have nothing to publish: they are on delivery as they stand."""

_GRANTS: Final = 4096
_ROOT: Final = nodes.alias("root")
_TARGET: Final = nodes.alias("target")
_CONTENT: Final = "content"
_ASSETS: Final = "assets"
_SCOPES: Final = {_CONTENT: Scope.CONTENT_READ, _ASSETS: Scope.ASSETS_READ}


@dataclass(frozen=True, slots=True)
class Sight:
    """What one caller may see of an organization on one surface."""

    organization: OrganizationId
    grant: Grant
    surface: Surface

    @property
    def shape(self) -> Shape:
        """What its condition looks like, whatever the roots are."""
        return _shape(self.grant, self.surface)

    @property
    def told(self) -> dict[str, Any]:
        """What its condition is told when it runs."""
        return {"organization": self.organization, **_root_sets(self.grant)}


@dataclass(frozen=True, slots=True)
class Shape:
    """The form of a condition.

    `content` and `assets` hold, for each alternative of `Grant.reach`, how many sets of roots it
    takes together; `assets` is None if they are reached as content is.
    """

    surface: Surface
    content: tuple[int, ...]
    assets: tuple[int, ...] | None

    def seen(self, node: FromClause = nodes, *, links: bool = True) -> Condition:
        """Return the condition under which this node (the table or an alias of it) is seen.

        Without `links` it is for nodes that are known to be none.
        """
        return and_(
            node.c.organization_id == bindparam("organization"),
            self.passes(node, links=links),
            self._covered(node),
        )

    def passes(self, node: FromClause = nodes, *, links: bool = True) -> Condition:
        """Return the same for a node of the organization that is known to stand in reach."""
        plain = and_(node.c.live, self._on_surface(node))
        if not links:
            return plain
        target = _TARGET
        pointed = (
            exists()
            .where(
                target.c.organization_id == node.c.organization_id,
                target.c.id == node.c.target_id,
                target.c.kind != Kind.LINK,
                target.c.live,
                self._on_surface(target),
                self._covered(target),
            )
            .correlate(node)
        )
        return and_(plain, or_(node.c.kind != Kind.LINK, pointed))

    def assets_under(self, node: FromClause) -> Condition:
        """Return the condition under which an asset below this node is within reach."""
        if self.assets is None:
            return _reached(node, _CONTENT, self.content)
        return _reached(node, _ASSETS, self.assets)

    def _on_surface(self, node: FromClause) -> Condition:
        if self.surface is not Surface.DELIVERY:
            return true()
        return or_(node.c.published.is_not(None), node.c.kind.in_(_OPEN))

    def _covered(self, node: FromClause) -> Condition:
        content = _reached(node, _CONTENT, self.content)
        if self.assets is None:
            return content
        assets = _reached(node, _ASSETS, self.assets)
        return or_(
            and_(node.c.kind != Kind.ASSET, content), and_(node.c.kind == Kind.ASSET, assets)
        )


@lru_cache(maxsize=_GRANTS)
def _shape(grant: Grant, surface: Surface) -> Shape:
    content, assets = (
        tuple(len(every) for every in grant.reach(scope)) for scope in _SCOPES.values()
    )
    alike = grant.reach(Scope.CONTENT_READ) == grant.reach(Scope.ASSETS_READ)
    return Shape(surface, content, None if alike else assets)


@lru_cache(maxsize=_GRANTS)
def _root_sets(grant: Grant) -> Mapping[str, list[NodeId]]:
    return {
        _roots(name, place, number): sorted(roots)
        for name, scope in _SCOPES.items()
        for place, every in enumerate(grant.reach(scope))
        for number, roots in enumerate(every)
    }


def _reached(node: FromClause, name: str, sizes: Sequence[int]) -> Condition:
    """Alternatives of conjunctions of root sets, as `Grant.reach` gives them."""
    if 0 in sizes:
        return true()
    return or_(
        false(),
        *(
            and_(*(under(node, _roots(name, place, number)) for number in range(size)))
            for place, size in enumerate(sizes)
        ),
    )


def under(node: FromClause, roots: str) -> Condition:
    """Return the condition that a node stands in or under one of the roots of this parameter."""
    root = _ROOT
    return (
        exists()
        .where(
            root.c.organization_id == node.c.organization_id,
            root.c.id.in_(bindparam(roots, expanding=True)),
            func.substr(node.c.path, 1, func.length(root.c.path)) == root.c.path,
        )
        .correlate(node)
    )


def _roots(name: str, place: int, number: int) -> str:
    return f"{name}_{place}_{number}"
