"""What a call asks of the world, step by step, without asking it.

A call is a generator: it yields what must be done next and is sent what came of it. A wire does the
steps, blocking or awaiting; so what a call is stands here once, and how one waits stands in a wire.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeAlias, TypeVar

T = TypeVar("T")

Query = Mapping[str, str | int]

SAFE: Final = frozenset({"GET", "HEAD", "PUT", "DELETE"})


@dataclass(frozen=True, slots=True)
class Ask:
    """One request, to be sent once; comes back as an `Answer`, or as `Unreachable`."""

    method: str
    path: str
    query: Query
    body: bytes | None = field(repr=False)
    headers: Mapping[str, str]

    @property
    def repeatable(self) -> bool:
        """Whether doing it twice is doing it once."""
        return self.method in SAFE or "idempotency-key" in self.headers


@dataclass(frozen=True, slots=True)
class Pause:
    """So many seconds in which nothing is asked."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Turn(Generic[T]):
    """Steps that are one at a time for all who use the client: getting a bearer is such."""

    steps: Steps[T]


Step: TypeAlias = Ask | Pause | Turn[Any]
Steps: TypeAlias = Generator[Step, Any, T]


@dataclass(frozen=True, slots=True)
class Listing(Generic[T]):
    """A list that is read page by page; `of` reads one resource of it."""

    path: str
    query: Query
    of: Callable[[object], T]
