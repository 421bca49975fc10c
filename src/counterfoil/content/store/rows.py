"""Nodes as rows: where they stand, how they are written, and what the gates hear of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from counterfoil.access.roots import NOWHERE, Lineage
from counterfoil.content.model import Hand, Kind, Node, Version, ids_of
from counterfoil.content.store.tables import nodes, versions
from counterfoil.feed.event import AnyEvent, NodePlaced
from counterfoil.kernel.errors import Code, Conflict
from counterfoil.kernel.ids import ContentTypeId, NodeId, OrganizationId

_BATCH: Final = 1000
_SQL_VARIABLES: Final = 500

# What every write asks is put together once, which takes longer than SQLite takes to answer it.
_OURS: Final = nodes.c.organization_id == bindparam("organization")
_CHILD: Final = select(nodes).where(
    _OURS,
    nodes.c.parent_id == bindparam("parent"),
    nodes.c.slug == bindparam("slug"),
    nodes.c.trashed_at.is_(None),
)
_HOLD: Final = select(nodes.c.id).where(_OURS, nodes.c.kind == Kind.ROOT).with_for_update()
_SAVE: Final = update(nodes).where(
    nodes.c.organization_id == bindparam("of"), nodes.c.id == bindparam("at")
)
_VERSION: Final = select(versions.c.number, versions.c.content, versions.c.position).where(
    versions.c.organization_id == bindparam("organization"),
    versions.c.node_id == bindparam("node"),
    versions.c.number == bindparam("number"),
)


def root(tx: Connection, organization: OrganizationId) -> Node | None:
    """Return the one node that has no parent."""
    row = tx.execute(
        select(nodes).where(nodes.c.organization_id == organization, nodes.c.kind == Kind.ROOT)
    ).first()
    return None if row is None else to_node(row)


def child(tx: Connection, organization: OrganizationId, parent: NodeId, slug: str) -> Node | None:
    """Return the child of this name that is not itself in the trash."""
    named = {"organization": organization, "parent": parent, "slug": slug}
    row = tx.execute(_CHILD, named).first()
    return None if row is None else to_node(row)


def hold_tree(tx: Connection, organization: OrganizationId) -> None:
    """Let nobody else change the shape of this organization's tree before this work commits."""
    tx.execute(_HOLD, {"organization": organization}).first()


def lineage(tx: Connection, organization: OrganizationId, id_: NodeId) -> Lineage:
    """Return a node and all its ancestors; a link's are those of what it points at (S28).

    NOWHERE for a node that is unknown, somebody else's, trashed, or below a trashed one.
    """
    return lineages(tx, organization, (id_,)).get(id_, NOWHERE)


def lineages(
    tx: Connection, organization: OrganizationId, ids: Iterable[NodeId]
) -> dict[NodeId, Lineage]:
    """Return the lineage of each of these nodes, NOWHERE included."""
    wanted = list(dict.fromkeys(ids))
    found: dict[NodeId, Lineage] = dict.fromkeys(wanted, NOWHERE)
    target = nodes.alias("target")
    for start in range(0, len(wanted), _SQL_VARIABLES):
        rows = tx.execute(
            select(nodes.c.id, nodes.c.target_id, nodes.c.path, target.c.path, target.c.live)
            .outerjoin(
                target,
                (target.c.organization_id == nodes.c.organization_id)
                & (target.c.id == nodes.c.target_id),
            )
            .where(
                nodes.c.organization_id == organization,
                nodes.c.id.in_(wanted[start : start + _SQL_VARIABLES]),
                nodes.c.live,
            )
        )
        for id_, pointed, path, target_path, target_live in rows:
            if pointed is None:
                found[NodeId(id_)] = ids_of(path)
            elif target_live:
                found[NodeId(id_)] = ids_of(target_path) | {NodeId(id_)}
    return found


def records(tx: Connection) -> Iterator[AnyEvent]:
    """Yield where every node stands that is not itself in the trash, parents first.

    What lies below a trashed node is told as well, under a parent that is not: no root covers it
    then, and one event brings it back with its parent. Links come last, under their targets.
    """
    for links in (False, True):
        of_kind = (nodes.c.kind == Kind.LINK) if links else (nodes.c.kind != Kind.LINK)
        above = nodes.c.target_id if links else nodes.c.parent_id
        rows = tx.execute(
            select(nodes.c.organization_id, nodes.c.id, above)
            .where(of_kind, nodes.c.trashed_at.is_(None))
            .order_by(nodes.c.organization_id, nodes.c.path)
            .execution_options(yield_per=_BATCH)
        )
        for organization, id_, parent in rows:
            yield NodePlaced(organization=organization, node=id_, parent=parent)


def nodes_named(tx: Connection, organization: OrganizationId, ids: Sequence[NodeId]) -> list[Node]:
    """Return these nodes, also the trashed ones."""
    ours = nodes.c.organization_id == organization
    return [to_node(row) for row in tx.execute(select(nodes).where(ours, nodes.c.id.in_(ids)))]


def placed(of: Node) -> NodePlaced:
    """Return the event that says where a node stands: a link stands under its target."""
    above = of.target if of.kind is Kind.LINK else of.parent
    return NodePlaced(organization=of.organization, node=of.id, parent=above)


def add(tx: Connection, made: Callable[[], Node]) -> Node:
    """Write a new node, with another id if its own is taken.

    Raises:
        Conflict: NAME_TAKEN if a sibling has the slug.
    """
    while True:
        new = made()
        try:
            with tx.begin_nested():
                tx.execute(insert(nodes), _row(new))
        except IntegrityError:
            require_free(tx, new)
            if _id_is_free(tx, new.id):
                raise
        else:
            return new


def save(tx: Connection, changed: Node) -> None:
    """Write a node that changed where it is.

    Raises:
        Conflict: NAME_TAKEN if a sibling has the slug.
    """
    require_free(tx, changed)
    tx.execute(_SAVE, {"at": changed.id, "of": changed.organization, **_row(changed)})


def require_free(tx: Connection, of: Node) -> None:
    """Return if no other node beside this one has its slug.

    Raises:
        Conflict: NAME_TAKEN.
    """
    other = None if of.parent is None else child(tx, of.organization, of.parent, of.slug)
    if other is not None and other.id != of.id and of.trashed_at is None:
        raise Conflict(Code.NAME_TAKEN, f"There is a node {of.slug!r} here already.")


def keep_version(
    tx: Connection,
    of: Node,
    content: bytes,
    position: int,
    *,
    at: datetime,
    by: Hand,
    sha256: str | None = None,
) -> None:
    """Write the version that a node's draft number names; `sha256` is that of its file, if any."""
    row = {
        "organization_id": of.organization,
        "node_id": of.id,
        "number": of.draft,
        "content": content,
        "position": position,
        "sha256": sha256,
        "created_at": at,
        "created_by": by.user,
        "created_with": by.token,
    }
    tx.execute(insert(versions), row)


def stamp_version(tx: Connection, of: Node, position: int) -> None:
    """Write the feed's position at which the version came that a node's draft number names."""
    tx.execute(
        update(versions)
        .where(
            versions.c.organization_id == of.organization,
            versions.c.node_id == of.id,
            versions.c.number == of.draft,
        )
        .values(position=position)
    )


def version(tx: Connection, of: Node, number: int) -> Version:
    """Return one version of a node that has it."""
    row = tx.execute(
        _VERSION, {"organization": of.organization, "node": of.id, "number": number}
    ).one()
    return Version(row.number, row.content, row.position)


def to_node(row: Row[Any]) -> Node:
    """Read a node from a row that holds all columns of its table."""
    return Node(
        organization=OrganizationId(row.organization_id),
        id=NodeId(row.id),
        parent=row.parent_id,
        kind=Kind(row.kind),
        slug=row.slug,
        path=row.path,
        created_at=row.created_at,
        created=Hand(row.created_by, row.created_with),
        updated_at=row.updated_at,
        updated=Hand(row.updated_by, row.updated_with),
        target=row.target_id,
        content_type=None if row.content_type_id is None else ContentTypeId(row.content_type_id),
        draft=row.draft,
        published=row.published,
        published_at=row.published_at,
        trashed_at=row.trashed_at,
        live=row.live,
        version=row.version,
    )


def _row(of: Node) -> dict[str, object]:
    return {
        "organization_id": of.organization,
        "id": of.id,
        "parent_id": of.parent,
        "kind": str(of.kind),
        "slug": of.slug,
        "path": of.path,
        "target_id": of.target,
        "content_type_id": of.content_type,
        "draft": of.draft,
        "published": of.published,
        "published_at": of.published_at,
        "trashed_at": of.trashed_at,
        "live": of.live,
        "version": of.version,
        "created_at": of.created_at,
        "created_by": of.created.user,
        "created_with": of.created.token,
        "updated_at": of.updated_at,
        "updated_by": of.updated.user,
        "updated_with": of.updated.token,
    }


def _id_is_free(tx: Connection, id_: NodeId) -> bool:
    return tx.execute(select(nodes.c.id).where(nodes.c.id == id_)).first() is None
