"""The gateway's books: the replica of this host, which the office keeps up and the gateway reads.

With the office on this host it decides by what the books say, also while nobody follows the feed:
no token of this host can be revoked then either. But it says that it is not ready, so that whoever
has another gate asks that. With the office on another host it decides while its lease holds.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

import lmdb

from counterfoil.gate.asked import Let, Said, Wanted
from counterfoil.gate.challenge import METADATA
from counterfoil.gate.hostclock import HostClock
from counterfoil.gate.judge import Judge
from counterfoil.gate.lease import Lease
from counterfoil.gate.pace import Pace
from counterfoil.gate.referee import Referee
from counterfoil.gate.replica import Replica
from counterfoil.gate.verdicts import quarantined
from counterfoil.gate.verifier import Verifier
from counterfoil.gateway.strayed import FIX, strayed
from counterfoil.kernel.clock import Clock, system_ticks
from counterfoil.kernel.errors import Code, CounterfoilError, Denied, Refused, Unserved
from counterfoil.kernel.ids import ApiId, Prefix, spell
from counterfoil.runtime.going import silent_s
from counterfoil.runtime.hostlock import is_held
from counterfoil.runtime.places import Places

_LED: Final = (Refused, Denied)
_LEAST_S: Final = 0.001
_LOOK_S: Final = 0.1
"""How often to look for a lease, where there was none."""
STILL_S: Final = 10.0
"""An office of this host that has said nothing for so long stands still."""
_READING: Final = frozenset({"GET", "HEAD"})


class Held(NamedTuple):
    """A lease, and the clock by which whoever holds it decides."""

    lease: Lease
    clock: Clock


class Books:
    """What this process decides by.

    Args:
        replica: of this host.
        clock: what time it is.
        follower: the file that whoever follows the feed on this host holds.
        lease: until when it may decide; None where all of the office is on this host.
        look: looks for a lease that there was none of when these were opened.
    """

    def __init__(
        self,
        replica: Replica,
        clock: Clock,
        follower: Path,
        lease: Lease | None = None,
        look: Callable[[], Held | None] | None = None,
    ) -> None:
        self.replica = replica
        self.lease = lease
        self._look = look
        self._look_at = 0.0
        self.clock = clock
        self._follower = follower
        self._going = Places(follower.parent).leases_lock
        self.folder: Final = follower.parent
        """The data directory."""
        self.pace: Final = Pace(follower.with_name("limits"), clock)
        """Counts how often tokens come that have a rate of their own, together with the office."""
        self._decides: tuple[Verifier, Judge, Referee] | None = None

    @property
    def verifier(self) -> Verifier:
        """What verifies tokens here.

        Raises:
            Unserved: if nobody has ever written these books, or the lease has run out.
        """
        return self._ours()[0]

    @property
    def judge(self) -> Judge:
        """What decides here.

        Raises:
            Unserved: as `verifier` says.
        """
        return self._ours()[1]

    @property
    def reader(self) -> Verifier:
        """What reads tokens here, also after the lease: nothing is decided by that.

        Raises:
            Unserved: as `verifier` says, if nothing was ever decided here.
        """
        return self.verifier if self._decides is None else self._decides[0]

    def reach(self, position: int) -> bool:
        """Say whether these books stand at a position or later (S29).

        They are not waited for here: whoever asks is, by the server that reads what they ask.
        """
        return self.replica.position() >= position

    def let(self, wanted: Wanted) -> Said:
        """Return what becomes of a request, as `Judge.say`; Unserved where that is not known.

        In the grace of an API reads pass by what was known (R2), for a token that was good when
        the gate last held a lease. What it would refuse then is not refused: it is not known.
        """
        said: Said
        try:
            said = self._ours()[1].say(wanted)
        except Unserved as unserved:
            said = unserved
        if isinstance(said, Unserved):
            return self._in_grace(wanted) or said
        return said

    def _in_grace(self, wanted: Wanted) -> Let | None:
        lease, decides = self.lease, self._decides
        if lease is None or decides is None or lease.left_s() or wanted.method not in _READING:
            return None
        over_s = lease.over_s()
        if over_s >= lease.grace_s():
            return None
        let = decides[1].say(wanted)
        if not isinstance(let, Let):
            return None
        if let.caller is None or let.route is None or let.route.changes:
            return None
        return let._replace(late_s=max(over_s, _LEAST_S)) if over_s < let.routed.grace_s else None

    @property
    def referee(self) -> Referee:
        """What decides for views that say themselves what they need.

        Raises:
            Unserved: as `verifier` says.
        """
        return self._ours()[2]

    def metadata_of(self, api: ApiId | None, error: CounterfoilError) -> str:
        """Return where whoever has to get another token hears from whom (RFC 9728).

        Empty if that is not what is the matter, or if the office has no address. It is what the
        state says by which the request was refused.
        """
        if api is None or not isinstance(error, _LED):
            return ""
        leads = {} if self._decides is None else self._decides[0].latest.leads
        lead = leads.get(api)
        if lead is None:
            try:
                address = self.replica.address()
            except lmdb.Error:
                return ""
            lead = f"{address}{METADATA}/{spell(Prefix.API, api)}" if address else ""
            leads[api] = lead
        return lead

    def position(self) -> int:
        """Return up to where the books go."""
        return self.replica.position()

    def is_ready(self) -> bool:
        """Say whether there are books, somebody keeps them up, and tokens verify by them."""
        try:
            self.require_ready()
        except (Unserved, lmdb.Error):
            return False
        return True

    def require_ready(self) -> None:
        """Return if `is_ready`.

        Raises:
            Unserved: saying what is the matter, and whether this gate decides all the same.
        """
        try:
            self._ours()
        except Unserved:
            if told := strayed(Places(self.folder)):
                raise Unserved(Code.NOT_READY, f"{told} {FIX}") from None
            raise
        if self.replica.is_quarantined():
            raise quarantined()
        if self.lease is None and not self._is_followed():
            raise _left("is away", "is back")
        if self.lease is None and silent_s(self._going) > STILL_S:
            raise _left("stands still", "goes on")

    def _ours(self) -> tuple[Verifier, Judge, Referee]:
        if self._look is not None and (now := system_ticks()) >= self._look_at:
            self._look_at = now + _LOOK_S
            if (found := self._look()) is not None:
                self.clock, self.lease, self._look = found.clock, found.lease, None
                self._decides = None  # which went by another clock
        if self.lease is not None:
            self.lease.require()
        if self._decides is None:
            prefix = self.replica.prefix()
            if not prefix:
                raise unwritten()
            verifier = Verifier(self.replica, self.clock, prefix, names=True)
            self._decides = verifier, Judge(verifier), Referee(verifier)
        return self._decides

    def _is_followed(self) -> bool:
        try:
            return is_held(self._follower)
        except OSError:
            return False


def books_here(places: Places) -> Books:
    """Return the books of this host, which somebody else here keeps up.

    There is a lease where the office of this host shares a database with others, and where the gate
    server of this host follows an office on another one: that renews it, for all who decide here.
    And there the office says what time it is, for whoever sets the clock of this host back may not
    have what has expired let in again (R6). Whoever is here before that goes on to look for it: an
    office that begins to share its database makes the file before it shows the others its lease.
    """
    replica = Replica(places.replica_dir)
    if (far := _far_here(places)) is not None:
        return Books(replica, far.clock, places.follower_lock, far.lease)
    clock = HostClock(places.clock_file)
    clock.start()
    look = partial(held_here, places, clock)
    if (held := look()) is not None:
        return Books(replica, held.clock, places.follower_lock, held.lease)
    return Books(replica, clock, places.follower_lock, look=look)


def held_here(places: Places, clock: Clock) -> Held | None:
    """Return the lease of this host, whose clock is given; None if there is none, or none yet."""
    if (far := _far_here(places)) is not None:
        return far
    if os.access(places.office_lease_file, os.F_OK):
        return Held(Lease(places.office_lease_file), clock)
    return None


def _far_here(places: Places) -> Held | None:
    if not os.access(places.gate_lease_file, os.F_OK):
        return None
    lease = Lease(places.gate_lease_file)
    return Held(lease, lease)


def _left(how: str, until: str) -> Unserved:
    """Say that this gate is left alone, how, and until when."""
    return Unserved(
        Code.NOT_READY,
        f"The office on this host {how}. The gate decides by what it knows: "
        f"until the office {until}, nothing is revoked.",
    )


def unwritten() -> Unserved:
    """Say that there is nothing to decide by."""
    return Unserved(Code.NOT_READY, "The gate has no books yet: start the office on this host.")
