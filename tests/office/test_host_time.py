"""Whatever of the house is on a host goes by the latest time that was believed there (R6)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from counterfoil.app import by_hand
from counterfoil.app.build import build
from counterfoil.cli.doctor import installation
from counterfoil.cli.doctor.finding import Health
from counterfoil.gate.hostclock import LEAP_S, HostClock
from counterfoil.gateway.books import books_here
from counterfoil.kernel.clock import system_clock
from support.installation import Installed, install

HOUR_S = 3600.0


@pytest.fixture
def made(tmp_path: Path) -> Installed:
    return install(tmp_path / "data")


@pytest.fixture
def an_hour(made: Installed) -> Iterator[Callable[[], None]]:
    """Have an hour be believed that has not passed, as if the clock had been set back by one."""
    by_s = [0.0]
    with closing(
        HostClock(made.settings.clock_file, lambda: system_clock.seconds() + by_s[0])
    ) as clock:

        def pass_by() -> None:
            while by_s[0] < HOUR_S:
                by_s[0] += LEAP_S / 2
                clock.look()

        yield pass_by


def late(seconds: float) -> bool:
    """Whether an hour of that has passed, and not yet a second one."""
    return HOUR_S - 60 < seconds - system_clock.seconds() < 2 * HOUR_S


def test_all_of_a_host_goes_by_one_time(made: Installed, an_hour: Callable[[], None]) -> None:
    """The office, what the operator does, the gate and the middleware go on from the mark (R6)."""
    with closing(build(made.settings)) as app:
        assert not late(app.office.clock.seconds())
        an_hour()
        assert late(app.office.clock().timestamp())
        assert late(app.verifier.clock.seconds())
        app.office.clock.look()  # type: ignore[attr-defined]  # it is the host's
        told = app.metering.exposition().decode().splitlines()
        (ahead,) = (line for line in told if line.startswith("counterfoil_clock_ahead_seconds "))
        assert float(ahead.split()[1]) == pytest.approx(-HOUR_S, abs=60)
    with by_hand.opened(made.settings) as office:
        assert late(office.clock.seconds())
    books = books_here(made.settings)
    assert late(books.verifier.clock.least())
    assert isinstance(books.clock, HostClock)
    books.clock.close()
    books.replica.close()
    books.pace.close()


def test_the_doctor_sees_a_clock_that_was_set_back(
    made: Installed, an_hour: Callable[[], None]
) -> None:
    """It says how far the clock is off, and what to do; of one that is believed, that it is."""

    def found() -> tuple[Health, str, str]:
        for one in installation.look(made.settings.data_dir):
            if one.what == "clock of this machine":
                return one.health, one.seen, one.fix
        raise AssertionError

    assert found()[:2] == (Health.GOOD, "believed")
    an_hour()
    health, seen, fix = found()
    assert (health, "seconds behind the time" in seen) == (Health.DOUBTFUL, True)
    assert str(made.settings.clock_file) in fix


def test_the_doctor_sees_clocks_that_part(made: Installed) -> None:
    """Where other hosts of the office believe another time it says by how much, and what to do."""

    def found() -> list[tuple[Health, str]]:
        parted = installation.look(made.settings.data_dir)
        return [(one.health, one.seen) for one in parted if one.what == "clocks of this office"]

    with closing(HostClock(made.settings.clock_file)) as clock:
        assert found() == []
        now = clock.seconds()
        clock.hear(now + HOUR_S, now + HOUR_S, now)
        ((health, seen),) = found()
    assert health is Health.DOUBTFUL
    assert seen.endswith("seconds behind what other hosts of this office believe")
