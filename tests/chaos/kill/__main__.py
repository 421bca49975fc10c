"""`make chaos ARGS=kill`: each verb is killed at each of its steps; prints what is broken then.

make chaos ARGS="kill move migrate --every 5"
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from chaos.kill.acts import ACTS, BY_TOOLS
from chaos.kill.place import Place, furnished
from chaos.kill.postgres import copied_there, find_tools
from chaos.kill.sweep import Swept, sweep
from chaos.kill.traced import STRACE
from infra.postgres import new_database, shared_postgres

_HEAD = "| what | where | killed | broken |\n|---|---|--:|--:|\n"


def main(arguments: Sequence[str]) -> int:
    """Kill all of it, or what is named; return how many promises were broken."""
    given = argparse.ArgumentParser(prog="chaos kill", description=__doc__)
    given.add_argument("names", nargs="*", default=[], help=f"of {', '.join(ACTS)}")
    given.add_argument("--every", type=int, default=1, help="so many steps further is the next")
    given.add_argument("--only", default="", help="ways with this in their name")
    said = given.parse_args(arguments)
    if unknown := [name for name in said.names if name not in ACTS]:
        given.error(f"there is no {', '.join(unknown)}: it is one of {', '.join(ACTS)}")
    if STRACE is None:
        sys.stderr.write("There is no strace: what libraries do is not killed inside.\n")
    names, broken = said.names or list(ACTS), 0
    sys.stdout.write(_HEAD)
    for name in names:
        for where, way in _ways(name, said.every).items():
            if said.only in where:
                broken += _told(name, where, way)
    return broken


def _told(name: str, where: str, way: Callable[[Path], Swept]) -> int:
    with tempfile.TemporaryDirectory(prefix="chaos-", ignore_cleanup_errors=True) as folder:
        found = way(Path(folder))
    sys.stdout.write(f"| {name} | {where} | {found.killed} | {len(found.broken)} |\n")
    for line in found.broken:
        sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
    return len(found.broken)


def _ways(name: str, every: int) -> dict[str, Callable[[Path], Swept]]:
    """Return the ways to kill what has that name.

    The tools of Postgres copy it and fill it, in processes that are not ours; there is nothing of
    ours to trace then.
    """
    ways: dict[str, Callable[[Path], Swept]] = {}
    for where, on in (("SQLite", _embedded), ("Postgres", _on_postgres)):
        ways[f"{where}, at steps"] = partial(on, name, every, calls=False)
        if STRACE and not (where == "Postgres" and name in BY_TOOLS):
            ways[f"{where}, at system calls"] = partial(on, name, every, calls=True)
    return ways


def _embedded(name: str, every: int, home: Path, *, calls: bool) -> Swept:
    def copy(place: Place) -> Place:
        return place.copied(home / "killed")

    return sweep(name, furnished(home / "template"), copy, every=every, calls=calls)


def _on_postgres(name: str, every: int, home: Path, *, calls: bool) -> Swept:
    find_tools()
    with shared_postgres(home / "postgres") as port, new_database(port) as url:
        copy = partial(copied_there, home / "killed")
        return sweep(name, furnished(home / "template", url), copy, every=every, calls=calls)


if __name__ == "__main__":
    sys.exit(min(main(sys.argv[1:]), 1))
