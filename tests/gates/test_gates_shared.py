"""Leases of an office of several hosts: how long others wait for a host that is gone (R1)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from counterfoil.gate.lease import LEASE_S, Lease
from counterfoil.gates import Keeper
from counterfoil.gates.keep import RENEW_S
from counterfoil.gates.model import Gate
from counterfoil.gates.store import rows
from counterfoil.gates.store.hosts import other_hosts
from counterfoil.gates.store.shared import SharedLeases
from counterfoil.kernel.clock import system_clock
from counterfoil.kernel.entropy import Entropy
from counterfoil.kernel.ids import GateId
from counterfoil.runtime.database import Database
from support.far import Seconds
from support.machine import Machine, both
from support.office import START, StandingClock

HOUR_S = 3600.0
HERE, THERE = GateId(10**15), GateId(10**15 + 1)


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def one(any_database: Database, seconds: Seconds) -> SharedLeases:
    return SharedLeases(any_database, seconds, here="one")


@pytest.fixture
def other(any_database: Database, seconds: Seconds) -> SharedLeases:
    return SharedLeases(any_database, seconds, here="other")


@pytest.fixture
def keeper(
    one: SharedLeases, seconds: Seconds, tmp_path: Path, clock: StandingClock, entropy: Entropy
) -> Iterator[Keeper]:
    lease = Lease(tmp_path / "lease", seconds)
    yield Keeper(one, lease, clock, entropy)
    lease.close()


def stands(leases: SharedLeases) -> int:
    """Return where a host says that it stands, as another one sees it."""
    (lease,) = leases.running().values()
    return lease.position


def test_a_lease_is_over_two_seconds_after_it_was_first_seen(
    one: SharedLeases, other: SharedLeases, seconds: Seconds
) -> None:
    """Who commits late waits no longer for a host that was silent before; renewed, it counts anew.

    A process that never looked waits for the whole of it.
    """
    other.hear_here(THERE, 3, START)
    one.turn()
    over = seconds.now + LEASE_S
    seconds.pass_(1.5)
    assert [lease.until for lease in one.running().values()] == [over]
    fresh = SharedLeases(one._database, seconds, here="one")  # noqa: SLF001 - another process of it
    assert [lease.until for lease in fresh.running().values()] == [seconds.now + LEASE_S]
    other.hear_here(THERE, 4, START)
    assert [lease.until for lease in one.running().values()] == [seconds.now + LEASE_S]


def test_what_was_given_while_somebody_looked_counts_from_then(
    monkeypatch: pytest.MonkeyPatch, one: SharedLeases, other: SharedLeases, seconds: Seconds
) -> None:
    """A look that took long takes no lease for older than it can be."""
    holders = rows.holders

    def slowly(*told: object) -> object:
        seconds.pass_(1)
        other.hear_here(THERE, 3, START)
        return holders(*told)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(rows, "holders", slowly)
        one.turn()
    assert [lease.until for lease in one.running().values()] == [seconds.now + LEASE_S]


def test_a_host_that_is_alone_tells_its_place_twice_a_second(
    keeper: Keeper, other: SharedLeases, seconds: Seconds
) -> None:
    """Nobody waits for where the only host stands; once there is another, each step is told."""
    reached = 1
    keeper.turn(1, lambda: reached)
    seconds.pass_(RENEW_S / 5)
    keeper.turn(2, lambda: reached)
    assert stands(other) == 1
    other.hear_here(THERE, 1, START)
    seconds.pass_(RENEW_S)
    keeper.turn(3, lambda: reached)
    assert {lease.position for lease in other.running().values()} == {3}
    keeper.turn(4, lambda: reached)
    assert {lease.position for lease in other.running().values()} == {4}


def test_a_gate_is_no_host(one: SharedLeases, any_database: Database) -> None:
    """A gate with a lease, enrolled or removed, does not make an office one of several hosts."""
    with any_database.transaction() as tx:
        rows.add(tx, Gate(HERE, "eu-1", START, holds=True), bytes(32))
    assert not one.others().holding
    with any_database.transaction() as tx:
        rows.shut_out(tx, HERE)
    assert not one.others().holding


@pytest.fixture
def behind(one: SharedLeases, tmp_path: Path, entropy: Entropy) -> Iterator[tuple[Keeper, Machine]]:
    """A host whose clock is an hour behind that of the other one, and its machine."""
    machine = Machine(tmp_path)
    machine.now -= HOUR_S
    lease = Lease(tmp_path / "lease", lambda: machine.up)
    with closing(lease), closing(machine.clock()) as clock:
        yield Keeper(one, lease, clock, entropy), machine


def test_hosts_tell_one_another_how_late_they_believe_it_is(
    behind: tuple[Keeper, Machine], other: SharedLeases, any_database: Database
) -> None:
    """What ends at a host whose clock is behind goes by the other's; its row tells its own (R6)."""
    keeper, machine = behind
    other.hear_here(THERE, 1, START)
    keeper.turn(1, lambda: 1)
    with closing(machine.clock()) as clock:
        assert both(clock) == (0, -HOUR_S)
    with any_database.reading() as tx:
        assert other_hosts(tx, "office other").latest == START - timedelta(seconds=HOUR_S)


def test_the_latest_time_outlasts_the_host_that_believed_it(
    behind: tuple[Keeper, Machine], other: SharedLeases, one: SharedLeases, seconds: Seconds
) -> None:
    """When all other hosts are gone for long one with an earlier clock hears yet how late it was.

    A host that is gone, and than which another one believes a later time, is forgotten.
    """
    keeper, machine = behind
    gone = SharedLeases(one._database, seconds, here="gone")  # noqa: SLF001 - a third host
    gone.hear_here(HERE, 1, START - timedelta(seconds=1))
    other.hear_here(THERE, 1, START)
    for _ in range(3):
        one.turn()
        seconds.pass_(LEASE_S + 1)
    keeper.turn(1, lambda: 1)
    with closing(machine.clock()) as clock:
        assert both(clock) == (0, -HOUR_S)
    told = other.others()
    assert (told.holding, told.latest) == (1, START - timedelta(seconds=HOUR_S))


def test_a_postgres_says_what_time_it_is(one: SharedLeases, any_database: Database) -> None:
    """It is asked along with the rest; an embedded database has no clock of its own to tell."""
    theirs = one.others().theirs
    if any_database.embedded:
        assert theirs is None
    else:
        assert theirs is not None
        assert abs(theirs - system_clock()) < timedelta(minutes=1)
