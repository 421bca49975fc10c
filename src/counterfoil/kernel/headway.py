"""How far long work has come: who does it tells so, and need not know whether somebody looks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, TypeAlias, TypeVar

T = TypeVar("T")


class Stage(NamedTuple):
    """What is being done, in a word, and how much there is of it; None if nobody knows.

    It is counted in bytes, or in whatever it is made of.
    """

    label: str
    total: int | None = None
    in_bytes: bool = False


Tell: TypeAlias = Callable[[Stage, int], object]
"""Is told how much of a stage is done."""


def nobody(_stage: Stage, _done: int) -> None:
    """Tell nobody."""


def told(items: Iterable[T], tell: Tell, stage: Stage) -> Iterator[T]:
    """Yield the items, and tell before each how many are done."""
    for done, item in enumerate(items):
        tell(stage, done)
        yield item
