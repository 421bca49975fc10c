"""Whether the office can record what takes power away: it is tried while gates ask (R10).

A lease is a promise that no revocation was recorded that its gate does not know. An office that can
record none may not be asked for one in vain while its gates go on: it gives no lease any more, and
two seconds later they decide nothing.
"""

from __future__ import annotations

from typing import Final

from counterfoil.gates.store import rows
from counterfoil.gates.store.host import HostLeases
from counterfoil.kernel.clock import Ticks, system_ticks
from counterfoil.runtime.database import Database
from counterfoil.runtime.witness import NOBODY

EVERY_S: Final = 0.5


class Probe:
    """Commits something again and again that changes nothing.

    Args:
        database: of the office.
        leases: that it gives.
        ticks: seconds since this machine began.
    """

    def __init__(self, database: Database, leases: HostLeases, ticks: Ticks = system_ticks) -> None:
        self._database = database
        self._leases = leases
        self._ticks = ticks

    def turn(self) -> None:
        """Commit, if a gate has asked lately, and nobody has seen a commit for a moment."""
        if not self._leases.is_asked() or self._leases.proved_s() < EVERY_S:
            return
        began = self._ticks()
        with self._database.transaction(NOBODY, spare=True) as tx:
            rows.touch(tx)
        self._leases.prove(began)
