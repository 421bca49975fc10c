"""What happened, on one clock, and whether it keeps the promise of a revocation (R1).

A revocation is answered at an instant. Whoever asks about its token after that instant must not be
let in, at any gate. A token that is revoked stays so: of what a gate has let in, the last time that
somebody asked is all that has to be kept.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Accepted:
    """A gate let a token in that was asked about so long after its revocation was answered."""

    gate: int
    token: int
    late_s: float


@dataclass
class History:
    """Takes in what happens, from several threads.

    Attributes:
        verified: how often a gate was asked about a token, and decided.
        unserved: how often it was asked, and did not decide.
        turned_away: how often a gate decided against a token that was never revoked.
        took_s: how long each revocation took that was answered.
        longest_s: the longest of them, by which office answered.
    """

    verified: int = 0
    unserved: int = 0
    turned_away: int = 0
    took_s: list[float] = field(default_factory=list)
    longest_s: dict[int, float] = field(default_factory=dict)
    _revoked: dict[int, float] = field(default_factory=dict)
    _let_in: dict[tuple[int, int], float] = field(default_factory=lambda: defaultdict(float))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def revoked(self, token: int, began: float, ended: float, office: int = 0) -> None:
        """An office answered a revocation: from `ended` on nobody may be let in by this token."""
        with self._lock:
            self._revoked.setdefault(token, ended)
            self.took_s.append(ended - began)
            self.longest_s[office] = max(self.longest_s.get(office, 0.0), ended - began)

    def asked(self, gate: int, began: float, about: int, let_in: Sequence[int]) -> None:
        """A gate was asked about so many tokens, beginning then, and let these in."""
        with self._lock:
            self.verified += about
            for token in let_in:
                self._let_in[gate, token] = max(self._let_in[gate, token], began)

    def refused(self, good: int) -> None:
        """A gate decided against so many tokens that nobody had revoked."""
        with self._lock:
            self.turned_away += good

    def silent(self, about: int) -> None:
        """A gate was asked about so many tokens, and did not decide."""
        with self._lock:
            self.unserved += about

    def wrong(self) -> list[Accepted]:
        """Return what breaks the promise: nothing."""
        return [
            Accepted(gate, token, began - self._revoked[token])
            for (gate, token), began in self._let_in.items()
            if token in self._revoked and began > self._revoked[token]
        ]

    def within_s(self, part: float) -> float:
        """Return within how many seconds such a part of the revocations was answered."""
        ordered = sorted(self.took_s)
        return ordered[min(len(ordered) - 1, int(part * len(ordered)))] if ordered else 0.0
