"""What time it is on a host whose wall clock may be wrong (R6)."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.gate.hostclock import BACK_S, LEAP_S, HostClock, lines
from counterfoil.gate.replica import Replica
from counterfoil.gate.verifier import Verifier
from counterfoil.kernel.clock import in_micros
from counterfoil.kernel.errors import Code, Refused
from support.gate import mint, record, tell, under
from support.machine import NOW, Machine, both
from support.office import StandingClock

HOUR_S = 3600.0
TEN_YEARS_S = 10 * 366 * 24 * HOUR_S
NEAR_S = 1e-3


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.fixture
def clock(machine: Machine) -> Iterator[HostClock]:
    with closing(machine.clock()) as opened:
        yield opened


def test_time_passes_between_two_looks(machine: Machine, clock: HostClock) -> None:
    """Nobody has to look at the wall clock for time to go on."""
    machine.pass_by(7.5)
    assert both(clock) == (7.5, 7.5)


@pytest.mark.parametrize("back_s", [1.0, 61.0, HOUR_S, TEN_YEARS_S])
def test_a_clock_set_back_changes_nothing(
    machine: Machine, clock: HostClock, back_s: float
) -> None:
    """Time goes on from where it stood, by the clock that nobody sets (R6)."""
    machine.pass_by(60)
    clock.look()
    machine.now -= back_s
    for looks in range(3):
        assert both(clock) == (60 + 2 * looks,) * 2
        clock.look()
        machine.pass_by(2)


def test_it_follows_the_clock_forward(machine: Machine, clock: HostClock) -> None:
    """What a time server corrects is believed at the next look, and for good."""
    machine.now += LEAP_S
    clock.look()
    assert both(clock) == (LEAP_S, LEAP_S)
    machine.now -= LEAP_S
    clock.look()
    assert both(clock) == (LEAP_S, LEAP_S)


@pytest.mark.parametrize("leap_s", [LEAP_S + 1, HOUR_S, TEN_YEARS_S])
def test_a_leap_ends_and_begins_nothing_for_good(
    machine: Machine, clock: HostClock, leap_s: float
) -> None:
    """What ends by then is closed, what begins by then too; to set it right restores all (R6)."""
    machine.now += leap_s
    clock.look()
    assert both(clock) == (leap_s, 0)
    machine.pass_by(10)
    assert both(clock) == (leap_s + 10, 10)
    machine.now -= leap_s
    clock.look()
    assert both(clock) == (10, 10)


def test_processes_share_one_time(machine: Machine, clock: HostClock) -> None:
    """One that begins with the clock set back goes by what the others believe, and so after it."""
    machine.pass_by(60)
    clock.look()
    machine.now -= HOUR_S
    with closing(machine.clock()) as other:
        assert both(other) == both(clock) == (60, 60)
    clock.close()
    machine.pass_by(5)
    with closing(machine.clock()) as later:
        assert both(later) == (65, 65)


def test_the_mark_outlasts_the_machine(machine: Machine, clock: HostClock) -> None:
    """A machine that begins with an earlier clock goes on from what was believed before."""
    machine.pass_by(60)
    clock.look()
    machine.begin_anew(off_s=-HOUR_S)
    with closing(machine.clock()) as after:
        assert both(after) == (60, 60)
        machine.pass_by(3)
        assert both(after) == (63, 63)


def test_a_machine_that_was_off_is_believed(machine: Machine, clock: HostClock) -> None:
    """Nobody knows how long it was off; a leap of before is none the less one."""
    machine.begin_anew(off_s=HOUR_S)
    with closing(machine.clock()) as after:
        assert both(after) == (HOUR_S, HOUR_S)
        machine.now += TEN_YEARS_S
        after.look()
        assert both(after) == (HOUR_S + TEN_YEARS_S, HOUR_S)
        machine.begin_anew()
        with closing(machine.clock()) as again:
            assert both(again) == (HOUR_S + TEN_YEARS_S, HOUR_S)
            machine.now -= TEN_YEARS_S
            again.look()
            assert both(again) == (HOUR_S, HOUR_S)
    del clock


def test_the_log_says_it_once(
    machine: Machine, clock: HostClock, caplog: pytest.LogCaptureFixture
) -> None:
    """When wall clock and mark part, and when they meet again; a leap second is no event."""
    for by_s in (0.0, -BACK_S + 0.1, -HOUR_S, 0.0, HOUR_S, TEN_YEARS_S, 1.0, -TEN_YEARS_S):
        machine.now += by_s
        clock.look()
        with closing(machine.clock()):
            pass
    assert [one.getMessage().split(":")[0] for one in caplog.records] == [
        "the clock of this machine was set back",
        "the clock of this machine is right again (-1 s)",
        "the clock of this machine leapt forward",
        "the clock of this machine is right again (-0 s)",
    ]


def test_prometheus_hears_how_far_it_is_ahead(machine: Machine, clock: HostClock) -> None:
    """A gauge says by how many seconds the wall clock is not believed."""
    machine.now -= 61
    clock.look()
    assert "counterfoil_clock_ahead_seconds -61.0" in lines(clock)
    assert list(lines(StandingClock())) == []


def test_an_expired_token_stays_expired(
    machine: Machine, clock: HostClock, replica: Replica
) -> None:
    """A token that has expired stays so when the clock is set back, remembered or not (G11)."""
    token = mint()
    tell(replica, record(token, expires_at=in_micros(NOW + 60)))
    verifiers = [Verifier(replica, clock, remember=most) for most in (0, 100)]
    for one in verifiers:
        one.verify(token)
    machine.pass_by(61)
    clock.look()
    machine.now -= 61
    for one in verifiers * 2:
        with pytest.raises(Refused) as refused:
            one.verify(token)
        assert refused.value.code is Code.TOKEN_EXPIRED
        clock.look()


def test_a_leap_opens_no_token_early(machine: Machine, clock: HostClock, replica: Replica) -> None:
    """A token that works from tomorrow on does not work by a clock that leapt to next week."""
    token = mint()
    tell(replica, record(token, under(not_before=in_micros(NOW + 24 * HOUR_S)), expires_at=None))
    verifier = Verifier(replica, clock)
    machine.now += 7 * 24 * HOUR_S
    clock.look()
    with pytest.raises(Refused) as refused:
        verifier.verify(token)
    assert refused.value.code is Code.TOKEN_NOT_YET_VALID
    machine.pass_by(24 * HOUR_S)
    verifier.verify(token)


steps = st.lists(
    st.tuples(
        st.sampled_from(["pass", "set", "look", "open", "boot"]),
        st.floats(-TEN_YEARS_S, TEN_YEARS_S) | st.floats(-2 * LEAP_S, 2 * LEAP_S),
    ),
    max_size=30,
)


@given(steps)
def test_what_is_believed_never_decreases(taken: list[tuple[str, float]]) -> None:
    """Whatever befalls a machine: the mark goes on, ends are no earlier; what is right restores."""
    with tempfile.TemporaryDirectory() as folder:
        machine = Machine(Path(folder))
        clock = machine.clock()
        believed = clock.least()
        for what, by_s in taken:
            if what == "pass":
                machine.pass_by(abs(by_s))
            elif what == "set":
                machine.now += by_s
            elif what == "look":
                clock.look()
            else:
                clock.look()
                clock.close()
                if what == "boot":
                    machine.begin_anew(by_s)
                clock = machine.clock()
            assert clock.least() >= believed - NEAR_S
            assert clock.seconds() >= clock.least()
            believed = clock.least()
        machine.now = believed
        clock.look()
        assert clock.seconds() == pytest.approx(believed, abs=NEAR_S)
        clock.close()
