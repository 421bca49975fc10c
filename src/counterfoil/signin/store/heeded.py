"""What the operator's file says of each provider, as every office has heeded it: in the database.

A gate is told of a session in which organizations its provider counts, and that has to come out the
same whoever tells it: a server, or the operator at the machine, who has no such file at hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple, TypeAlias

from sqlalchemy import Connection, Row, select

from counterfoil.runtime.database import insert_or
from counterfoil.signin.store.tables import providers

Counts: TypeAlias = tuple[int, ...] | None
"""The organizations in which a provider counts, in order; None for all."""


class Word(NamedTuple):
    """What is said of a provider.

    Attributes:
        counts: where it counts.
        spoken_by: tells it from another one of the same name; None where that was not kept yet.
        since: from which position of the feed on: what began before was begun by another one.
    """

    counts: Counts
    spoken_by: str | None
    since: int = 0

    def of(self, position: int) -> Counts:
        """Return where a session counts that began there; nowhere if another one began it."""
        return self.counts if position >= self.since else ()


NONE: Final = Word((), None)
"""Of a provider that was never named."""


def counts(tx: Connection, name: str | None, position: int, *, hold: bool) -> Counts:
    """Return where a session counts as vouched for by the provider that began it.

    That is nowhere where none did, or one that the file names no more.

    With `hold` it stays so until this transaction is over: whoever heeds another file waits, and
    finds what was told here. Who only looks cannot hold anything.
    """
    if name is None:
        return ()
    query = select(providers).where(providers.c.name == name)
    row = tx.execute(query.with_for_update(read=True) if hold else query).one_or_none()
    return () if row is None else _word(row).of(position)


def words(tx: Connection, *, hold: bool = False) -> dict[str, Word]:
    """Return what is said of each provider; with `hold`, nobody tells that of a session meanwhile.

    One that is named no more is there as well, and counts nowhere.
    """
    query = select(providers).order_by(providers.c.name)
    rows = tx.execute(query.with_for_update() if hold else query)
    return {row.name: _word(row) for row in rows}


def keep(tx: Connection, said: Mapping[str, Word]) -> None:
    """Keep what is said of these providers in the place of what was."""
    for name, word in said.items():
        kept = {
            "organizations": None if word.counts is None else list(word.counts),
            "spoken_by": word.spoken_by,
            "since": word.since,
        }
        new = insert_or(tx, providers).values(name=name, **kept)
        tx.execute(new.on_conflict_do_update(index_elements=["name"], set_=kept))


def _word(row: Row[Any]) -> Word:
    kept = row.organizations
    return Word(None if kept is None else tuple(kept), row.spoken_by, row.since or 0)
