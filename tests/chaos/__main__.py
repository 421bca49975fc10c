"""`make chaos`: every fault in turn; prints what it found, and keeps it where it is told to.

make chaos ARGS="--revocations 300 --gates 4"
make chaos ARGS="--keep"        the figures, and the plot of them, on the page of the docs
make chaos ARGS="--add --only NATS"  the same, of some faults, beside the others that were kept
make chaos ARGS="--draw"        the same from the latest figures, without another run
make chaos ARGS=kill            kills each verb at each of its steps instead
make chaos ARGS=power           cuts the power at each of its moments instead
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from chaos.faults import FAULTS, OF_TWO_OFFICES, ON_POSTGRES, Fault
from chaos.found import Found, Part, Taken, keep, kept, latest, line, write
from chaos.house import house
from chaos.kill.__main__ import main as killed
from chaos.network import begin_apart, how_cut
from chaos.power.__main__ import main as cut_off
from chaos.run import Run
from counterfoil.kernel.clock import system_clock


def main() -> int:
    """Run every fault; return how many promises were broken, or 1 where too little was tried."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--gates", type=int, default=4)
    given.add_argument("--revocations", type=int, default=250, help="for each fault")
    given.add_argument("--rounds", type=int, default=4, help="how often each comes")
    given.add_argument("--only", default="", help="faults with this in their name, or one of |")
    given.add_argument("--out", type=Path, help="where the figures go")
    given.add_argument("--keep", action="store_true", help="write figures and plot into the docs")
    given.add_argument("--add", action="store_true", help="write these beside the others there")
    given.add_argument("--draw", action="store_true", help="write the latest ones, and run nothing")
    said = given.parse_args()
    if said.draw:
        keep(latest())
        return 0
    taken: list[Taken] = []
    for one in _run(said):
        taken.append(one)
        sys.stdout.write(line(one))
        sys.stdout.flush()
    names = [one.fault for one in taken]
    part = Part(f"{system_clock():%Y-%m-%d}", os.getloadavg()[0], how_cut(), names)
    found = Found(said.gates, os.cpu_count() or 1, [part], taken)
    sys.stdout.write(found.sentence())
    sys.stdout.write(f"{write(found, said.out)}\n")
    if said.add:
        keep(kept().with_more(found))
    elif said.keep:
        keep(found)
    if not (said.only or found.is_enough):
        sys.stdout.write("too little was tried\n")
        return found.broken or 1
    return found.broken


def _run(said: argparse.Namespace) -> Iterator[Taken]:
    """Yield what was found of each fault: of an office of one host, of one or two on Postgres."""
    for faults, on_postgres, offices in (
        (FAULTS, False, 1), (ON_POSTGRES, True, 1), (OF_TWO_OFFICES, True, 2),
    ):  # fmt: skip
        wanted = [one for one in faults if any(part in one.name for part in said.only.split("|"))]
        if wanted:
            yield from _in_a_house(said, wanted, on_postgres=on_postgres, offices=offices)


def _in_a_house(
    said: argparse.Namespace, faults: list[Fault], *, on_postgres: bool, offices: int
) -> Iterator[Taken]:
    victims = said.revocations * len(faults) * 5 // 4 + 200
    with (
        tempfile.TemporaryDirectory(prefix="chaos-") as folder,
        house(
            Path(folder), many=said.gates, victims=victims,
            on_postgres=on_postgres, offices=offices,
        ) as built,
    ):  # fmt: skip
        sys.stdout.write(f"disks are full by {built.disks[0].how}\n")
        sys.stdout.write(f"wires are cut by {how_cut()}\n")
        for fault in faults:
            history = Run(built, fault.pause_s).through(fault, said.revocations, said.rounds)
            for one in built.gates:
                one.ready()
            yield Taken.of(fault.name, history)


if __name__ == "__main__":
    if instead := {"kill": killed, "power": cut_off}.get("".join(sys.argv[1:2])):
        sys.exit(min(instead(sys.argv[2:]), 1))
    begin_apart(*sys.argv[1:])
    sys.exit(min(main(), 1))
