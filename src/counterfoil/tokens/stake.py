"""What is at stake for tokens when the authority behind them changes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from counterfoil.access.scope import Scopes
from counterfoil.tokens.model import Token
from counterfoil.tokens.usage_model import LastUse

LATELY: Final = timedelta(days=1)
"""Who used a token so lately would notice at once."""


class Fate(StrEnum):
    """What becomes of a token."""

    CHANGES = "changes"
    """It goes on with other power."""
    ENDS = "ends"
    """It is dead for good."""
    RESTS = "rests"
    """It answers 401 until it takes somebody else's authority, or who lent it comes back."""


@dataclass(frozen=True, slots=True)
class Stake:
    """A token, and what becomes of it.

    Attributes:
        lost: scopes that it holds nowhere any more, or in fewer places.
        gained: scopes that it holds in more places.
        last: when, by what and from where it was last used here.
    """

    token: Token
    fate: Fate
    lost: Scopes = 0
    gained: Scopes = 0
    last: LastUse | None = None

    def is_in_use(self, now: datetime) -> bool:
        """Say whether it was used within the last day."""
        return self.last is not None and now - self.last.at < LATELY


@dataclass(frozen=True, slots=True)
class Stakes:
    """All that is at stake, what was used last first; `members` is how many people it changes."""

    members: int
    each: tuple[Stake, ...]
    now: datetime

    @property
    def in_use(self) -> tuple[Stake, ...]:
        """What was used within the last day."""
        return tuple(one for one in self.each if one.is_in_use(self.now))

    def of(self, fate: Fate) -> tuple[Stake, ...]:
        """Return those that fare so."""
        return tuple(one for one in self.each if one.fate is fate)

    def losing(self, supported: Scopes) -> dict[Scopes, int]:
        """Return how many tokens lose each scope, by its bit."""
        return _counted([one.lost & supported for one in self.each])

    def gaining(self, supported: Scopes) -> dict[Scopes, int]:
        """Return how many tokens gain each scope, by its bit."""
        return _counted([one.gained & supported for one in self.each])


def bits(mask: Scopes) -> list[Scopes]:
    """Return the bits of a set that has an end."""
    return [1 << place for place in range(mask.bit_length()) if mask >> place & 1]


def _counted(masks: list[Scopes]) -> dict[Scopes, int]:
    return dict(Counter(bit for mask in masks for bit in bits(mask)))
