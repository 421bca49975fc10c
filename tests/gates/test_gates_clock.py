"""What time it is at a gate on another host, while the clock of its office is wrong (R6)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from counterfoil.feed.page import Page
from counterfoil.gate.hostclock import HostClock
from counterfoil.gate.lease import Lease
from counterfoil.gate.verifier import Verifier
from counterfoil.kernel.clock import in_micros
from counterfoil.kernel.errors import Code
from counterfoil.runtime.database import Database
from support.far import Far, far, teller_on
from support.gate import BASE, mint, record, under, why
from support.office import START

HOUR_S = 3600.0
NOW = START.timestamp()
LATER, SOON = (in_micros(NOW + seconds) for seconds in (0.5 * HOUR_S, 60))


@pytest.fixture
def there(database: Database, tmp_path: Path) -> Iterator[Far]:
    with far(database, tmp_path) as both:
        yield both


class Office:
    """The clock of an office, whose machine has been up as long as the gate's."""

    def __init__(self, there: Far, folder: Path) -> None:
        self._set_s, self._there = 0.0, there
        self._up = there.seconds.now
        self.clock = HostClock(folder / "clock", self._wall, lambda: there.seconds.now)
        known = there.leases, there.bell, there.records
        there.wire.teller = teller_on(there.database, *known, clock=self.clock)

    def _wall(self) -> float:
        return NOW + self._there.seconds.now - self._up + self._set_s

    def set(self, by_s: float) -> None:
        """Set it, and have the gate hear of that."""
        self._set_s += by_s
        self.clock.look()
        self._there.turn()


def test_a_leap_at_the_office_opens_nothing_early(there: Far, tmp_path: Path) -> None:
    """While the office's clock is an hour ahead a gate elsewhere opens nothing that begins later.

    What ends meanwhile is refused there, as on the office's host, until the clock is right again.
    """
    later, ending = mint(), mint()
    there.level()
    there.commit(
        record(later, under(not_before=LATER), expires_at=None),
        record(ending, token=BASE + 102, expires_at=LATER),
    )
    office = Office(there, tmp_path)
    there.level()
    verifier = Verifier(there.replica, there.lease, remember=0)
    for by_s, ends in ((HOUR_S, Code.TOKEN_EXPIRED), (-HOUR_S, None), (-HOUR_S, None)):
        office.set(by_s)
        assert why(verifier, later) is Code.TOKEN_NOT_YET_VALID
        if ends is None:
            verifier.verify(ending)
        else:
            assert why(verifier, ending) is ends
    there.seconds.pass_(0.5 * HOUR_S + 1)
    there.level()
    verifier.verify(later)
    office.clock.close()


def test_a_clock_set_back_at_the_office_revives_nothing(there: Far, tmp_path: Path) -> None:
    """What has ended stays ended at a gate elsewhere when the office's clock is set back (G11)."""
    ended, begun = mint(), mint()
    there.level()
    there.commit(
        record(ended, expires_at=SOON),
        record(begun, under(not_before=SOON), token=BASE + 102, expires_at=None),
    )
    office = Office(there, tmp_path)
    there.seconds.pass_(61)
    there.level()
    verifier = Verifier(there.replica, there.lease, remember=0)
    for by_s in (0.0, -HOUR_S, HOUR_S):
        office.set(by_s)
        assert why(verifier, ended) is Code.TOKEN_EXPIRED
        verifier.verify(begun)
    office.clock.close()


def test_an_office_whose_clock_is_behind_tells_the_latest_time(there: Far, tmp_path: Path) -> None:
    """A gate elsewhere that asks a host with an earlier clock revives nothing (R6).

    That host has heard of another one of its office how late it is, and tells that.
    """
    ended = mint()
    there.level()
    there.commit(record(ended, expires_at=SOON))
    office = Office(there, tmp_path)
    office.set(-HOUR_S)
    there.seconds.pass_(61)
    there.level()
    verifier = Verifier(there.replica, there.lease, remember=0)
    assert why(verifier, ended) is Code.TOKEN_EXPIRED
    office.clock.close()
    (tmp_path / "clock").unlink()
    another = Office(there, tmp_path)  # a host with a new data directory
    there.level()
    another.clock.hear(NOW + 61, NOW + 61, NOW + 61)
    another.set(-HOUR_S)
    assert why(verifier, ended) is Code.TOKEN_EXPIRED
    another.clock.close()


def test_an_office_that_says_one_time(tmp_path: Path) -> None:
    """An office of a release before says by when things end; they begin by that, as before (R17).

    So they do where a process of such a release has renewed the lease of a gate of this one.
    """
    page = Page("", 1, 0, 0, at=in_micros(NOW), leased=True, prefix="cf")
    lease = Lease(tmp_path / "lease", lambda: 5.0, lambda: "boot")
    lease.renew(5.0, NOW, 0.0, page.begins_at)
    assert lease.least() == lease.seconds() == NOW
    lease.close()
    with (tmp_path / "lease").open("r+b") as file:
        file.seek(-8, os.SEEK_END)
        file.write(bytes(8))  # as a process of that release leaves it
    again = Lease(tmp_path / "lease", lambda: 5.0, lambda: "boot")
    assert again.least() == again.seconds() == NOW
    again.close()
