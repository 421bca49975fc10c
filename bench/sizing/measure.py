"""Measuring the constants: a small installation through its own verbs, a larger one as rows."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

from bench.office import found_office, open_office
from bench.peers.process import free_port, memory, running
from bench.sizing.model import Measured
from bench.world import Stream, World
from counterfoil.access.caller import Origin
from counterfoil.access.surface import ALL_SURFACES
from counterfoil.app.records import records
from counterfoil.demo.seed import Seeder, signed_in
from counterfoil.directory.steps.admit import Newcomer
from counterfoil.feed.follow import Outbox
from counterfoil.gate.replica import Replica
from counterfoil.kernel.ids import TokenId
from counterfoil.migrations import migrate
from counterfoil.runtime.settings import Settings
from counterfoil.tokens.api_token import create_api_token
from counterfoil.tokens.api_token_show import show_api_token
from counterfoil.tokens.wish import Wish

SMALL, LARGE = 100_000, 200_000
"""Between these the replica's growth is measured: what an installation begins with cancels out."""
ISSUED, READ = 600, 2_000

_LOOK_S: Final = 0.005
_MACHINE: Final = Origin("bench")


def measure(folder: Path, small: int = SMALL, large: int = LARGE) -> Measured:
    """Measure all of it; that takes minutes with the sizes of the guide."""
    issued, read = office_bytes(folder / "issuing")
    ends = [replica_bytes(folder / str(tokens), tokens) for tokens in (small, large)]
    more = large - small
    fed, rebuilt = ((ends[1][at] - ends[0][at]) / more for at in range(2))
    costs = [rebuilding(folder / str(tokens)) for tokens in (small, large)]
    us = (costs[1][0] - costs[0][0]) / more * 1e6
    return Measured(issued, read, fed, rebuilt, us, costs[1][1], base_bytes(folder / "base"))


def office_bytes(folder: Path, issued: int = ISSUED, read: int = READ) -> tuple[float, float]:
    """Return by how much the office's file grows for a token that is issued, and for a read."""
    settings = Settings(folder)
    settings.prepare()
    migrate(settings.url)
    with closing(Seeder(settings)) as seeder:
        founded = seeder.founded(Newcomer("Ann", "ann@example.com"))
        admin, role = signed_in(founded.admin), founded.roles["admin"].id

        def issue() -> None:
            wish = Wish("ci-schema-export", inherit=True, surfaces=ALL_SURFACES, authority="role",
                        subject=role)  # fmt: skip
            with seeder.office.work(admin, _MACHINE) as work:
                made.append(create_api_token(work, wish).token.id)

        def look() -> None:
            with seeder.office.read(admin, _MACHINE) as work:
                show_api_token(work, made[0])

        made: list[TokenId] = []
        path = settings.office_file
        grown = _growth(path, issue, issued)
        return grown, _growth(path, look, read, seeder.journal.flush)


def _growth(
    path: Path, act: Callable[[], None], times: int, write: Callable[[], object] = int
) -> float:
    for _ in range(times // 10):  # the first ones fill pages that are there
        act()
    write()
    before = _bytes(path)
    for _ in range(times):
        act()
    write()
    return (_bytes(path) - before) / times


def _bytes(path: Path) -> int:
    """Return how large the file is with all that its log holds."""
    with closing(sqlite3.connect(path)) as office:
        (pages,) = office.execute("PRAGMA page_count").fetchone()
        (page,) = office.execute("PRAGMA page_size").fetchone()
    return int(pages) * int(page)


def replica_bytes(folder: Path, tokens: int) -> tuple[int, int]:
    """Return how large a replica is that was fed, and one that was rebuilt; keep its office."""
    folder.mkdir()
    fed = Replica(folder / "fed")
    fed.catch_up(Stream(World(tokens).events()))
    database = found_office(folder / "office", World(tokens).events())
    rebuilt = Replica(folder / "rebuilt")
    rebuilt.rebuild(Outbox(database, records))
    sizes = fed.size(), rebuilt.size()
    for one in (fed, rebuilt, database):
        one.close()
    return sizes


def rebuilding(folder: Path) -> tuple[float, float]:
    """Return the processor time of a rebuild, and by how much memory grew beside the pages."""
    command = [sys.executable, "-m", "bench.sizing.measure", str(folder)]
    ran = subprocess.run(command, check=True, capture_output=True, text=True)
    took, peak = json.loads(ran.stdout)
    return float(took), float(peak)


def main() -> None:
    """Rebuild the replica of one folder in a process of its own, and say what that took."""
    folder = Path(sys.argv[1])
    database = open_office(folder / "office")
    replica = Replica(folder / "again")
    seen, over = [_anonymous()], threading.Event()

    def watch() -> None:
        while not over.wait(_LOOK_S):
            seen.append(_anonymous())

    watcher = threading.Thread(target=watch)
    watcher.start()
    began = time.thread_time()
    replica.rebuild(Outbox(database, records))
    took = time.thread_time() - began
    over.set()
    watcher.join()
    replica.close()
    database.close()
    print(json.dumps([took, max(seen) - seen[0]]))


def _anonymous() -> int:
    """Return how much memory this process has for itself: without the pages of files."""
    (line,) = re.findall(
        r"^RssAnon:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.MULTILINE
    )
    return int(line) * 1024


def base_bytes(folder: Path) -> float:
    """Return what office and gate of a host take together, without a token."""
    folder.mkdir(mode=0o700)
    data = folder / "data"
    program = Path(sys.executable).with_name("counterfoil")
    ports = free_port(), free_port()
    office: list[str | Path] = [program, "serve", "--data-dir", str(data), "--port", str(ports[0])]
    gate: list[str | Path] = [
        program,
        "gate",
        "--data-dir",
        str(data),
        "--listen",
        f"127.0.0.1:{ports[1]}",
    ]
    with (
        running(office, folder, ports[0], "/readyz", {}) as one,
        running(gate, folder, ports[1], "/readyz", {}) as other,
    ):
        return sum(memory(pid).pss for pid in (one, other)) * 2**20


if __name__ == "__main__":
    main()
