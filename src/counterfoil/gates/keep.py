"""An office of several hosts keeps a lease of its own at each: by the rule of every gate (R1).

A host says how far it has come, and that is written down before it reads what else there is. When
it has taken that in, it may decide for two seconds from when it began. So whoever commits at
another host waits until this one has said that it knows, or has no lease any more.

Along with that it says how late it believes it is, and hears it of the others (R6).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from counterfoil.gate.hostclock import HostClock
from counterfoil.gate.lease import Lease
from counterfoil.gates.store.shared import SharedLeases
from counterfoil.kernel.clock import Clock
from counterfoil.kernel.entropy import Entropy
from counterfoil.kernel.ids import GateId, new_id

RENEW_S: Final = 0.5


class Keeper:
    """Keeps the lease of this host; one of its processes does.

    Args:
        leases: of all hosts.
        lease: of this one.
        clock: what time it is.
        entropy: where the id of its row comes from.
    """

    def __init__(self, leases: SharedLeases, lease: Lease, clock: Clock, entropy: Entropy) -> None:
        self._leases = leases
        self._lease = lease
        self._clock = clock
        self._id = GateId(new_id(entropy))
        self._told = -1, 0.0
        self._is_alone = False

    def turn(self, position: int, follow: Callable[[], int]) -> None:
        """Say that this host stands there, if that is news or half a second ago; and go on.

        Where there is no other host of the office nobody waits for that news, and each half second
        is enough: one that comes then waits once, for so long.

        Args:
            position: up to where it has followed the feed.
            follow: takes in all that there is now.
        """
        told, asked_before = self._told
        asked = self._lease.ticks()
        if (self._is_alone or position == told) and asked - asked_before < RENEW_S:
            return
        self.listen()
        believed = datetime.fromtimestamp(self._clock.least(), UTC)
        self._leases.hear_here(self._id, position, believed)
        follow()
        self._lease.renew(asked, self._clock.seconds(), least=self._clock.least())
        self._told = position, asked

    def listen(self) -> None:
        """Hear whether there are other hosts, and how late they believe it is."""
        others = self._leases.others()
        self._is_alone = not others.holding
        if isinstance(self._clock, HostClock):
            self._clock.hear(_s(others.latest), _s(others.live), _s(others.theirs))


def _s(at: datetime | None) -> float:
    return 0.0 if at is None else at.timestamp()
