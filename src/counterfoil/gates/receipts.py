"""Receipts: what takes power away is answered when no gate on another host goes by it now (R1).

A gate decides by a lease, and each lease is given with the news that stood in the feed by then. So
after a commit only those leases matter that were given before: their gates say soon that they know,
or say nothing, and two seconds later there is no such lease. No clocks are compared: each office
counts by itself, from its own commit, and writes down which leases it has seen run out.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Final

from counterfoil.feed.event import AnyEvent, OrganizationRecorded, SecretTaken, TokenRecorded
from counterfoil.gate.lease import LEASE_S
from counterfoil.gates.store import rows
from counterfoil.kernel.clock import Ticks, system_ticks
from counterfoil.kernel.ids import GateId
from counterfoil.runtime.database import Database
from counterfoil.runtime.witness import NOBODY

_STEP_S: Final = 0.002
_SESSION: Final = "o"


class Receipts:
    """Waits for the gates of one office.

    Args:
        database: of the office.
        ticks: seconds since this machine began.
        sleep: waits.
    """

    def __init__(
        self,
        database: Database,
        ticks: Ticks = system_ticks,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._database = database
        self._ticks = ticks
        self._sleep = sleep
        self._seen: dict[GateId, tuple[int, float]] = {}

    @property
    def reach(self) -> str:
        """Where a change holds after it was waited for.

        Other hosts may write to a database of its own server. Their offices hold no lease, and come
        after within a tenth of a second.
        """
        return "everywhere" if self._database.embedded else "host"

    def concern(self, events: Iterable[AnyEvent]) -> bool:
        """Say whether one of these may have taken power away, as long as nobody looks closer."""
        return any(map(_may_lessen, events))

    def wait(self, position: int) -> None:
        """Return when every gate has taken in what stands at a position, or holds no lease.

        That takes two seconds at most. Call it after the commit.
        """
        end = self._ticks() + LEASE_S
        before = awaited = self._behind(position)
        while awaited:
            if self._ticks() >= end:
                self._lapse({one: name for one, name in before.items() if awaited[one] == name})
                return
            self._sleep(_STEP_S)
            now = self._behind(position)
            before = {one: before[one] for one in before if one in now}
            awaited = {one: now[one] for one in before}

    def watch(self) -> None:
        """Write down which leases have run out: of gates that nobody had to wait for.

        It is called again and again. What was not renewed between two calls that are two seconds
        apart has run out.
        """
        with self._database.reading() as tx:
            held = rows.holders(tx)
            removed = rows.has_removed(tx)
        now, seen = self._ticks(), self._seen
        names = {one: name for one, (_, name) in held.items()}
        self._seen = {
            one: seen[one] if one in seen and seen[one][0] == name else (name, now)
            for one, name in names.items()
        }
        over = {one: name for one, (name, at) in self._seen.items() if now - at >= LEASE_S}
        if over or removed:
            self._lapse(over)

    def _behind(self, position: int) -> dict[GateId, int]:
        """Return the names of the leases of gates that have not come so far."""
        with self._database.reading() as tx:
            held = rows.holders(tx)
        return {one: name for one, (stands, name) in held.items() if stands < position}

    def _lapse(self, leases: dict[GateId, int]) -> None:
        with self._database.transaction(NOBODY) as tx:
            rows.lapse(tx, leases)
            rows.forget_removed(tx)


def _may_lessen(event: AnyEvent) -> bool:
    if isinstance(event, TokenRecorded):
        return event.letter != _SESSION or bool(event.struck)
    if isinstance(event, OrganizationRecorded):
        return event.fenced  # which may be new; how often one may come is no power
    return not isinstance(event, SecretTaken)
