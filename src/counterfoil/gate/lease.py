"""A lease: until when a gate may decide whose office is on another host (R1, R2).

The office gives it with what it tells, and takes nothing for effective everywhere before each gate
has said that it knows, or its lease has run out. So a gate that hears nothing any more decides
nothing any more, and does not need to be reached for that.

Afterwards there may be a grace: for so long as the office allowed with the lease, reads of an API
that says so go on to pass, by what was known then (decision 107). A process that has never seen the
lease run gives none.

A gate counts from when it asked, the office from when it was asked, each by seconds since its own
machine began: no clocks have to agree. They have to run equally fast, within a part in a hundred.
"""

from __future__ import annotations

import hashlib
import math
import mmap
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from counterfoil.gate.marker import boot_id
from counterfoil.kernel.clock import Ticks, system_ticks
from counterfoil.kernel.errors import Code, Unserved

LEASE_S: Final = 2.0
"""So long the office waits for a lease to run out."""
HELD_S: Final = LEASE_S * 0.99
"""So long a gate decides by it."""

_WORD: Final = 8
_UNTIL, _AHEAD, _GRACE = 0, 1, 2
_BOOT_AT: Final = 3 * _WORD
_SIZE: Final = 128
_LEAST: Final = _SIZE // _WORD - 1
"""At the end, where a release that knows one time alone leaves nothing: that is 0."""
_BOOT_BYTES: Final = _LEAST * _WORD - _BOOT_AT
_NAME_CHARS: Final = 15


class Lease:
    """What the processes of a gate know together: until when they may decide, and what time it is.

    Open it after the fork. One process renews it, all look at it.

    Args:
        path: the file that they have in memory.
        ticks: seconds since this machine began.
        boot: what names this run of the kernel: a lease of another one says nothing.

    Attributes:
        host: names this host, and this file of it, by 15 hex digits.
    """

    def __init__(
        self, path: Path, ticks: Ticks = system_ticks, boot: Callable[[], str] = boot_id
    ) -> None:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            if os.fstat(file).st_size < _SIZE:
                os.posix_fallocate(file, 0, _SIZE)
            self._map = mmap.mmap(file, _SIZE)
            self.host: Final = _name_of(named := boot(), os.fstat(file))
        finally:
            os.close(file)
        self.ticks = ticks
        self._words = memoryview(self._map).cast("d")
        begun = named.encode("ascii")[:_BOOT_BYTES].ljust(_BOOT_BYTES, b"\0")
        if self._map[_BOOT_AT : _BOOT_AT + _BOOT_BYTES] != begun:
            self._words[_UNTIL] = self._words[_GRACE] = self._words[_LEAST] = 0.0
            self._map[_BOOT_AT : _BOOT_AT + _BOOT_BYTES] = begun
        self._of_before = self._words[_UNTIL] if self.left_s() == 0 else 0.0

    def renew(
        self, asked: float, at: float, grace_s: float = 0.0, least: float | None = None
    ) -> None:
        """Decide on, as the office allowed.

        Args:
            asked: the tick at which it was asked.
            at: the office's clock when it heard that, in Unix seconds.
            grace_s: for how long reads may pass when this lease is over.
            least: the same clock as what begins goes by it, if that is earlier.
        """
        self._words[_LEAST] = (at if least is None else least) - asked
        self._words[_GRACE] = grace_s
        self._words[_AHEAD] = at - asked
        self._words[_UNTIL] = max(self._words[_UNTIL], asked + HELD_S)

    def end(self) -> None:
        """Decide nothing any more, also in no grace, until it is renewed."""
        self._words[_UNTIL] = self._words[_GRACE] = 0.0

    def left_s(self) -> float:
        """Return for how many seconds it holds; 0 if it does not."""
        return max(0.0, self._words[_UNTIL] - self.ticks())

    def silent_s(self) -> float:
        """Return for how many seconds this gate has not known that it is level."""
        return max(0.0, self.ticks() - max(0.0, self._words[_UNTIL] - HELD_S))

    def over_s(self) -> float:
        """Return for how many seconds it has been over; infinity if it never ran here."""
        until = self._words[_UNTIL]
        return self.ticks() - until if until > self._of_before else math.inf

    def grace_s(self) -> float:
        """Return for how many seconds, from its end, the office lets reads pass."""
        return self._words[_GRACE]

    def require(self) -> None:
        """Return if the gate may decide now.

        Raises:
            Unserved: NOT_READY if it may not.
        """
        if self.ticks() >= self._words[_UNTIL]:
            raise Unserved(
                Code.NOT_READY,
                "This gate has not heard from its office, so it does not know what is revoked.",
            )

    def close(self) -> None:
        """Give the file back."""
        self._words.release()
        self._map.close()

    # -- the office's clock: this machine's time of day is nothing to a gate (R6) --------------

    def __call__(self) -> datetime:
        """Return the present instant by the office's clock, aware and in UTC."""
        return datetime.fromtimestamp(self.seconds(), UTC)

    def seconds(self) -> float:
        """Return it in Unix seconds: early by what a question took to arrive, and never late."""
        return self.ticks() + self._words[_AHEAD]

    def least(self) -> float:
        """Return it as what begins goes by it: earlier while the office's clock has leapt (R6)."""
        return self.ticks() + (self._words[_LEAST] or self._words[_AHEAD])


def host_of(path: Path) -> str:
    """Return the name that a lease in this file gives its host, as `Lease.host` says."""
    lease = Lease(path)
    lease.close()
    return lease.host


def _name_of(boot: str, file: os.stat_result) -> str:
    """Name a file of a run of a kernel, as no copy of it is named."""
    said = f"{boot} {file.st_dev} {file.st_ino}"
    return hashlib.sha256(said.encode()).hexdigest()[:_NAME_CHARS]
