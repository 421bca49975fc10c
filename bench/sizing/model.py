"""The model: what is measured of one token, one event and one read, times how many there are."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

MEASURED: Final = Path(__file__).with_name("measured.json")
TOKENS: Final = tuple(10**power for power in range(4, 10))
READS: Final = (1, 10, 100, 1_000)
"""Requests of a second that go on record, day and night."""

CELL_TOKENS: Final = 50_000_000
"""The most tokens of one installation: a gate that lost its replica has it again within minutes."""
REBUILD_ROOM: Final = 2
"""While a replica is rebuilt, the old one is there beside it."""
WORKING_SET: Final = 0.2
"""The share of the replica that requests touch: one token in five is used within an hour."""
DAY_S: Final = 86_400
_STEPS: Final = ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB"))
_MINUTE: Final = 60
_HOUR: Final = 3600


@dataclass(frozen=True, slots=True)
class Measured:
    """What `python -m bench.sizing --measure` found.

    Attributes:
        issued: bytes of the office's database for a token that was issued: its rows, its event, its
            entry in the trail.
        read: bytes of the trail for a read.
        fed: bytes of the replica for a token that came through the feed.
        rebuilt: the same after a rebuild.
        rebuild_us: processor time of a rebuild for a token, in microseconds.
        rebuild_peak: bytes of memory that a rebuild takes beside the replica's own pages.
        base: bytes of memory of an office with two workers and a gate with one, without a token.
    """

    issued: float
    read: float
    fed: float
    rebuilt: float
    rebuild_us: float
    rebuild_peak: float
    base: float


@dataclass(frozen=True, slots=True)
class Size:
    """An installation with so many tokens, and what each of its cells takes."""

    tokens: int
    cells: int
    office: float
    fed: float
    disk: float
    memory: float
    rebuild_s: float


def measured(path: Path = MEASURED) -> Measured:
    """Return what was measured last."""
    return Measured(**json.loads(path.read_text()))


def size(tokens: int, by: Measured) -> Size:
    """Return what an installation with so many tokens takes: a cell's bytes and seconds."""
    cells = -(-tokens // CELL_TOKENS)
    here = tokens / cells
    fed = here * by.fed
    return Size(
        tokens,
        cells,
        here * by.issued,
        fed,
        fed * REBUILD_ROOM,
        by.base + by.rebuild_peak + fed * WORKING_SET,
        here * by.rebuild_us / 1e6,
    )


def sizes_table(by: Measured) -> Iterator[str]:
    """Yield the table of installations by how many tokens they have."""
    yield from _head("tokens", "cells", "office's database", "replica", "disk of a gate's host",
                     "memory of a host", "rebuild")  # fmt: skip
    for tokens in TOKENS:
        one = size(tokens, by)
        yield _row(f"{tokens:,}", str(one.cells), spelled(one.office), spelled(one.fed),
                   spelled(one.disk), spelled(one.memory), lasting(one.rebuild_s))  # fmt: skip


def trail_table(by: Measured) -> Iterator[str]:
    """Yield the table of how the trail grows by what is read."""
    yield from _head("reads a second", "a day", "a year")
    for reads in READS:
        day = reads * DAY_S * by.read
        yield _row(f"{reads:,}", spelled(day), spelled(day * 365))


def measured_table(by: Measured) -> Iterator[str]:
    """Yield the table of the constants."""
    yield from _head("what", "measured")
    yield _row("office's database, a token that was issued", f"{by.issued:,.0f} bytes")
    yield _row("the trail, a read", f"{by.read:,.0f} bytes")
    yield _row("replica, a token that came through the feed", f"{by.fed:,.0f} bytes")
    yield _row("replica, a token after a rebuild", f"{by.rebuilt:,.0f} bytes")
    yield _row("rebuild, processor time for a token", f"{by.rebuild_us:.1f} µs")
    yield _row("office with two workers and a gate, memory", spelled(by.base))
    yield _row("rebuild, memory beside the replica's pages", spelled(by.rebuild_peak))


def spelled(amount: float) -> str:
    """Say how many bytes, to two figures."""
    for step, unit in _STEPS:
        if amount >= step:
            return f"{float(f'{amount / step:.2g}'):,g} {unit}"
    return f"{amount:.0f} bytes"


def lasting(seconds: float) -> str:
    """Say how long, to two figures."""
    for step, unit in ((_HOUR, "h"), (_MINUTE, "min")):
        if seconds >= step:
            return f"{float(f'{seconds / step:.2g}'):g} {unit}"
    return f"{float(f'{seconds:.2g}'):g} s"


def _head(*names: str) -> Sequence[str]:
    return (_row(*names), f"|{'---|' * len(names)}")


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
