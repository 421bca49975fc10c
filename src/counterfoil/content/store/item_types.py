"""Content types as rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, update

from counterfoil.content import keywords
from counterfoil.content.model import ContentType, type_named
from counterfoil.content.store.tables import content_types, nodes, sample_types
from counterfoil.kernel.errors import Code, Conflict, NotFound
from counterfoil.kernel.ids import ContentTypeId, OrganizationId
from counterfoil.runtime.prepared import Prepared

_TYPE: Final = select(content_types).where(
    content_types.c.organization_id == bindparam("organization"),
    content_types.c.id == bindparam("id"),
)

_BODIES: Final = select(content_types.c.id, content_types.c.body).where(
    content_types.c.organization_id == bindparam("organization"),
    content_types.c.id.in_(bindparam("ids", expanding=True)),
)


_SOME: Final = Prepared(
    select(content_types)
    .where(
        content_types.c.organization_id == bindparam("organization"),
        content_types.c.api_key > bindparam("after"),
    )
    .order_by(content_types.c.api_key)
    .limit(bindparam("size"))
    .offset(bindparam("offset"))
)
"""Each GraphQL query asks it: to put it together would take longer than to answer it."""


def content_type(
    tx: Connection, organization: OrganizationId, id_: ContentTypeId, *, hold: bool = False
) -> ContentType:
    """Return a content type of this organization; with `hold`, nobody else changes it meanwhile.

    Raises:
        NotFound: if it has none with this id.
    """
    named = {"organization": organization, "id": id_}
    row = tx.execute(_TYPE.with_for_update() if hold else _TYPE, named).first()
    if row is None:
        raise NotFound
    return to_type(row)


def bodies(
    tx: Connection, organization: OrganizationId, ids: Iterable[ContentTypeId]
) -> dict[ContentTypeId, bytes]:
    """Return the schemas of these content types."""
    rows = tx.execute(_BODIES, {"organization": organization, "ids": sorted(set(ids))})
    return {ContentTypeId(id_): body for id_, body in rows}


def named(tx: Connection, organization: OrganizationId, name: str) -> ContentType | None:
    """Return the content type with this id, in digits, or this api_key; None if there is none."""
    by = type_named(name)
    column = content_types.c.id if isinstance(by, int) else content_types.c.api_key
    ours = content_types.c.organization_id == organization
    row = tx.execute(select(content_types).where(ours, column == by)).first()
    return None if row is None else to_type(row)


def some(
    tx: Connection, organization: OrganizationId, size: int, after: str = "", offset: int = 0
) -> list[ContentType]:
    """Return content types in the order of their api_key, after one."""
    told = {"organization": organization, "after": after, "size": size, "offset": offset}
    return [to_type(row) for row in _SOME.all(tx, told)]


def count(tx: Connection, organization: OrganizationId) -> int:
    """Return how many content types the organization has."""
    found: int = tx.execute(
        select(func.count())
        .select_from(content_types)
        .where(content_types.c.organization_id == organization)
    ).scalar_one()
    return found


def add(tx: Connection, new: ContentType) -> None:
    """Write a new content type.

    Raises:
        Conflict: NAME_TAKEN if another has its api_key or schema_id.
    """
    _require_free(tx, new)
    tx.execute(insert(content_types).values(**_row(new)))


def save(tx: Connection, changed: ContentType) -> None:
    """Write a content type that changed.

    Raises:
        Conflict: NAME_TAKEN if another has its schema_id.
    """
    _require_free(tx, changed)
    tx.execute(
        update(content_types)
        .where(
            content_types.c.organization_id == changed.organization,
            content_types.c.id == changed.id,
        )
        .values(**_row(changed))
    )


def drop(tx: Connection, of: ContentType) -> None:
    """Remove a content type that no entry is of.

    Raises:
        Conflict: IN_USE if there is such an entry, also in the trash.
    """
    used = tx.execute(
        select(nodes.c.id)
        .where(nodes.c.organization_id == of.organization, nodes.c.content_type_id == of.id)
        .limit(1)
    ).first()
    if used is not None:
        raise Conflict(Code.IN_USE, "There are entries of this content type.")
    for table, column in ((sample_types, "content_type_id"), (content_types, "id")):
        ours = table.c.organization_id == of.organization
        tx.execute(delete(table).where(ours, table.c[column] == of.id))


def _require_free(tx: Connection, of: ContentType) -> None:
    for column, value in (
        (content_types.c.api_key, of.api_key),
        (content_types.c.schema_id, of.schema_id),
    ):
        other = tx.execute(
            select(content_types.c.id).where(
                content_types.c.organization_id == of.organization,
                column == value,
                content_types.c.id != of.id,
            )
        ).first()
        if other is not None:
            raise Conflict(
                Code.NAME_TAKEN,
                f"There is a content type with this {column.name} already.",
                field=f"/data/attributes/{column.name}",
            )


def _row(of: ContentType) -> dict[str, Any]:
    row = asdict(of)
    row["organization_id"] = row.pop("organization")
    row["refers"] = bool(keywords.places(of.body))
    return row


def to_type(row: Row[Any]) -> ContentType:
    """Read a content type from a row that holds all columns of its table."""
    return ContentType(
        organization=OrganizationId(row.organization_id),
        id=ContentTypeId(row.id),
        api_key=row.api_key,
        name=row.name,
        schema_id=row.schema_id,
        body=row.body,
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
