"""`make chaos ARGS=power`: the power is cut at each moment of each act; prints what is broken then.

make chaos ARGS="power begin restore --every 5"
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from chaos.kill.acts import ACTS
from chaos.kill.place import furnished
from chaos.power.sweep import lacking, sweep

_HEAD = "| what | cut | broken |\n|---|--:|--:|\n"


def main(arguments: Sequence[str]) -> int:
    """Cut the power of all of it, or of what is named; return how many promises were broken."""
    given = argparse.ArgumentParser(prog="chaos power", description=__doc__)
    given.add_argument("names", nargs="*", default=[], help=f"of {', '.join(ACTS)}")
    given.add_argument("--every", type=int, default=1, help="so many cuts further is the next")
    said = given.parse_args(arguments)
    if unknown := [name for name in said.names if name not in ACTS]:
        given.error(f"there is no {', '.join(unknown)}: it is one of {', '.join(ACTS)}")
    if what := lacking():
        given.error(f"a disk of ours is mounted by FUSE, and this machine has no {what}")
    broken = 0
    sys.stdout.write(_HEAD)
    with tempfile.TemporaryDirectory(prefix="chaos-", ignore_cleanup_errors=True) as folder:
        template = furnished(Path(folder) / "template")
        for name in said.names or ACTS:
            found = sweep(name, template, every=said.every)
            broken += len(found.broken)
            lines = (f"| {name} | {found.killed} | {len(found.broken)} |", *found.broken, "")
            sys.stdout.write("\n".join(lines))
            sys.stdout.flush()
    return broken


if __name__ == "__main__":
    sys.exit(min(main(sys.argv[1:]), 1))
