"""A bus that brings a gate what a test would have it bring, and an inbox at which nobody waits."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from counterfoil.gateway.news import Inbox


class Kept(NamedTuple):
    """A frame, and its number."""

    number: int
    frame: bytes


class Hurried(Inbox):
    """An inbox at which nobody waits."""

    def next(self, within_s: float) -> bytes | None:
        del within_s
        return super().next(0)


@dataclass
class Rumours:
    """Keeps what an office tells, and brings a gate what a test would have it bring."""

    inbox: Inbox
    told: list[bytes] = field(default_factory=list)
    is_up: bool = True

    def start(self) -> None:
        """Be there."""

    def wait_up(self, within_s: float) -> bool:
        del within_s
        return self.is_up

    def publish(self, frame: bytes, name: str) -> None:
        del name
        self.told.append(frame)

    def bring(self, *frames: bytes) -> None:
        """Bring these, in this order."""
        for one in frames:
            self.inbox.hear(one)

    def last(self) -> Kept | None:
        return Kept(len(self.told), self.told[-1]) if self.told else None

    def read(self, first: int, last: int) -> list[bytes]:
        return self.told[first - 1 : last]
