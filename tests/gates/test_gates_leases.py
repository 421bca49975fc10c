"""The leases that the processes of one host give together, and that an office must earn."""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from counterfoil.gates.model import Gate, Heard
from counterfoil.gates.probe import Probe
from counterfoil.gates.store import rows
from counterfoil.gates.store.host import SLOTS, HostLeases
from counterfoil.kernel.errors import Unserved
from counterfoil.kernel.ids import GateId
from counterfoil.runtime.bell import Bell
from support.far import Seconds
from support.office import START, empty_database

ONE, OTHER = GateId(10**15), GateId(10**15 + 1)


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def opened(tmp_path: Path, seconds: Seconds) -> Iterator[Callable[..., HostLeases]]:
    """Opens the leases of the host, as one of its processes does."""
    all_: list[HostLeases] = []

    def one(boot: str = "this one", *, enrolled: bool = True) -> HostLeases:
        all_.append(HostLeases(tmp_path / "leases", lambda: enrolled, seconds, lambda: boot))
        all_[-1].prove(seconds.now)
        return all_[-1]

    yield one
    for leases in all_:
        leases.close()


def asks(position: int, *, lease: bool = True) -> Heard:
    return Heard(host=1, position=position, lease=lease, at=START)


def positions(leases: HostLeases) -> dict[GateId, int]:
    return {gate: lease.position for gate, lease in leases.running().items()}


def test_all_processes_know(opened: Callable[..., HostLeases], seconds: Seconds) -> None:
    """What a process gives is known to all others of the host, and over after two seconds (R1)."""
    here, there = opened(), opened()
    seconds.pass_(2)
    here.prove(seconds.now)
    assert here.hear(ONE, asks(7))
    assert there.hear(OTHER, asks(8))
    assert positions(here) == positions(there) == {ONE: 7, OTHER: 8}
    seconds.pass_(1.9)
    assert not there.hear(ONE, asks(9, lease=False))
    assert positions(here) == {ONE: 9, OTHER: 8}
    seconds.pass_(0.1)
    assert positions(here) == {}


def test_another_run_of_the_kernel(opened: Callable[..., HostLeases], seconds: Seconds) -> None:
    """After a reboot each gate may hold a lease that nobody knows of, for two seconds (R1)."""
    before = opened("this one")
    seconds.pass_(2)
    before.prove(seconds.now)
    before.hear(ONE, asks(7))
    seconds.now = 5
    after = opened("another one")
    (lease,) = after.running().values()
    assert (lease.position, lease.until) == (-1, 7)
    seconds.pass_(2)
    assert after.running() == {}


def test_where_nobody_is_enrolled(opened: Callable[..., HostLeases]) -> None:
    """An office without a gate on another host waits for nobody, however new it is."""
    assert opened(enrolled=False).running() == {}


def test_killed_while_it_gave_one(opened: Callable[..., HostLeases]) -> None:
    """A lease that a process gave is there when that process is killed (R1, R4)."""
    here = opened()
    child = os.fork()
    if child == 0:  # pragma: no cover - it is killed
        here.hear(ONE, asks(7))
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    assert positions(opened())[ONE] == 7


def test_more_gates_than_there_is_room_for(
    opened: Callable[..., HostLeases], seconds: Seconds
) -> None:
    """No gate loses its place while it may hold a lease: one too many is given none (R1)."""
    leases = opened()
    for number in range(SLOTS):
        assert leases.hear(GateId(ONE + number), asks(number))
    with pytest.raises(Unserved):
        leases.hear(GateId(ONE + SLOTS), asks(0))
    seconds.pass_(2)
    leases.prove(seconds.now)
    assert leases.hear(GateId(ONE + SLOTS), asks(5))
    assert positions(leases) == {GateId(ONE + SLOTS): 5}


def test_an_office_that_can_record_nothing(
    tmp_path: Path, opened: Callable[..., HostLeases], seconds: Seconds
) -> None:
    """An office that cannot commit gives no lease: two seconds later it has none to wait for (R10).

    When it can again, its gates are given leases again.
    """
    leases = opened()
    with empty_database(f"sqlite:///{tmp_path / 'office.sqlite'}") as database:
        with database.transaction() as tx:
            rows.add(tx, Gate(ONE, "eu-1", START), bytes(32))
        probe = Probe(database, leases, seconds)
        assert leases.hear(ONE, asks(7))
        seconds.pass_(1)
        probe.turn()
        assert leases.proved_s() == 0
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1, hard))
        try:
            for _ in range(2):
                leases.hear(ONE, asks(7))
                seconds.pass_(1)
                with pytest.raises(DBAPIError):
                    probe.turn()
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert not leases.hear(ONE, asks(7))
        probe.turn()
        assert leases.hear(ONE, asks(7))


def test_nothing_is_tried_for_nobody(
    tmp_path: Path, opened: Callable[..., HostLeases], seconds: Seconds
) -> None:
    """While no gate asks, the office commits nothing for them."""
    leases = opened()
    seconds.pass_(60)
    with empty_database(f"sqlite:///{tmp_path / 'office.sqlite'}") as database:
        Probe(database, leases, seconds).turn()
    assert leases.proved_s() == 60


def test_the_bell_is_heard_in_another_process(tmp_path: Path) -> None:
    """Who waits is woken by another process; the pipe of one that was killed is taken away."""
    heard, told = os.pipe()
    child = os.fork()
    if child == 0:  # pragma: no cover - it is killed
        bell = Bell(tmp_path / "bells")
        since = bell.heard()
        os.write(told, b"waiting")
        bell.wait(since, 60)
        os.write(told, b"woken")
        os.kill(os.getpid(), signal.SIGKILL)
    assert os.read(heard, 99) == b"waiting"
    bell = Bell(tmp_path / "bells")
    bell.ring()
    assert os.read(heard, 99) == b"woken"
    os.waitpid(child, 0)
    bell.ring()
    assert list((tmp_path / "bells").iterdir()) == []
    for file in (heard, told):
        os.close(file)
