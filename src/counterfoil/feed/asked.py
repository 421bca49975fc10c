"""What is asked of the feed together with something else, in one statement that sees one state."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection, Select, bindparam, select, true
from sqlalchemy.exc import NoResultFound

from counterfoil.feed.chain import Written
from counterfoil.feed.outbox import LATEST, Heads, feed, head
from counterfoil.runtime.prepared import Prepared

_NEWS: Final = (
    select(feed.c.position, feed.c.version, feed.c.body, feed.c.chain)
    .where(feed.c.position > bindparam("after"))
    .order_by(feed.c.position)
    .limit(bindparam("most"))
    .subquery("news")
)
_NEXT: Final = Prepared(
    select(
        head.c.epoch.label("head_epoch"),
        head.c.position.label("head_position"),
        head.c.audit_position.label("head_audit"),
        *_NEWS.c,
    )
    .select_from(head.outerjoin(_NEWS, true()))
    .order_by(_NEWS.c.position)
)


def beside(query: Select[Any], stands: str) -> Select[Any]:
    """Have each row of a query say where the feed ends, and its chain at a position: `heads_in`.

    That position is a parameter of the name in `stands`.
    """
    told = select(feed.c.chain).where(feed.c.position <= bindparam(stands))
    return query.add_columns(
        head.c.epoch.label("head_epoch"),
        head.c.position.label("head_position"),
        head.c.audit_position.label("head_audit"),
        told.order_by(LATEST).limit(1).scalar_subquery().label("head_chain"),
    ).join(head, true(), isouter=True)


def heads_in(row: Any) -> tuple[Heads, bytes | None]:  # noqa: ANN401 - a row
    """Return what such a row says: where the feed ends, and the chain, which may be untold."""
    return _heads(row), None if row.head_chain is None else bytes(row.head_chain)


def _heads(row: Any) -> Heads:  # noqa: ANN401 - a row
    if row.head_epoch is None:
        raise NoResultFound
    return Heads(row.head_epoch, row.head_position, row.head_audit)


def news(tx: Connection, position: int, limit: int) -> tuple[Heads, list[Written], bytes | None]:
    """Return where the feed ends, what comes after a position, and the chain at the last of that.

    The chain may be untold.
    """
    rows = _NEXT.all(tx, {"after": position, "most": limit})
    if not rows:
        raise NoResultFound
    written = [(row.position, row.version, row.body) for row in rows if row.position is not None]
    chain = rows[-1].chain
    return _heads(rows[0]), written, None if chain is None else bytes(chain)
