"""What a read of one entry takes the office's server, beside a server that says nothing.

It is processor time of all its threads: those that speak HTTP and answer, and the one that writes
the trail.
"""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Final

from bench.gateway import cost
from bench.peers.articles import articles
from bench.peers.ours import counterfoil
from bench.shop import PIDS, empty

ARTICLES: Final = 1_000
ROUNDS: Final = 7
ASKED: Final = "one"


def measure(at: Path, entries: int = ARTICLES, rounds: int = ROUNDS) -> dict[str, float]:
    """Return microseconds of processor time for one answer of each."""
    written = articles(entries)
    with ExitStack() as running:
        ready = running.enter_context(counterfoil(at / "ready", written))
        anew = running.enter_context(counterfoil(at / "anew", written, anew=True))
        runs = {"nothing": (running.enter_context(empty(at)), ready)}
        for subject in (ready, anew):
            subject.prove([one["title"] for one in written])
            PIDS[subject.port] = subject.pid
            runs[subject.name] = subject.port, subject
        took: dict[str, list[float]] = {name: [] for name in runs}
        for turn in range(rounds + 1):
            for name, (port, subject) in runs.items():
                one = cost(port, subject.target(ASKED).requests, b"200")
                if turn:  # the first is for what is read once
                    took[name].append(one)
    return {name: median(all_) for name, all_ in took.items()}


def main() -> None:
    """Measure, and print."""
    with tempfile.TemporaryDirectory(prefix="counterfoil-bench-") as folder:
        took = measure(Path(folder))
    for name, us in took.items():
        print(f"{name:<16} {us:7.1f} µs")


if __name__ == "__main__":
    main()
