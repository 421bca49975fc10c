"""`make bench-peers`: Counterfoil and its peers, side by side in one run.

Delivery is measured beside Strapi and Directus, where Counterfoil is there twice: as it comes, and
with no answer ready. Verification is our gate beside what others verify credentials with. All run
at once, each warm, and are asked in turn, round after round. Every server has the same one core for
all its threads and processes, and whatever asks has the other one.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Final

from bench.peers import theirs
from bench.peers.articles import articles
from bench.peers.load import load
from bench.peers.ours import counterfoil
from bench.peers.process import LOAD, memory, pinned, processor_s
from bench.peers.report import Report
from bench.peers.subject import Subject
from bench.peers.verification.measure import verification

QUESTIONS: Final = ("one", "list", "graphql")
_CORES: Final = {0, 1}


def main() -> None:
    """Set up, prove, warm, measure, print, write."""
    ask = argparse.ArgumentParser(prog="python -m bench.peers", description=__doc__)
    ask.add_argument("--only", choices=("delivery", "verification"), help="else both")
    ask.add_argument("--articles", type=int, default=1_000)
    ask.add_argument("--connections", type=int, default=16, help="kept open, asking at once")
    ask.add_argument("--warm", type=float, default=20.0, help="seconds of each server")
    ask.add_argument("--seconds", type=float, default=5.0, help="of each question in each round")
    ask.add_argument("--rounds", type=int, default=5)
    ask.add_argument("--out", type=Path, default=Path("bench/results"), help="a folder")
    wanted = ask.parse_args()
    if not os.sched_getaffinity(0) >= _CORES:
        ask.error("this needs two cores: one for the servers, one for the load")
    if wanted.only != "verification":
        _delivery(wanted)
    if wanted.only != "delivery":
        found = verification(wanted.connections, wanted.rounds, wanted.seconds, wanted.warm)
        found.print()
        found.write(wanted.out / "verification.json")


def _delivery(wanted: argparse.Namespace) -> None:
    report = Report(wanted.articles, wanted.connections, wanted.rounds, wanted.seconds)
    with tempfile.TemporaryDirectory(prefix="counterfoil-peers-") as at, ExitStack() as open_:
        content = articles(wanted.articles)
        subjects = []
        for name, serve in (
            ("counterfoil", counterfoil),
            ("anew", partial(counterfoil, anew=True)),
            ("strapi", theirs.strapi),
            ("directus", theirs.directus),
        ):
            print(f"setting up {name} …", flush=True)
            subjects.append(open_.enter_context(serve(Path(at) / name, content)))
        with pinned(LOAD):
            for subject in subjects:
                subject.prove([one["title"] for one in content])
                _warm(subject, wanted.connections, wanted.warm)
            for number in range(wanted.rounds):
                print(f"round {number + 1} of {wanted.rounds} …", flush=True)
                for subject in subjects:
                    _measure(subject, report)
    report.print()
    report.write(wanted.out / "peers.json")


def _warm(subject: Subject, connections: int, seconds: float) -> None:
    for name in QUESTIONS:
        load(subject.target(name), connections, seconds / len(QUESTIONS))


def _measure(subject: Subject, report: Report) -> None:
    for name in QUESTIONS:
        used = processor_s(subject.pid)
        run = load(subject.target(name), report.connections, report.seconds)
        report.add(subject.name, name, run, processor_s(subject.pid) - used)
    report.remember(subject.name, memory(subject.pid))


if __name__ == "__main__":
    main()
