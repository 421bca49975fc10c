"""When each token was last seen on each surface: kept beside the log, and never in the token's row.

It is written by the journal's thread, for each token at most once a minute in each process, so that
no request pays for it; what a crash loses is a minute at most (R16).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import BigInteger, Column, Connection, String, Table, select

from counterfoil.access.caller import Method
from counterfoil.access.surface import Surface
from counterfoil.audit.record import Entry
from counterfoil.kernel.ids import OrganizationId, TokenId
from counterfoil.runtime.database import Instant, insert_or, metadata

table: Final = Table(
    "audit_last_seen",
    metadata,
    Column("organization_id", BigInteger, primary_key=True, autoincrement=False),
    Column("token_id", BigInteger, primary_key=True, autoincrement=False),
    Column("surface", String(16), primary_key=True),
    Column("at", Instant, nullable=False),
)

_LASTING: Final = frozenset({Method.PERSONAL, Method.SERVICE})
"""Whose last sight anybody asks for; sessions and exchanged tokens come and go in numbers."""
_AT_ONCE: Final = 500


class Key(NamedTuple):
    """A token on a surface. What a token may do of itself counts as management."""

    organization: OrganizationId
    token: TokenId
    surface: Surface


Seen = dict[Key, datetime]


class Sightings:
    """What was seen and is yet to be written, each once in a minute. Its owner sees to threads."""

    def __init__(self) -> None:
        self._minute: datetime | None = None
        self._noted: set[Key] = set()
        self._waiting: Seen = {}

    def note(self, entry: Entry) -> None:
        """Take in that the caller of an entry was here."""
        caller = entry.caller
        if caller.token is None or caller.method not in _LASTING:
            return
        minute = entry.at.replace(second=0, microsecond=0)
        if minute != self._minute:
            self._minute, self._noted = minute, set()
        key = Key(caller.organization, caller.token, entry.act.surface or Surface.MANAGEMENT)
        if key not in self._noted:
            self._noted.add(key)
            self._waiting[key] = entry.at

    def take(self) -> Seen:
        """Hand out what waits."""
        waiting, self._waiting = self._waiting, {}
        return waiting

    def give_back(self, seen: Seen) -> None:
        """Let what could not be written wait on."""
        self._waiting = {**seen, **self._waiting}


def write_seen(tx: Connection, seen: Seen) -> None:
    """Write down when tokens were seen; what is known to be later stays."""
    if not seen:
        return
    rows = [
        {"organization_id": organization, "token_id": token, "surface": str(surface), "at": at}
        for (organization, token, surface), at in seen.items()
    ]
    new = insert_or(tx, table)
    later = new.on_conflict_do_update(
        index_elements=list(table.primary_key.columns),
        set_={"at": new.excluded["at"]},
        where=new.excluded["at"] > table.c.at,
    )
    tx.execute(later, rows)


def last_seen(
    tx: Connection, organization: OrganizationId, tokens: Sequence[TokenId]
) -> list[tuple[TokenId, Surface, datetime]]:
    """Return when each of these tokens was last seen on each surface."""
    found: list[tuple[TokenId, Surface, datetime]] = []
    for start in range(0, len(tokens), _AT_ONCE):
        rows = tx.execute(
            select(table.c.token_id, table.c.surface, table.c.at).where(
                table.c.organization_id == organization,
                table.c.token_id.in_(tokens[start : start + _AT_ONCE]),
            )
        )
        found += [(TokenId(row[0]), Surface(row[1]), row[2]) for row in rows]
    return found
