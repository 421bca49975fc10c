"""What several processes of a host do together: memory, restarts, revocations, writes."""

from __future__ import annotations

import multiprocessing
import os
import platform
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.context import SpawnContext
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path
from struct import Struct
from typing import Final

from bench.world import Known, World
from counterfoil.feed.event import AnyEvent, NodePlaced
from counterfoil.gate.replica import Replica
from counterfoil.gate.replica.txn import Txn
from counterfoil.gate.verifier import Verifier
from counterfoil.kernel.clock import system_clock

PAUSE_S: Final = 0.001
"""Between two presentations, so that on few cores the office gets its turn as in life."""

_NUMBER: Final = Struct("=q")
_SPAWN: Final[SpawnContext] = multiprocessing.get_context("spawn")


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


def machine() -> dict[str, object]:
    """Return on what it was measured, as it stands beside kept figures."""
    return {
        "python": sys.version.split()[0],
        "system": platform.platform(),
        "cpus": os.cpu_count(),
        "load": load(),
    }


def load() -> tuple[float, float, float]:
    """Return the load of the machine."""
    return os.getloadavg()
