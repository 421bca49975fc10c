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

from chaos.kill.acts import ACTS
from chaos.kill.place import Place, furnished
from chaos.kill.postgres import copied_there
from chaos.kill.sweep import Swept, sweep
from chaos.kill.traced import STRACE
from chaos.kill.verbs import VERBS
from infra.postgres import new_database, shared_postgres

_HEAD = "| what | where | killed | broken |\n|---|---|--:|--:|\n"


def main(arguments: Sequence[str]) -> int:
    """Kill all of it, or what is named; return how many promises were broken."""
    given = argparse.ArgumentParser(prog="chaos kill", description=__doc__)
    given.add_argument("names", nargs="*", default=[], help=f"of {', '.join(ACTS)}")
    given.add_argument("--every", type=int, default=1, help="so many steps further is the next")
    given.add_argument("--no-calls", action="store_true", help="only at steps that Python knows")
    said = given.parse_args(arguments)
    if unknown := [name for name in said.names if name not in ACTS]:
        given.error(f"there is no {', '.join(unknown)}: it is one of {', '.join(ACTS)}")
    names, broken = said.names or list(ACTS), 0
    sys.stdout.write(_HEAD)
    for name in names:
        for where, way in _ways(name, every=said.every, calls=not said.no_calls).items():
            broken += _told(name, where, way)
    return broken


def _told(name: str, where: str, way: Callable[[Path], Swept]) -> int:
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder:
        found = way(Path(folder))
    sys.stdout.write(f"| {name} | {where} | {found.killed} | {len(found.broken)} |\n")
    for line in found.broken:
        sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
    return len(found.broken)


def _ways(name: str, *, every: int, calls: bool) -> dict[str, Callable[[Path], Swept]]:
    ways: dict[str, Callable[[Path], Swept]] = {
        "SQLite, at steps": partial(_embedded, name, every=every, calls=False)
    }
    if calls and STRACE:
        ways["SQLite, at system calls"] = partial(_embedded, name, every=every, calls=True)
    elif calls:
        sys.stderr.write("There is no strace: what libraries do is not killed inside.\n")
    if name in VERBS:
        ways["Postgres, at steps"] = partial(_on_postgres, name, every)
    return ways


def _embedded(name: str, home: Path, *, every: int, calls: bool) -> Swept:
    def copy(place: Place) -> Place:
        return place.copied(home / "killed")

    return sweep(name, furnished(home / "template"), copy, every=every, calls=calls)


def _on_postgres(name: str, every: int, home: Path) -> Swept:
    with shared_postgres(home / "postgres") as port, new_database(port) as url:
        copy = partial(copied_there, home / "killed")
        return sweep(name, furnished(home / "template", url), copy, every=every)


if __name__ == "__main__":
    sys.exit(min(main(sys.argv[1:]), 1))
