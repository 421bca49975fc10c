"""Routes and resources of registered APIs: rows and model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, select, update

from counterfoil.access.roots import NOWHERE, Lineage
from counterfoil.directory.api import Api
from counterfoil.directory.routed import Resource, ResourceTree, RouteTable
from counterfoil.directory.store.apis import api
from counterfoil.directory.store.tables import api_gates, resources
from counterfoil.kernel.errors import NotFound
from counterfoil.kernel.ids import ApiId, NodeId, OrganizationId
from counterfoil.kernel.page import Page, Wanted, number
from counterfoil.routing.table import Route

_SQL_VARIABLES: Final = 500
LONGEST_GRACE: Final = select(func.max(api_gates.c.grace_seconds).label("longest"))
"""For how many seconds at most a gate lets reads of any API pass after its lease."""
_encoder: Final = msgspec.json.Encoder(order="deterministic")
_decoder: Final = msgspec.json.Decoder(tuple[Route, ...])


def table_of(tx: Connection, organization: OrganizationId, api: ApiId) -> RouteTable:
    """Return the routes of an API; none where nobody has declared any."""
    row = _gate(tx, organization, api)
    return RouteTable(organization, api) if row is None else _table(row)


def every_table(tx: Connection) -> Iterator[RouteTable]:
    """Yield the routes of all APIs that have any."""
    for row in tx.execute(select(api_gates).where(api_gates.c.version > 0)).all():
        yield _table(row)


def api_behind_a_gate(tx: Connection, id_: ApiId) -> Api:
    """Return an API that has routes, whosever it is, or raise NotFound."""
    home = tx.execute(
        select(api_gates.c.organization_id).where(
            api_gates.c.api_id == id_, api_gates.c.version > 0
        )
    ).scalar_one_or_none()
    if home is None:
        raise NotFound
    return api(tx, OrganizationId(home), id_)


def save_table(tx: Connection, table: RouteTable) -> None:
    """Write a table of routes."""
    _put(
        tx,
        table.organization,
        table.api,
        routes=_encoder.encode(table.routes),
        preflights=table.preflights,
        grace_seconds=table.grace_seconds,
        version=table.version,
    )


def tree_of(tx: Connection, organization: OrganizationId, api: ApiId) -> ResourceTree:
    """Return the resources of an API."""
    row = _gate(tx, organization, api)
    found = _resources(tx, resources.c.organization_id == organization, resources.c.api_id == api)
    revision = 0 if row is None else int(row.revision)
    return ResourceTree(organization, api, revision, {one.key: one for _, _, one in found})


def every_resource(tx: Connection) -> Iterator[tuple[OrganizationId, ApiId, Resource]]:
    """Yield all resources of all APIs."""
    yield from _resources(tx)


def resources_in(
    tx: Connection,
    organization: OrganizationId,
    api: ApiId,
    wanted: Wanted,
    key: str | None,
) -> Page[Resource]:
    """Return a piece of an API's resources, or the one of a key."""
    where = [resources.c.organization_id == organization, resources.c.api_id == api]
    if key is not None:
        where.append(resources.c.key == key)
    if wanted.after is not None:
        where.append(resources.c.id > number(wanted.after))
    query = select(resources).where(*where).order_by(resources.c.id)
    rows = tx.execute(query.offset(wanted.offset).limit(wanted.size + 1)).all()
    return Page.cut([_resource(row) for row in rows], wanted, lambda one: one.id)


def save_tree(
    tx: Connection, tree: ResourceTree, added: Iterable[Resource], changed: Iterable[Resource]
) -> None:
    """Write what is new and what has changed of an API's resources."""
    _put(tx, tree.organization, tree.api, revision=tree.revision)
    rows = [
        {
            "organization_id": tree.organization,
            "id": one.id,
            "api_id": tree.api,
            "key": one.key,
            "parent_id": one.parent,
            "name": one.name,
        }
        for one in added
    ]
    if rows:
        tx.execute(insert(resources), rows)
    for one in changed:
        tx.execute(
            update(resources)
            .where(resources.c.organization_id == tree.organization, resources.c.id == one.id)
            .values(parent_id=one.parent, name=one.name)
        )


def drop_resources(tx: Connection, organization: OrganizationId, gone: Iterable[NodeId]) -> None:
    """Forget resources."""
    ids = list(gone)
    for start in range(0, len(ids), _SQL_VARIABLES):
        tx.execute(
            delete(resources).where(
                resources.c.organization_id == organization,
                resources.c.id.in_(ids[start : start + _SQL_VARIABLES]),
            )
        )


def drop_gate(tx: Connection, organization: OrganizationId, api: ApiId) -> None:
    """Forget all routes and resources of an API."""
    for table in (resources, api_gates):
        tx.execute(
            delete(table).where(table.c.organization_id == organization, table.c.api_id == api)
        )


def resource_names(
    tx: Connection, organization: OrganizationId, ids: Iterable[NodeId]
) -> dict[NodeId, str]:
    """Return what these nodes are called, of those that are resources; they are few."""
    found = tx.execute(
        select(resources.c.id, resources.c.name, resources.c.key).where(
            resources.c.organization_id == organization, resources.c.id.in_(sorted(ids))
        )
    )
    return {NodeId(row.id): row.name or row.key for row in found}


def resource_lineages(
    tx: Connection, organization: OrganizationId, ids: Iterable[NodeId]
) -> dict[NodeId, Lineage]:
    """Return where these resources stand, NOWHERE for what is none; they are few."""
    found: dict[NodeId, Lineage] = {}
    for id_ in ids:
        climbed: set[NodeId] = set()
        above: int | None = id_
        while above is not None and above not in climbed:
            row = tx.execute(
                select(resources.c.parent_id).where(
                    resources.c.organization_id == organization, resources.c.id == above
                )
            ).first()
            if row is None:
                climbed.clear()
                break
            climbed.add(NodeId(above))
            above = row.parent_id
        found[id_] = frozenset(climbed) or NOWHERE
    return found


def _gate(tx: Connection, organization: OrganizationId, api: ApiId) -> Row[Any] | None:
    return tx.execute(
        select(api_gates).where(
            api_gates.c.organization_id == organization, api_gates.c.api_id == api
        )
    ).first()


def _put(tx: Connection, organization: OrganizationId, api: ApiId, **values: object) -> None:
    here = (api_gates.c.organization_id == organization, api_gates.c.api_id == api)
    if not tx.execute(update(api_gates).where(*here).values(values)).rowcount:
        nothing = {"routes": b"[]", "preflights": False, "grace_seconds": 0}
        whole = {**nothing, "version": 0, "revision": 0, **values}
        tx.execute(insert(api_gates).values(organization_id=organization, api_id=api, **whole))


def _table(row: Row[Any]) -> RouteTable:
    return RouteTable(
        organization=OrganizationId(row.organization_id),
        api=ApiId(row.api_id),
        routes=_decoder.decode(row.routes),
        preflights=row.preflights,
        grace_seconds=row.grace_seconds,
        version=row.version,
    )


def _resources(
    tx: Connection, *where: ColumnElement[bool]
) -> list[tuple[OrganizationId, ApiId, Resource]]:
    rows = tx.execute(select(resources).where(*where)).all()
    return [
        (OrganizationId(row.organization_id), ApiId(row.api_id), _resource(row)) for row in rows
    ]


def _resource(row: Row[Any]) -> Resource:
    parent = None if row.parent_id is None else NodeId(row.parent_id)
    return Resource(NodeId(row.id), row.key, parent, row.name)
