"""Subtrees as rows: moved, trashed and restored as a whole."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, func, select, update

from counterfoil.content.model import Kind, end_of
from counterfoil.content.store.tables import nodes
from counterfoil.kernel.ids import OrganizationId


def move_subtree(tx: Connection, organization: OrganizationId, old: str, new: str) -> None:
    """Rewrite the paths of all that stands under a node which moved from one path to another."""
    tx.execute(
        update(nodes)
        .where(*_subtree(organization, old))
        .values(path=new + func.substr(nodes.c.path, len(old) + 1))
    )


def deepest(tx: Connection, organization: OrganizationId, path: str) -> int:
    """Return the length of the longest path in this subtree."""
    length: int = tx.execute(
        select(func.max(func.length(nodes.c.path))).where(*_subtree(organization, path))
    ).scalar_one()
    return length


def holds_assets(tx: Connection, organization: OrganizationId, path: str, *, live: bool) -> bool:
    """Say whether an asset stands in this subtree, or lies in the trash with it."""
    here = (*_subtree(organization, path), nodes.c.kind == Kind.ASSET, nodes.c.live.is_(live))
    return tx.execute(select(nodes.c.id).where(*here).limit(1)).first() is not None


def sink(tx: Connection, organization: OrganizationId, path: str) -> None:
    """Mark a subtree as trashed with its top."""
    tx.execute(update(nodes).where(*_subtree(organization, path)).values(live=False))


def raise_again(tx: Connection, organization: OrganizationId, path: str) -> None:
    """Mark a subtree as live again, save what was put into the trash for itself and below it."""
    tx.execute(update(nodes).where(*_subtree(organization, path)).values(live=True))
    trashed = tx.execute(
        select(nodes.c.path).where(
            *_subtree(organization, path), nodes.c.path != path, nodes.c.trashed_at.is_not(None)
        )
    ).scalars()
    for lower in trashed.all():
        sink(tx, organization, lower)


def _subtree(organization: OrganizationId, path: str) -> tuple[Any, ...]:
    return (
        nodes.c.organization_id == organization,
        nodes.c.path >= path,
        nodes.c.path < end_of(path),
    )
