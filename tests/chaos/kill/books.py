"""What the books of an installation say, so that what was left can be compared with what may be."""

from __future__ import annotations

import hashlib
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Final, NamedTuple

from sqlalchemy import Connection, create_engine, inspect, select, table, text

from chaos.kill.place import Place
from chaos.kill.verbs import Verb
from counterfoil.app.build import App
from counterfoil.app.records import records
from counterfoil.audit.copying import lines_in
from counterfoil.audit.record import ALLOWED
from counterfoil.audit.verify import verify
from counterfoil.feed.follow import Outbox
from counterfoil.feed.outbox import read_head
from counterfoil.feed.retold import tail
from counterfoil.feed.revocations import takes_power
from counterfoil.gate.replica import Replica
from support.trail import bodies

HALF: Final = -1
"""Happened by half."""


class State(NamedTuple):
    """A state of the database.

    Attributes:
        digest: of all that stands in it.
        happened: how often a verb has happened, by all that it changes and by the trail; or HALF.
    """

    digest: str
    happened: int


def state_of(place: Place, verb: Verb) -> State:
    """Return the state in which a database is, without a lock: also amid a commit."""
    engine = create_engine(place.settings.url)
    try:
        with engine.connect() as tx:
            return State(_digest(tx), _happened(tx, place, verb))
    finally:
        engine.dispose()


def _digest(tx: Connection) -> str:
    said = hashlib.sha256()
    for name in sorted(inspect(tx).get_table_names()):
        rows = sorted(
            repr(tuple(row)) for row in tx.execute(select(text("*")).select_from(table(name)))
        )
        said.update("\n".join((name, *rows, "")).encode())
    return said.hexdigest()


def _happened(tx: Connection, place: Place, verb: Verb) -> int:
    counts = {int(tx.scalar(text(one.format(**place.known))) or 0) for one in verb.pieces}
    done = [one for one in bodies(tx) if one.operation == verb.operation]
    counts.add(sum(one.outcome == ALLOWED for one in done) - (verb.operation in _BEFORE))
    return counts.pop() if len(counts) == 1 else HALF


_BEFORE: Final = frozenset({"token.request"})
"""What is asked for once to furnish the place."""


def tables_of(place: Place) -> list[str]:
    """Return all of a database, whatever revision it is at: as SQL, if it is an embedded one."""
    if not place.url:
        with closing(sqlite3.connect(place.settings.office_file)) as driver:
            return list(driver.iterdump())
    engine = create_engine(place.url)
    try:
        with engine.connect() as tx:
            names = sorted(inspect(tx).get_table_names())
            return [line for name in names for line in _table(tx, name)]
    finally:
        engine.dispose()


def _table(tx: Connection, name: str) -> list[str]:
    """Return a table of a Postgres: its columns, indexes and rows."""
    seen = inspect(tx)
    shape = [str(one) for one in (*seen.get_columns(name), *seen.get_indexes(name))]
    rows = tx.execute(select(text("*")).select_from(table(name)))
    return [name, *sorted(shape), *sorted(repr(tuple(row)) for row in rows)]


def disagreeing(app: App) -> list[str]:
    """Return in what replica, journal of revocations and trail do not agree with the database."""
    books, found = Outbox(app.database, records), []
    with app.database.reading() as tx:
        head = read_head(tx).position
        faults = verify(lines_in(tx), []).faults
    if faults:
        found.append(f"the trail is broken: {faults}")
    if app.replica.position() != head:
        found.append(f"the replica stands at {app.replica.position()} of {head}")
    with tempfile.TemporaryDirectory() as folder, closing(Replica(Path(folder))) as anew:
        anew.rebuild(books)
        if anew.dump() != app.replica.dump():
            found.append("the replica is not what the database says")
    told = tail([app.settings.revocations_dir], 0)
    events = [event for _, event in books.read_after(0, head) if takes_power(event)]
    if told.position > head or told.events != events:
        found.append("the journal of revocations is not what the feed says")
    return found
