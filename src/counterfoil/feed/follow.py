"""The feed, read out of the database, and the thread that keeps a host from falling behind."""

from __future__ import annotations

import fcntl
import logging
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import Connection

from counterfoil.feed import outbox
from counterfoil.feed.event import AnyEvent
from counterfoil.feed.source import Inventory
from counterfoil.runtime.database import Database

EVERY_S: Final = 0.1

log = logging.getLogger("counterfoil.feed")


class Outbox:
    """The office's books, for a replica.

    Args:
        database: where they are.
        records: reads the events that describe the present state, from all slices.
    """

    def __init__(
        self, database: Database, records: Callable[[Connection], Iterable[AnyEvent]]
    ) -> None:
        self._database = database
        self._records = records

    def read_after(self, position: int, limit: int) -> list[tuple[int, AnyEvent]]:
        """Return up to `limit` events after a position, in order.

        Raises:
            UnknownEventError: for one that this version cannot read.
        """
        with self._database.reading() as tx:
            return outbox.read_after(tx, position, limit)

    @contextmanager
    def inventory(self) -> Iterator[Inventory]:
        """See the books in one state; the records are read while the context is open."""
        with self._database.reading() as tx:
            heads = outbox.read_head(tx)
            yield Inventory(heads.epoch, heads.position, self._records(tx))


class Follower:
    """One thread on a host follows the feed; the others stand by in case its process dies.

    Args:
        follow: takes in what is new.
        lock: the file by which the processes of a host agree on who follows.
        every_s: how often, in seconds.
    """

    def __init__(self, follow: Callable[[], object], lock: Path, every_s: float = EVERY_S) -> None:
        self._follow = follow
        self._every_s = every_s
        self._file = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="follower", daemon=True)
        self.failure: Exception | None = None
        """What keeps it from following now. Whether the host is ready, each process sees itself."""

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, and let another process of the host take over."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join()
        os.close(self._file)

    def _run(self) -> None:
        while not self._stop.is_set():
            if self._is_mine():
                self._once()
            self._stop.wait(self._every_s)

    def _once(self) -> None:
        try:
            self._follow()
        except Exception as error:
            if self.failure is None:
                log.exception("the replica cannot follow the feed")
            self.failure = error
        else:
            self.failure = None

    def _is_mine(self) -> bool:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
