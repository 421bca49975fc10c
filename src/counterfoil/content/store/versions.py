"""Versions as rows: every state that an entry or asset was in, numbered from 1 without gaps."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, select

from counterfoil.content.model import Hand, Node, Revision
from counterfoil.content.store.tables import versions

_OF: Final = select(versions).where(
    versions.c.organization_id == bindparam("organization"), versions.c.node_id == bindparam("node")
)
_ONE: Final = _OF.where(versions.c.number == bindparam("number"))
_SOME: Final = (
    _OF.where(versions.c.number < bindparam("before"))
    .order_by(versions.c.number.desc())
    .limit(bindparam("size"))
)


def revision(tx: Connection, of: Node, number: int) -> Revision | None:
    """Return one version of a node; None if it has none of that number."""
    named = {"organization": of.organization, "node": of.id, "number": number}
    row = tx.execute(_ONE, named).first()
    return None if row is None else _to_revision(row)


def revisions(tx: Connection, of: Node, size: int, before: int) -> list[Revision]:
    """Return up to `size` versions of a node that came before a number, the newest first."""
    named = {"organization": of.organization, "node": of.id, "before": before, "size": size}
    return [_to_revision(row) for row in tx.execute(_SOME, named)]


def _to_revision(row: Row[Any]) -> Revision:
    return Revision(
        number=row.number,
        content=row.content,
        position=row.position,
        made_at=row.created_at,
        made=Hand(row.created_by, row.created_with),
    )
