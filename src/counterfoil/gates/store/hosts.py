"""The hosts of an office among its gates: which hold a lease, and how late they believe it is (R6).

What each believes stands in the row of its lease, which it writes twice a second. The latest of all
stays there when all hosts are gone, so one that begins with an earlier clock hears of it.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection, and_, bindparam, func, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import FunctionElement

from counterfoil.gates.model import Others
from counterfoil.gates.store.tables import gates as table
from counterfoil.runtime.database import Instant
from counterfoil.runtime.prepared import Prepared


class _Now(FunctionElement[Any]):
    """What time it is by the clock of the database; nothing where that is of this host."""

    type = Instant()
    name = "now_there"
    inherit_cache = True


@compiles(_Now)
def _nothing(_element: _Now, _compiler: SQLCompiler, **_more: object) -> str:
    return "NULL"


@compiles(_Now, "postgresql")
def _by_postgres(_element: _Now, _compiler: SQLCompiler, **_more: object) -> str:
    return "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)"


_IS_HOST: Final = and_(table.c.digest.is_(None), table.c.name.contains(" "))
_each: Final = table.alias()
_LATEST: Final = (
    select(func.max(_each.c.heard_at))
    .where(_each.c.digest.is_(None), _each.c.name.contains(" "))
    .scalar_subquery()
)
SAYS_HOW_LATE: Final = and_(_IS_HOST, func.coalesce(table.c.heard_at >= _LATEST, False))
"""A host than which none believes a later time."""
_OTHERS: Final = Prepared(
    select(
        func.count().filter(table.c.holds).label("holding"),
        func.max(table.c.heard_at).label("latest"),
        func.max(table.c.heard_at).filter(table.c.holds).label("live"),
        _Now().label("theirs"),
    ).where(_IS_HOST, table.c.name != bindparam("but"))
)


def other_hosts(tx: Connection, but: str) -> Others:
    """Return what is known of the hosts of the office, but for the one of that name."""
    row = _OTHERS.first(tx, {"but": but})
    return Others(*row[:4]) if row else Others(0, None, None, None)
