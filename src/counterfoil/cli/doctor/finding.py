"""What a look at one thing came to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Health(StrEnum):
    """How a thing is."""

    GOOD = "✓"
    DOUBTFUL = "!"
    BAD = "✗"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing: how it is, what was seen, and what mends it."""

    what: str
    health: Health
    seen: str
    fix: str = ""

    def record(self) -> dict[str, str]:
        """Return it as it is printed."""
        return {"health": self.health.value, "what": self.what, "seen": self.seen, "fix": self.fix}


def good(what: str, seen: str) -> Finding:
    """Return that a thing is as it should be."""
    return Finding(what, Health.GOOD, seen)


def bad(what: str, seen: str, fix: str) -> Finding:
    """Return that a thing is broken, and what mends it."""
    return Finding(what, Health.BAD, seen, fix)


def doubtful(what: str, seen: str, fix: str) -> Finding:
    """Return that a thing works, but not for long or not for everybody."""
    return Finding(what, Health.DOUBTFUL, seen, fix)
