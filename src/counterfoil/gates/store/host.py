"""The leases of gates, in a file that all processes of one host have in memory.

The office of an embedded database is of one host, and so is whoever gives a lease or waits for one.
So they need no database for it: no lease waits for a disk, and who waits looks at a few bytes. All
count by one clock, so a lease is over when its time is, and nobody has to write that down.

What a process wrote is there when it is killed. When the machine is, nothing is: the file is of one
run of the kernel, and who opens it in another takes for given that every gate holds a lease that
was given just now. They are over two seconds later.
"""

from __future__ import annotations

import mmap
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from counterfoil.directory import LONGEST_GRACE_S
from counterfoil.gate.lease import LEASE_S
from counterfoil.gate.marker import boot_id
from counterfoil.gates.model import Gate, Heard, Lease, twice
from counterfoil.kernel.clock import Ticks, system_ticks
from counterfoil.kernel.errors import Code, Unserved
from counterfoil.kernel.ids import GateId
from counterfoil.runtime.hostlock import HostLock

SLOTS: Final = 1024
"""So many gates may be heard of within two seconds."""
PROOF_S: Final = 2.0
"""So long after a commit the office still says that it can record a revocation (R10)."""
ASKED_S: Final = 5.0

_WORD: Final = 8
_BOOT: Final = 64
_SINCE, _PROVED, _ASKED, _USED = (_BOOT // _WORD + n for n in range(4))
_FIRST: Final = _USED + 1
_ID, _HOST, _POSITION, _GIVEN, _HEARD, _GRACE = range(6)
_WIDTH: Final = 6
_SIZE: Final = (_FIRST + SLOTS * _WIDTH) * _WORD
_ANYBODY: Final = GateId(0)


class HostLeases:
    """What the processes of an office know together of the leases that they have given.

    Open it in each process, after the fork.

    Args:
        path: the file.
        enrolled: says whether there is any gate: an office without one waits for nobody.
        ticks: seconds since this machine began.
        boot: what names this run of the kernel.
        graces: says how long the graces are that gates were ever given.
    """

    def __init__(
        self,
        path: Path,
        enrolled: Callable[[], bool],
        ticks: Ticks = system_ticks,
        boot: Callable[[], str] = boot_id,
        *,
        graces: Callable[[], Sequence[int]] = tuple,
    ) -> None:
        self._enrolled = enrolled
        self._graces = graces
        self._ticks = ticks
        self._alone = HostLock(path)
        if os.fstat(self._alone.file).st_size < _SIZE:
            os.posix_fallocate(self._alone.file, 0, _SIZE)  # a hole would be SIGBUS on a full disk
        self._map = mmap.mmap(self._alone.file, _SIZE)
        self._counts = memoryview(self._map).cast("Q")
        self._times = memoryview(self._map).cast("d")
        named = boot().encode("ascii")[:_BOOT].ljust(_BOOT, b"\0")
        with self._alone:
            if self._map[:_BOOT] != named:
                self._begin(named)

    def hear(self, gate: GateId, heard: Heard) -> bool:
        """Take note of where a gate stands, and give it a lease if it may have one; say whether.

        It may not while nobody knows that the office can still record what takes power away.

        Raises:
            Conflict: if the credential was brought to two hosts, and the other one may decide yet.
        """
        with self._alone:
            at, tick = self._slot(gate), self._ticks()
            over = tick >= self._times[at + _GIVEN] + LEASE_S + self._times[at + _GRACE]
            if self._counts[at + _HOST] != heard.host and not over:
                raise twice()
            self._times[_ASKED] = tick
            self._counts[at + _HOST] = heard.host
            self._counts[at + _POSITION] = heard.position
            self._times[at + _HEARD] = heard.at.timestamp()
            given = heard.lease and tick - self._times[_PROVED] < PROOF_S
            if given:
                before = 0.0 if heard.level or over else self._times[at + _GRACE]
                self._times[at + _GRACE] = max(before, heard.grace_s)
                self._times[at + _GIVEN] = tick
        return given

    def running(self) -> dict[GateId, Lease]:
        """Return the leases that may run now."""
        now, found = self._ticks(), {}
        for at in self._slots():
            given = self._times[at + _GIVEN]
            if now < given + LEASE_S:
                lease = Lease(self._counts[at + _POSITION], given, given + LEASE_S)
                found[GateId(self._counts[at + _ID])] = lease
        since = self._times[_SINCE]
        if now < since + LEASE_S and self._enrolled():
            found[_ANYBODY] = Lease(-1, since, since + LEASE_S)
        return found

    def lingering(self) -> list[tuple[int, float]]:
        """Return who may let reads pass after a lease: where each stands, and how long yet."""
        now, found = self._ticks(), []
        for at in self._slots():
            grace_s = self._times[at + _GRACE]
            left_s = self._times[at + _GIVEN] + LEASE_S + grace_s - now
            if grace_s and left_s > 0:
                found.append((self._counts[at + _POSITION], left_s))
        since = self._times[_SINCE] + LEASE_S - now
        if since + LONGEST_GRACE_S > 0:
            found += [(-1, since + grace_s) for grace_s in self._graces() if since + grace_s > 0]
        return found

    def end(self, leases: Mapping[GateId, Lease]) -> None:
        """Take note that these have run out: each says so itself."""

    def told_of(self, gates: Sequence[Gate]) -> list[Gate]:
        """Return gates with where they stand, and whether they hold a lease."""
        found, now = {GateId(self._counts[at + _ID]): at for at in self._slots()}, self._ticks()
        return [self._told(gate, found.get(gate.id), now) for gate in gates]

    def _told(self, gate: Gate, at: int | None, now: float) -> Gate:
        if at is None:
            return gate
        return replace(
            gate,
            position=self._counts[at + _POSITION],
            holds=now < self._times[at + _GIVEN] + LEASE_S,
            heard_at=datetime.fromtimestamp(self._times[at + _HEARD], UTC),
        )

    # -- whether the office can record what takes power away (R10) -----------------------------

    def is_asked(self) -> bool:
        """Say whether a gate has asked for anything lately."""
        return self._ticks() - self._times[_ASKED] < ASKED_S

    def proved_s(self) -> float:
        """Return for how long nobody has seen a commit."""
        return self._ticks() - self._times[_PROVED]

    def prove(self, began: float) -> None:
        """Take note of a commit, which was begun at a tick."""
        self._times[_PROVED] = max(self._times[_PROVED], began)

    # -- the file ------------------------------------------------------------------------------

    def close(self) -> None:
        """Give the file back."""
        self._counts.release()
        self._times.release()
        self._map.close()
        self._alone.close()

    def _begin(self, named: bytes) -> None:
        """Forget what another run of the kernel knew, and take for given what it may have done."""
        for at in self._slots():
            self._times[at + _GIVEN] = 0.0
        self._times[_PROVED] = self._times[_ASKED] = 0.0
        self._times[_SINCE] = self._ticks()
        self._map[:_BOOT] = named

    def _slots(self) -> range:
        return range(_FIRST, _FIRST + self._counts[_USED] * _WIDTH, _WIDTH)

    def _slot(self, gate: GateId) -> int:
        for at in self._slots():
            if self._counts[at + _ID] == gate:
                return at
        return self._taken(gate)

    def _taken(self, gate: GateId) -> int:
        """Take a place: one that was never used, or whose lease is long over."""
        used, now = self._counts[_USED], self._ticks()
        at = _FIRST + used * _WIDTH
        if used == SLOTS:
            at = min(self._slots(), key=lambda one: self._times[one + _GIVEN])
            if now < self._times[at + _GIVEN] + LEASE_S + self._times[at + _GRACE]:
                raise Unserved(Code.NOT_READY, f"More than {SLOTS} gates hold a lease.")
        self._counts[at + _ID] = gate
        self._counts[at + _POSITION] = self._counts[at + _HOST] = 0
        self._times[at + _GIVEN] = self._times[at + _HEARD] = self._times[at + _GRACE] = 0.0
        self._counts[_USED] = max(used, (at - _FIRST) // _WIDTH + 1)
        return at
