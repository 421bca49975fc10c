"""The trash as rows: what lies in it, and what goes out of it for good."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
)

from counterfoil.content.latch import Thing
from counterfoil.content.model import Kind, Node, end_of
from counterfoil.content.store import found_by
from counterfoil.content.store.rows import to_node
from counterfoil.content.store.tables import (
    doomed,
    locks,
    members,
    nodes,
    sample_nodes,
    schedules,
    values,
    versions,
)
from counterfoil.content.store.visible import Shape, Sight
from counterfoil.kernel.ids import NodeId, OrganizationId

_SHAPES: Final = 64
_BATCH: Final = 1_000
_PARENT: Final = nodes.alias("parent")


def some(tx: Connection, sight: Sight, size: int, after: tuple[datetime, int] | None) -> list[Node]:
    """Return up to `size` trashed nodes whose parents are in sight, the latest trashed first.

    What lies below a trashed node went with that, and comes back with it.
    """
    told: dict[str, Any] = {**sight.told, "size": size}
    if after is not None:
        told |= {"at": after[0], "last": after[1]}
    return [to_node(row) for row in tx.execute(_some(sight.shape, after=after is not None), told)]


def count(tx: Connection, sight: Sight) -> int:
    """Return how many there are."""
    query = select(func.count()).select_from(_trashed(sight.shape).subquery())
    found: int = tx.execute(query, sight.told).scalar_one()
    return found


def is_larger(tx: Connection, top: Node, most: int) -> bool:
    """Say whether more than so many nodes lie in and below a trashed one."""
    some_ids = select(nodes.c.id).where(*_below(top)).limit(most + 1).subquery()
    return bool(tx.execute(select(func.count()).select_from(some_ids)).scalar_one() > most)


def doom(tx: Connection, top: Node) -> None:
    """Say that a trashed node is gone for everybody, before what lies below it is."""
    tx.execute(insert(doomed).values(organization_id=top.organization, node_id=top.id))


def is_doomed(tx: Connection, organization: OrganizationId, id_: NodeId) -> bool:
    """Say whether a node is gone for everybody already."""
    return tx.execute(select(doomed).where(*_marked(organization, id_))).first() is not None


def waiting(tx: Connection) -> list[tuple[OrganizationId, NodeId]]:
    """Return what is gone for everybody, and still takes room."""
    return [(OrganizationId(row[0]), NodeId(row[1])) for row in tx.execute(select(doomed))]


def spare(tx: Connection, organization: OrganizationId, id_: NodeId) -> None:
    """Forget that a node was doomed: it is no more."""
    tx.execute(delete(doomed).where(*_marked(organization, id_)))


def wipe(tx: Connection, top: Node, most: int) -> list[NodeId]:
    """Delete up to so many nodes for good, the deepest in and below a trashed one first.

    Links that pointed to them go with them.

    Returns:
        Whatever the gates may still have heard of: all that was not trashed by itself.
    """
    deepest = select(nodes).where(*_below(top)).order_by(nodes.c.path.desc()).limit(most)
    going = {NodeId(row.id): row.trashed_at for row in tx.execute(deepest)}
    pointing = select(nodes.c.id, nodes.c.trashed_at).where(
        nodes.c.organization_id == top.organization,
        nodes.c.kind == str(Kind.LINK),
        nodes.c.target_id.in_(list(going)),
    )
    links = {NodeId(id_): trashed_at for id_, trashed_at in tx.execute(pointing)}
    every = {**links, **going}
    _forget(tx, top.organization, list(every))
    for group in (links, going):  # what points there goes first
        for ids in _batches(list(group)):
            ours = nodes.c.organization_id == top.organization
            tx.execute(delete(nodes).where(ours, nodes.c.id.in_(ids)))
    return [id_ for id_, trashed_at in every.items() if trashed_at is None]


def _forget(tx: Connection, organization: OrganizationId, every: list[NodeId]) -> None:
    for ids in _batches(every):
        found_by.forget(tx, ids)
        for kept in (schedules, versions, values, members, sample_nodes):
            ours = kept.c.organization_id == organization
            tx.execute(delete(kept).where(ours, kept.c.node_id.in_(ids)))
        held = (locks.c.organization_id == organization, locks.c.thing == str(Thing.NODE))
        tx.execute(delete(locks).where(*held, locks.c.id.in_(ids)))


def _batches(ids: list[NodeId]) -> Iterator[list[NodeId]]:
    return (ids[start : start + _BATCH] for start in range(0, len(ids), _BATCH))


def _below(top: Node) -> tuple[ColumnElement[bool], ...]:
    return (
        nodes.c.organization_id == top.organization,
        nodes.c.path >= top.path,
        nodes.c.path < end_of(top.path),
    )


def _marked(organization: OrganizationId, id_: NodeId) -> tuple[ColumnElement[bool], ...]:
    return doomed.c.organization_id == organization, doomed.c.node_id == id_


@lru_cache(maxsize=_SHAPES)
def _some(shape: Shape, *, after: bool) -> Select[Any]:
    query = _trashed(shape)
    if after:
        at = bindparam("at", type_=nodes.c.trashed_at.type)
        query = query.where(
            or_(
                nodes.c.trashed_at < at,
                and_(nodes.c.trashed_at == at, nodes.c.id < bindparam("last")),
            )
        )
    return query.order_by(nodes.c.trashed_at.desc(), nodes.c.id.desc()).limit(bindparam("size"))


def _trashed(shape: Shape) -> Select[Any]:
    parent = _PARENT
    return (
        select(nodes)
        .join(
            parent,
            and_(
                parent.c.organization_id == nodes.c.organization_id,
                parent.c.id == nodes.c.parent_id,
            ),
        )
        .where(
            nodes.c.organization_id == bindparam("organization"),
            nodes.c.trashed_at.is_not(None),
            ~exists()
            .where(
                doomed.c.organization_id == nodes.c.organization_id,
                doomed.c.node_id == nodes.c.id,
            )
            .correlate(nodes),
            shape.seen(parent, links=False),
            or_(nodes.c.kind != Kind.ASSET, shape.assets_under(parent)),
        )
    )
