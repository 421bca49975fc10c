"""What was counted, in the text format of Prometheus (version 0.0.4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

MEDIA: Final = "text/plain; version=0.0.4"
_NS: Final = 1e9

Samples: TypeAlias = Iterable[tuple[Mapping[str, str], float]]
"""Values, each with its labels, whose text needs no escape: words of ours."""


def counted(name: str, told: str, samples: Samples) -> Iterator[str]:
    """Yield the lines of what only grows."""
    yield from _family(name, told, "counter", samples)


def measured(name: str, told: str, samples: Samples) -> Iterator[str]:
    """Yield the lines of what is so now."""
    yield from _family(name, told, "gauge", samples)


def one(value: float) -> Samples:
    """Return a value that needs no label."""
    return (({}, value),)


Taken: TypeAlias = Iterable[tuple[Mapping[str, str], Sequence[int], int]]
"""How often things took how long, and how many nanoseconds in all; by their labels, as `Samples`.

There is a count for each bound, of what took longer than the one before, and a last one of what
took longer than all.
"""


def timed(name: str, told: str, bounds_ns: Sequence[int], taken: Taken) -> Iterator[str]:
    """Yield the lines of how long things took, in seconds."""
    yield f"# HELP {name} {told}"
    yield f"# TYPE {name} histogram"
    for labels, counts, sum_ns in taken:
        said = ",".join(f'{key}="{text}"' for key, text in labels.items())
        first, alone = (f"{said},", f"{{{said}}}") if said else ("", "")
        before = 0
        for bound, count in zip(bounds_ns, counts, strict=False):
            before += count
            yield f'{name}_bucket{{{first}le="{bound / _NS:g}"}} {before}'
        everything = sum(counts)
        yield f'{name}_bucket{{{first}le="+Inf"}} {everything}'
        yield f"{name}_sum{alone} {sum_ns / _NS:.9f}"
        yield f"{name}_count{alone} {everything}"


def _family(name: str, told: str, kind: str, samples: Samples) -> Iterator[str]:
    yield f"# HELP {name} {told}"
    yield f"# TYPE {name} {kind}"
    for labels, value in samples:
        said = ",".join(f'{key}="{text}"' for key, text in labels.items())
        yield f"{name}{{{said}}} {value}" if said else f"{name} {value}"
