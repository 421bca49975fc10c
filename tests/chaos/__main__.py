"""`make chaos`: every fault in turn; prints what it found, and with --keep writes it into the docs.

make chaos ARGS="--revocations 300 --gates 4"
make chaos ARGS=kill    kills each verb at each of its steps instead
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from chaos.faults import FAULTS
from chaos.history import History
from chaos.house import house
from chaos.kill.__main__ import main as killed
from chaos.run import Run
from counterfoil.kernel.clock import system_clock

PAGE = Path(__file__).parents[2] / "docs/explanation/reliability.md"
BEGIN, END = "<!-- figures: written by `make chaos` -->\n", "<!-- end of figures -->\n"
_HEAD = (
    "| fault | verifications | not decided | revocations | accepted after its receipt "
    "| p50 | p99 | longest |\n|---|--:|--:|--:|--:|--:|--:|--:|\n"
)


def main() -> int:
    """Run every fault; return how many promises were broken."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--gates", type=int, default=4)
    given.add_argument("--revocations", type=int, default=250, help="for each fault")
    given.add_argument("--rounds", type=int, default=4, help="how often each comes")
    given.add_argument("--keep", action="store_true", help="write the figures into the docs")
    said = given.parse_args()
    told, broken, verified, revoked = _HEAD, 0, 0, 0
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder:
        victims = said.revocations * len(FAULTS) * 5 // 4 + 200
        with house(Path(folder), many=said.gates, victims=victims) as built:
            for fault in FAULTS:
                history = Run(built, fault.pause_s).through(fault, said.revocations, said.rounds)
                for one in built.gates:
                    one.ready()
                told += (line := _line(fault.name, history))
                sys.stdout.write(line)
                sys.stdout.flush()
                broken += len(history.wrong())
                verified += history.verified
                revoked += len(history.took_s)
    whole = (
        f"{system_clock():%Y-%m-%d}, {said.gates} gates and {os.cpu_count()} cores for everything "
        f"(load {os.getloadavg()[0]:.0f}): "
        f"{verified:,} verifications, {revoked:,} revocations, {broken} accepted after a receipt.\n"
    )
    sys.stdout.write(whole)
    if said.keep:
        before, _, rest = PAGE.read_text().partition(BEGIN)
        PAGE.write_text(f"{before}{BEGIN}{whole}\n{told}{END}{rest.partition(END)[2]}")
    return broken


def _line(name: str, history: History) -> str:
    figures = (
        f"{history.verified:,}", f"{history.unserved:,}", f"{len(history.took_s):,}",
        str(len(history.wrong())), *(_ms(history.within_s(part)) for part in (0.5, 0.99, 1.0)),
    )  # fmt: skip
    return f"| {name} | {' | '.join(figures)} |\n"


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:,.0f} ms"


if __name__ == "__main__":
    if sys.argv[1:2] == ["kill"]:
        sys.exit(min(killed(sys.argv[2:]), 1))
    sys.exit(min(main(), 1))
