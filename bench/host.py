"""What several processes of a host do together: memory, restarts, revocations, writes."""

from __future__ import annotations

import mmap
import multiprocessing
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.context import SpawnContext
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path
from struct import Struct
from typing import Final

from bench.world import Known, World
from counterfoil.feed import outbox
from counterfoil.feed.event import AnyEvent, NodePlaced, TokenStruck
from counterfoil.feed.follow import Outbox
from counterfoil.gate.replica import Replica
from counterfoil.gate.txn import Txn
from counterfoil.gate.verifier import Verifier
from counterfoil.kernel.clock import system_clock
from counterfoil.kernel.errors import Refused
from counterfoil.runtime.database import Database, metadata
from counterfoil.secret import digest

PAUSE_S: Final = 0.001
"""Between two presentations, so that on few cores the office gets its turn as in life."""

_NUMBER: Final = Struct("=q")
_SPAWN: Final[SpawnContext] = multiprocessing.get_context("spawn")


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


def restart_ms(path: Path, known: Known) -> float:
    """Return the milliseconds from opening a replica to its first verified token."""
    began = time.perf_counter()
    replica = Replica(path)
    Verifier(replica, system_clock).verify(known.text)
    took = (time.perf_counter() - began) * 1000
    replica.close()
    return took


def shares(replica: Replica, tokens: int) -> dict[str, float]:
    """Return how many bytes of the file each database has for one token."""

    def look(txn: Txn) -> dict[str, float]:
        found = {}
        for name, database in replica.books.by_name.items():
            stat = txn.stat(database)
            pages = stat["branch_pages"] + stat["leaf_pages"] + stat["overflow_pages"]
            found[name] = round(pages * stat["psize"] / tokens, 1)
        return found

    return replica.read(look)


def pss_ratio(path: Path, processes: int = 8) -> tuple[float, float]:
    """Return the memory that so many processes have of the replica ÷ its file, and their own MB."""
    together = _SPAWN.Barrier(processes)
    said = _SPAWN.Queue()
    crew = [_SPAWN.Process(target=_resident, args=(path, together, said)) for _ in range(processes)]
    for one in crew:
        one.start()
    pages = [said.get(timeout=300) for _ in crew]
    for one in crew:
        one.join()
    size = (path / "data.mdb").stat().st_blocks * 512
    return sum(mapped for mapped, _ in pages) / size, sum(own for _, own in pages) / 2**20


def _resident(path: Path, together: Barrier, said: Queue[tuple[int, int]]) -> None:
    """Read the whole replica, wait until all others have, and say what is in memory."""
    replica = Replica(path)
    for database in replica.books.by_name.values():
        replica.read(lambda txn, db=database: sum(1 for _ in txn.cursor(db)))  # type: ignore[misc]
    together.wait()
    mapped, total, ours = 0, 0, False
    for line in Path("/proc/self/smaps").read_text().splitlines():
        if "-" in line.split(" ")[0]:
            ours = line.endswith("data.mdb")
        elif line.startswith("Pss:"):
            total += int(line.split()[1]) * 1024
            mapped += int(line.split()[1]) * 1024 if ours else 0
    together.wait()
    said.put((mapped, total - mapped))


@contextmanager
def writing(path: Path, world: World, per_second: int = 50) -> Iterator[None]:
    """Commit so many events a second to the replica from another process meanwhile."""
    event = NodePlaced(organization=world.members[0][1], node=world.id(), parent=None)
    writer = _SPAWN.Process(target=_write, args=(path, event, per_second), daemon=True)
    writer.start()
    before = _position(path)
    while _position(path) == before:
        time.sleep(0.05)
    yield
    writer.terminate()
    writer.join()


def _position(path: Path) -> int:
    return _opened[path].position()


_opened: Final[dict[Path, Replica]] = {}


def remember_open(path: Path, replica: Replica) -> None:
    """Say by which replica this process looks at a path: it may be open once only."""
    _opened[path] = replica


def _write(path: Path, event: AnyEvent, per_second: int) -> None:
    replica = Replica(path)
    while True:
        replica.apply(replica.position() + 1, event)
        time.sleep(1 / per_second)


class Revocations:
    """Revokes tokens one after another while processes present them as fast as they can."""

    def __init__(self, folder: Path, workers: int, known: list[Known]) -> None:
        self.known = known
        self.workers = workers
        self.folder = folder

    def run(self, replica: Replica, database: Database) -> tuple[list[float], int]:
        """Return how long each call took, in milliseconds, and how many were accepted after one."""
        numbers = Numbers(self.folder / f"numbers-{self.workers}", 1 + 2 * self.workers)
        numbers[0] = 0
        texts = [one.text for one in self.known]
        path = self.folder / "replica"
        crew = [
            _SPAWN.Process(
                target=_present,
                args=(path, self.folder / f"numbers-{self.workers}", w, self.workers, texts),
                daemon=True,
            )
            for w in range(self.workers)
        ]
        for one in crew:
            one.start()
        source = Outbox(database, lambda _tx: ())
        took, late = [], 0
        for n, known in enumerate(self.known):
            while any(numbers[1 + w] != n + 1 for w in range(self.workers)):
                time.sleep(0.001)
            began = time.monotonic_ns()
            replica.catch_up(source, _commit(database, known))
            returned = time.monotonic_ns()
            took.append((returned - began) / 1e6)
            time.sleep(0.02)
            accepted = [numbers[1 + self.workers + w] for w in range(self.workers)]
            late += sum(at > returned for at in accepted)
            numbers[0] = n + 1
        for one in crew:
            one.join()
        return took, late


def _commit(database: Database, known: Known) -> int:
    struck = TokenStruck(token=known.token, digests=(digest(known.text),))
    with database.transaction() as tx:
        heads = outbox.advance(tx, events=1, entries=1)
        outbox.append(tx, heads, [struck], system_clock())
    return heads.position


def _present(path: Path, numbers_path: Path, me: int, workers: int, texts: list[str]) -> None:
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


def load() -> tuple[float, float, float]:
    """Return the load of the machine."""
    return os.getloadavg()
