"""Receipts: what takes power away is answered when no gate on another host goes by it now (R1).

A gate decides by a lease, and each lease is given with the news that stood in the feed by then. So
after a commit only those leases matter that were given before: their gates say soon that they know,
or say nothing, and two seconds later there is no such lease. No clocks of two machines are
compared: an office counts by its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Final

from counterfoil.feed.event import AnyEvent, OrganizationRecorded, SecretTaken, TokenRecorded
from counterfoil.gates.model import Lease, Leases
from counterfoil.kernel.clock import Ticks, system_ticks
from counterfoil.kernel.ids import GateId
from counterfoil.runtime.bell import Bell

_LOOK_S: Final = 0.01
"""So often whoever waits looks again, where no bell wakes them."""
_SESSION: Final = "o"


def _nobody() -> None:
    """Tell nobody."""


class Receipts:
    """Waits for the gates of one office.

    Args:
        leases: that it has given.
        bell: rings when a gate has said how far it has come.
        ticks: seconds since this machine began.
        settled: is told when a wait is over, if there was any gate that could be waited for.
    """

    def __init__(
        self,
        leases: Leases,
        bell: Bell,
        ticks: Ticks = system_ticks,
        settled: Callable[[], None] = _nobody,
    ) -> None:
        self._leases = leases
        self._bell = bell
        self._ticks = ticks
        self._settled = settled

    @property
    def reach(self) -> str:
        """Where a change holds after it was waited for."""
        return "everywhere"

    def concern(self, events: Iterable[AnyEvent]) -> bool:
        """Say whether one of these may have taken power away, as long as nobody looks closer."""
        return any(map(_may_lessen, events))

    def wait(self, position: int) -> None:
        """Return when every gate has taken in what stands at a position, or holds no lease.

        That takes two seconds at most. Call it after the commit.
        """
        self.begin(position)()

    def begin(self, position: int) -> Callable[[], None]:
        """Look whose lease has to end or whose word has to come; return what waits for that.

        Call this right after the commit. A lease that is given later comes with the news, and one
        that was given before is over two seconds after this look, whatever is done meanwhile.
        """
        return partial(self._wait, position, self._leases.running())

    def _wait(self, position: int, held: Mapping[GateId, Lease]) -> None:
        awaited = _behind(held, position)
        while awaited:
            rings, now = self._bell.heard(), self._ticks()
            over = {one: lease for one, lease in awaited.items() if now >= lease.until}
            if over:
                self._leases.end(over)
            still = _behind(self._leases.running(), position)
            awaited = {one: lease for one, lease in awaited.items() if one in still.keys() - over}
            if awaited:
                left = min(lease.until for lease in awaited.values()) - now
                self._bell.wait(rings, min(left, _LOOK_S))
        if held:
            self._settled()

    def lingers_s(self, position: int) -> float:
        """Return after how many seconds no gate lets reads pass by what was before a position.

        That is 0 where none does, as a rule: no API asks for a grace, or every gate knows.
        """
        graces = self._leases.lingering()
        return max((left_s for stands, left_s in graces if stands < position), default=0.0)


def _behind(held: Mapping[GateId, Lease], position: int) -> dict[GateId, Lease]:
    """Return the leases of gates that have not come so far."""
    return {one: lease for one, lease in held.items() if lease.position < position}


def _may_lessen(event: AnyEvent) -> bool:
    if isinstance(event, TokenRecorded):
        return event.letter != _SESSION or bool(event.struck)
    if isinstance(event, OrganizationRecorded):
        return event.fenced  # which may be new; how often one may come is no power
    return not isinstance(event, SecretTaken)
