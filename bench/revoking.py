"""Revoking: how long the call takes, and that nobody on the host lets the token in afterwards."""

from __future__ import annotations

import gc
import mmap
import multiprocessing
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.context import SpawnContext
from pathlib import Path
from struct import Struct
from typing import Final

from bench.world import Known
from counterfoil.feed import outbox
from counterfoil.feed.event import AnyEvent, NodePlaced, TokenStruck
from counterfoil.feed.follow import Outbox
from counterfoil.gate.replica import Replica
from counterfoil.gate.verifier import Verifier
from counterfoil.kernel.clock import system_clock
from counterfoil.kernel.errors import Refused
from counterfoil.runtime.database import Database, metadata
from counterfoil.secret import digest

PAUSE_S: Final = 0.001
"""Between two presentations, so that on few cores the office gets its turn as in life."""
BEFORE: Final = 600
"""So many commits come first, until SQLite's log has its size and is written round and round."""

_NUMBER: Final = Struct("=q")
_SPAWN: Final[SpawnContext] = multiprocessing.get_context("spawn")


@dataclass
class Revoked:
    """What came of it: milliseconds, and how many were accepted after their call had returned.

    `bare` is one row put durably into a SQLite database of its own, each time just before.
    """

    calls: list[float] = field(default_factory=list)
    commits: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    late: int = 0


class Numbers:
    """Numbers that processes share: each written by one of them, read by all."""

    def __init__(self, path: Path, count: int) -> None:
        with path.open("ab") as file:
            file.truncate(count * _NUMBER.size)
        self._file = path.open("r+b")
        self._map = mmap.mmap(self._file.fileno(), 0)

    def __getitem__(self, at: int) -> int:
        (number,) = _NUMBER.unpack_from(self._map, at * _NUMBER.size)
        return int(number)

    def __setitem__(self, at: int, number: int) -> None:
        _NUMBER.pack_into(self._map, at * _NUMBER.size, number)


class Revocations:
    """Revokes tokens one after another while processes present them as fast as they can."""

    def __init__(self, folder: Path, workers: int, known: list[Known]) -> None:
        self.known = known
        self.workers = workers
        self.folder = folder

    def run(self, replica: Replica, database: Database) -> Revoked:
        """Do it."""
        numbers_path = self.folder / f"numbers-{self.workers}"
        numbers = Numbers(numbers_path, 1 + 2 * self.workers)
        numbers[0] = 0
        texts = [one.text for one in self.known]
        put = bare(self.folder / f"bare-{self.workers}.sqlite")
        for _ in range(BEFORE):
            _commit(database, NodePlaced(organization=1, node=1, parent=None))
            put()
        source = Outbox(database, lambda _tx: ())
        replica.catch_up(source)
        with _crew(_present, self.workers, self.folder / "replica", numbers_path, texts), _calm():
            done = Revoked()
            for n, known in enumerate(self.known):
                while any(numbers[1 + w] != n + 1 for w in range(self.workers)):
                    time.sleep(0.001)
                done.bare.append(put())
                struck = TokenStruck(token=known.token, digests=(digest(known.text),))
                began = time.monotonic_ns()
                position = _commit(database, struck)
                committed = time.monotonic_ns()
                replica.catch_up(source, position)
                returned = time.monotonic_ns()
                done.commits.append((committed - began) / 1e6)
                done.calls.append((returned - began) / 1e6)
                time.sleep(0.02)
                accepted = [numbers[1 + self.workers + w] for w in range(self.workers)]
                done.late += sum(at > returned for at in accepted)
                numbers[0] = n + 1
        return done


@contextmanager
def _crew(task: Callable[..., None], workers: int, *given: object) -> Iterator[None]:
    """Let processes do a task meanwhile: each knows its number, and how many there are."""
    crew = [
        _SPAWN.Process(target=task, args=(w, workers, *given), daemon=True) for w in range(workers)
    ]
    for one in crew:
        one.start()
    yield
    for one in crew:
        one.join()


@contextmanager
def _calm() -> Iterator[None]:
    """Keep the collector away from the million things that the benchmark itself holds."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


def bare(path: Path) -> Callable[[], float]:
    """Return what puts one row into a database of its own, durably, and says how long it took."""
    driver = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        driver.execute(f"PRAGMA {pragma}")
    driver.execute("CREATE TABLE kept (id INTEGER PRIMARY KEY, body BLOB)")

    def put() -> float:
        began = time.monotonic_ns()
        driver.execute("INSERT INTO kept (body) VALUES (?)", (bytes(100),))
        return (time.monotonic_ns() - began) / 1e6

    return put


def _commit(database: Database, event: AnyEvent) -> int:
    with database.transaction() as tx:
        heads = outbox.advance(tx, events=1, entries=1)
        outbox.append(tx, heads, [event], system_clock())
    return heads.position


def _present(me: int, workers: int, path: Path, numbers_path: Path, texts: list[str]) -> None:
    """Present the token of the hour; note when one was last presented that was accepted."""
    numbers = Numbers(numbers_path, 1 + 2 * workers)
    verifier = Verifier(Replica(path), system_clock)
    while (n := numbers[0]) < len(texts):
        with suppress(Refused):
            began = time.monotonic_ns()
            verifier.verify(texts[n])
            numbers[1 + workers + me] = began
            numbers[1 + me] = n + 1
        time.sleep(PAUSE_S)


def open_books(folder: Path, position: int) -> Database:
    """Make the tables of a feed that stands at a position."""
    database = Database(f"sqlite:///{folder / 'office.sqlite'}")
    metadata.create_all(database.engine, tables=[outbox.feed, outbox.head])
    with database.transaction() as tx:
        outbox.open_books(tx)
        outbox.advance(tx, events=position, entries=0)
    return database
