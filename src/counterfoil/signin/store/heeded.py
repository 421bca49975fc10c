"""What the operator's file says of each provider, as every office has heeded it: in the database.

A gate is told of a session in which organizations its provider counts, and that has to come out the
same whoever tells it: a server, or the operator at the machine, who has no such file at hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from sqlalchemy import Connection, delete, select

from counterfoil.runtime.database import insert_or
from counterfoil.signin.store.tables import providers

Counts: TypeAlias = tuple[int, ...] | None
"""The organizations in which a provider counts, in order; None for all."""


def counts(tx: Connection, name: str | None, *, hold: bool) -> Counts:
    """Return where a provider counts; nowhere for none, and for one that is named no more.

    With `hold` it stays so until this transaction is over: whoever heeds another file waits, and
    finds what was told here. Who only looks cannot hold anything.
    """
    if name is None:
        return ()
    query = select(providers.c.organizations).where(providers.c.name == name)
    row = tx.execute(query.with_for_update(read=True) if hold else query).one_or_none()
    return () if row is None else _counts(row.organizations)


def all_counts(tx: Connection, *, hold: bool = False) -> dict[str, Counts]:
    """Return where each provider counts; with `hold`, nobody says so of a session meanwhile."""
    query = select(providers).order_by(providers.c.name)
    rows = tx.execute(query.with_for_update() if hold else query)
    return {row.name: _counts(row.organizations) for row in rows}


def keep(tx: Connection, said: Mapping[str, Counts]) -> None:
    """Keep what the file says in the place of all that it said before."""
    tx.execute(delete(providers).where(providers.c.name.not_in(said)))
    for name, places in said.items():
        kept = None if places is None else list(places)
        new = insert_or(tx, providers).values(name=name, organizations=kept)
        tx.execute(new.on_conflict_do_update(index_elements=["name"], set_={"organizations": kept}))


def _counts(kept: list[int] | None) -> Counts:
    return None if kept is None else tuple(kept)
