"""Putting it together: from settings to something that answers requests."""

from __future__ import annotations

import multiprocessing.util
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain

import structlog
from sqlalchemy import Connection

from counterfoil import content, directory, signin, tokens
from counterfoil.app import health
from counterfoil.app.caretaker import Caretaker
from counterfoil.app.limits import Ledger
from counterfoil.app.reception import Reception
from counterfoil.app.routes import ROUTES
from counterfoil.audit.journal import Journal
from counterfoil.audit.refusals import Refusals
from counterfoil.feed.event import AnyEvent
from counterfoil.feed.outbox import read_after, read_head
from counterfoil.gate.replica import Replica, Standing
from counterfoil.gate.verifier import Verifier
from counterfoil.jsonapi import idempotency
from counterfoil.jsonapi.desk import Desk
from counterfoil.jsonapi.guard import Guard
from counterfoil.jsonapi.wsgi import router
from counterfoil.kernel.clock import Clock, system_clock
from counterfoil.kernel.entropy import Entropy, system_entropy
from counterfoil.migrations import is_present
from counterfoil.operation import OPERATIONS, Office
from counterfoil.runtime import logging, settings
from counterfoil.runtime.database import Database
from counterfoil.runtime.keyfile import key_in
from counterfoil.runtime.settings import Settings

log = structlog.get_logger(__name__)


class UnreadyError(Exception):
    """The installation cannot be served as it is; the message says what to do."""


class Books:
    """The books of a database, as a replica reads them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read_after(self, position: int, limit: int) -> list[tuple[int, AnyEvent]]:
        """Return up to `limit` events after a position."""
        with self._database.reading() as tx:
            return read_after(tx, position, limit)

    @contextmanager
    def standing(self) -> Iterator[Standing]:
        """See the books in one state."""
        with self._database.reading() as tx:
            heads = read_head(tx)
            yield Standing(heads.epoch, heads.position, records(tx))


@dataclass(frozen=True, slots=True)
class App:
    """An installation, open in this process."""

    settings: Settings
    database: Database
    office: Office
    replica: Replica
    verifier: Verifier
    wsgi: Guard
    journal: Journal
    refusals: Refusals
    caretaker: Caretaker
    ledger: Ledger

    def start(self) -> None:
        """Begin what goes on in the background; after the fork."""
        self.journal.start()
        self.refusals.start()
        self.caretaker.start()

    def close(self) -> None:
        """Write what waits and give everything back."""
        self.caretaker.close()
        self.refusals.close()
        self.journal.close()
        self.replica.close()
        self.ledger.close()
        self.database.close()


def build(
    settings: Settings, clock: Clock = system_clock, entropy: Entropy = system_entropy
) -> App:
    """Open an installation in this process.

    Raises:
        UnreadyError: if its database is not at the revision that this program was written for.
    """
    settings.prepare()
    database = Database(settings.url, pool_size=settings.threads + 4)
    _fit(database)
    replica = Replica(settings.replica_dir, entropy=entropy)
    books = Books(database)
    if replica.ensure(books):
        log.info("replica rebuilt", position=replica.position())
    replica.catch_up(books)
    journal = Journal(database, strict=settings.audit_strict)
    office = Office(
        database,
        journal,
        clock,
        entropy,
        committed=lambda position: _caught_up(replica, books, position),
        prefix=settings.prefix,
        address=settings.base_url,
        cursor_key=key_in(settings.cursor_key_file, entropy),
    )
    refusals = Refusals(database, clock)
    ledger = Ledger(settings.limits_file, replica, clock)
    verifier = Verifier(replica, clock, settings.prefix, names=True)
    routes = (*ROUTES, *health.routes(database, replica, books, ROUTES))
    inner = router(routes, Desk(office, ledger.count), OPERATIONS)
    return App(
        settings,
        database,
        office,
        replica,
        verifier,
        Guard(Reception(verifier, inner, settings.prefix), entropy, refusals.count),
        journal,
        refusals,
        Caretaker(
            settings.follower_lock, lambda: replica.catch_up(books), lambda: sweep(office)
        ),
        ledger,
    )


def worker() -> Guard:
    """Make what one worker process of the server answers with; after the fork."""
    given = settings.load()
    settings.forget()
    logging.configure(given.log_level)
    app = build(given)
    app.start()
    multiprocessing.util.Finalize(None, app.close, exitpriority=100)
    return app.wsgi


def records(tx: Connection) -> Iterator[AnyEvent]:
    """Return all that a gate must know of the present state, from every slice."""
    return chain(
        directory.records(tx), content.records(tx), tokens.records(tx), signin.records(tx)
    )


def rebuild(settings: Settings) -> int:
    """Build the replica of this host anew from the database; return the position it stands at."""
    database = Database(settings.url, pool_size=1)
    replica = Replica(settings.replica_dir)
    try:
        _fit(database)
        replica.rebuild(Books(database))
        return replica.position()
    finally:
        replica.close()
        database.close()


def sweep(office: Office) -> None:
    """Do what time has made due."""
    tokens.sweep(office)
    signin.sweep(office)
    idempotency.sweep(office.database, office.clock())


def _caught_up(replica: Replica, books: Books, position: int) -> None:
    replica.catch_up(books, position)


def _fit(database: Database) -> None:
    with database.reading() as tx:
        present = is_present(tx)
    if not present:
        database.close()
        message = "the database is not at the revision of this program: run `counterfoil migrate`"
        raise UnreadyError(message)
