"""Locks: one editor has a thing to themselves for a while (Q14)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from counterfoil.content.model import Hand


class Thing(StrEnum):
    """What can be locked."""

    NODE = "node"
    TOKEN = "token"  # noqa: S105 - a kind of thing, no secret


@dataclass(frozen=True, slots=True)
class Lock:
    """Who has a thing to themselves, with which credential, and until when."""

    thing: Thing
    id: int
    holder: Hand
    token_name: str | None
    taken_at: datetime
    ends_at: datetime

    def is_of(self, hand: Hand) -> bool:
        """Say whether this hand holds it: a person by any of their credentials."""
        if self.holder.user is not None:
            return self.holder.user == hand.user
        return hand.user is None and self.holder.token == hand.token
