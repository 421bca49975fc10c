"""Measuring: interleaved, repeated, with medians and ranges."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Final

ROUNDS: Final = 31
CALLS: Final = 2000


@dataclass(frozen=True, slots=True)
class Spread:
    """Nanoseconds of processor time for one call: over all rounds, and what they ranged over."""

    median: float
    least: float
    most: float


def interleave(
    subjects: Mapping[str, Callable[[], object]], rounds: int = ROUNDS, calls: int = CALLS
) -> dict[str, Spread]:
    """Run each subject in turn, round after round, so that what disturbs one disturbs all."""
    gc.collect()
    gc.freeze()
    took: dict[str, list[float]] = {name: [] for name in subjects}
    for run in subjects.values():
        _time(run, calls)
    for _ in range(rounds):
        for name, run in subjects.items():
            took[name].append(_time(run, calls))
    gc.unfreeze()
    return {name: Spread(median(all_), min(all_), max(all_)) for name, all_ in took.items()}


def _time(run: Callable[[], object], calls: int) -> float:
    began = time.process_time_ns()
    for _ in range(calls):
        run()
    return (time.process_time_ns() - began) / calls


def p99(took: list[float]) -> float:
    """Return what one in a hundred takes longer than."""
    return sorted(took)[int(len(took) * 0.99)]


def tail(took: list[float]) -> dict[str, float]:
    """Return the middle, the slow end, and the worst."""
    return {"p50": median(took), "p99": p99(took), "most": max(took)}
