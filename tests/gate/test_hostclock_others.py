"""What time it is on a host that hears how late the others of its office believe it is (R6)."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.gate.hostclock import LEAP_S, PARTS_S, HostClock, lines
from counterfoil.kernel.errors import Code, Unserved
from support.machine import NOW, Machine, both

HOUR_S = 3600.0
TEN_YEARS_S = 10 * 366 * 24 * HOUR_S
NEAR_S = 1e-3
LAST_YEAR_S = 2.5e11


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.fixture
def behind(machine: Machine) -> Iterator[HostClock]:
    """The clock of a machine that is an hour behind."""
    machine.now -= HOUR_S
    with closing(machine.clock()) as opened:
        yield opened


def hear(clock: HostClock, latest: float, live: float | None = None, theirs: float = 0.0) -> None:
    """Have a clock hear times, in seconds from the usual now; the database says what it says."""
    live = latest if live is None else live
    clock.hear(NOW + latest, NOW + live, NOW + theirs)


def is_ready(clock: HostClock) -> bool:
    if not clock.is_alone():
        clock.require_agreed()
        return True
    with pytest.raises(Unserved) as unserved:
        clock.require_agreed()
    assert unserved.value.code is Code.NOT_READY
    return False


def test_a_host_that_is_behind_goes_by_what_it_hears(machine: Machine, behind: HostClock) -> None:
    """What ends goes by the latest that any host believes, also when nobody says it any more.

    What begins waits for the host's own clock. It is not ready, until its clock is set right.
    """
    assert is_ready(behind)
    hear(behind, 0)
    assert both(behind) == (0, -HOUR_S)
    assert not is_ready(behind)
    machine.pass_by(60)
    behind.look()
    hear(behind, 0, -LEAP_S, 60)  # who said it has gone
    assert both(behind) == (60, 60 - HOUR_S)
    assert not is_ready(behind)
    machine.now += HOUR_S
    behind.look()
    assert is_ready(behind)
    assert both(behind)[0] == 60


def test_a_clock_that_is_set_right_is_believed(machine: Machine, behind: HostClock) -> None:
    """It leaps to where another host is, so that is no leap: what begins is let in again, too."""
    hear(behind, 0)
    machine.now += HOUR_S
    behind.look()
    assert both(behind) == (0, 0)


def test_it_is_remembered_over_a_restart_of_the_machine(
    machine: Machine, behind: HostClock
) -> None:
    """A host that begins anew, and reaches nobody, opens nothing that had ended before (R6)."""
    hear(behind, 0)
    machine.pass_by(60)
    behind.look()
    machine.begin_anew(1)
    with closing(machine.clock()) as again:
        assert both(again) == (60, 61 - HOUR_S)


def test_a_host_that_is_ahead_takes_it_back(machine: Machine) -> None:
    """While a host is an hour ahead another one ends by that, and stays ready, and says so.

    The database agrees with it. Once the other host's clock is right, all is as it was.
    """
    with closing(machine.clock()) as clock:
        hear(clock, HOUR_S)
        assert both(clock) == (HOUR_S, 0)
        assert is_ready(clock)
        assert clock.apart_s() == -HOUR_S
        told = [line for line in lines(clock) if line.startswith("counterfoil_clock_apart_seconds")]
        assert told == [f"counterfoil_clock_apart_seconds {-HOUR_S}"]
        machine.pass_by(5)
        hear(clock, 5, 5, 5)
        assert both(clock) == (5, 5)
        assert clock.apart_s() == 0


def test_who_said_it_and_is_gone_takes_nothing_back(machine: Machine, behind: HostClock) -> None:
    """The books forget a host once another one believes as late: that is nobody's taking back."""
    hear(behind, 0)
    machine.pass_by(HOUR_S + 1)
    behind.look()
    behind.hear(0, 0, NOW + HOUR_S + 1)
    assert both(behind) == (HOUR_S + 1, 1)


def test_the_operator_takes_it_back(behind: HostClock) -> None:
    """Where the books are made to forget what a host believed, nobody ends by it any more."""
    hear(behind, HOUR_S)
    behind.hear(0, 0, NOW)
    assert both(behind) == (-HOUR_S, -HOUR_S)


def test_who_comes_with_a_clock_that_is_ahead_is_not_believed(machine: Machine) -> None:
    """A host that begins without a mark takes the others', if its own clock is far ahead of them.

    It is not ready, and tells nobody its own: so no host that is added ends others' tokens.
    """
    machine.now += TEN_YEARS_S
    with closing(machine.clock()) as clock:
        hear(clock, 0)
        assert both(clock) == (TEN_YEARS_S, 0)
        assert not is_ready(clock)
        machine.now -= TEN_YEARS_S
        clock.look()
        assert both(clock) == (0, 0)
        assert is_ready(clock)


def test_a_database_alone_with_its_time_shuts_nobody(machine: Machine) -> None:
    """Hosts that agree are ready, whatever time their database says that it is."""
    with closing(machine.clock()) as clock:
        for theirs in (-HOUR_S, HOUR_S):
            hear(clock, 0, 0, theirs)
            assert is_ready(clock)
            assert both(clock) == (0, 0)
        hear(clock, PARTS_S, -PARTS_S, HOUR_S)
        assert is_ready(clock)


def test_the_log_says_once_that_the_clocks_part(
    behind: HostClock, machine: Machine, caplog: pytest.LogCaptureFixture
) -> None:
    """The operator reads by how much, and when they agree again."""
    caplog.set_level(logging.WARNING, "counterfoil.gate")
    for _ in range(3):
        hear(behind, 0)
    machine.now += HOUR_S
    for _ in range(3):
        behind.look()
    told = [line for line in caplog.messages if "office" in line]
    assert [line.rsplit("(")[-1] for line in told] == [f"{-HOUR_S:+.0f} s)", "+0 s)"]


def test_no_time_that_is_heard_is_beyond_all(machine: Machine) -> None:
    """Whatever a database holds, there is an instant for it."""
    with closing(machine.clock()) as clock:
        clock.hear(LAST_YEAR_S * 10)
        assert clock().year < 9999


def test_a_file_of_a_release_before(machine: Machine, tmp_path: Path) -> None:
    """A release that heard nobody left a shorter file, and may go on beside this one (R17)."""
    with closing(machine.clock()) as clock:
        clock.look()
    whole = (tmp_path / "clock").read_bytes()
    (tmp_path / "clock").write_bytes(whole[:128])
    machine.now -= HOUR_S
    with closing(machine.clock()) as clock:
        assert both(clock) == (0, 0)
        hear(clock, 60)
        assert both(clock) == (60, 0)


@given(st.lists(st.tuples(st.sampled_from(["pass", "set", "say", "boot"]), st.floats(0, HOUR_S))))
def test_it_never_ends_by_an_earlier_time(taken: list[tuple[str, float]]) -> None:
    """As long as nobody takes back what they said, no time by which things end was later before."""
    with tempfile.TemporaryDirectory() as folder:
        machine = Machine(Path(folder))
        clock, said = machine.clock(), NOW
        clock.hear(said, said, NOW)
        before = 0.0
        for what, by_s in taken:
            if what == "pass":
                machine.pass_by(by_s)
            elif what == "set":
                machine.now -= by_s
            elif what == "say":
                said += by_s
                clock.hear(said, said, NOW)
            else:
                clock.look()
                clock.close()
                machine.begin_anew()
                clock = machine.clock()
            clock.look()
            assert clock.seconds() >= before - NEAR_S
            before = clock.seconds()
        clock.close()
