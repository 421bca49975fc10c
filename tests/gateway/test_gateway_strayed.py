"""A lease that a gate of another host's office left in an office's data directory is named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from counterfoil.cli.doctor.finding import Health
from counterfoil.cli.doctor.installation import look
from counterfoil.gate.lease import Lease
from counterfoil.gateway.books import books_here
from counterfoil.gateway.doors import Gateway
from counterfoil.gateway.kept import Kept
from counterfoil.gateway.meters import Meters
from counterfoil.gateway.strayed import FIX
from counterfoil.runtime.places import Places
from infra.server import begun
from infra.wait import free_port, wait_until
from support.decisions import trail_in
from support.doorway import House
from support.office import StandingClock
from support.shop import shop_in


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a data directory with books and such a lease."""
    with shop_in(tmp_path):
        (tmp_path / "gate.lease").touch()
    return tmp_path


@pytest.fixture
def theirs(home: Path, clock: StandingClock) -> Iterator[House]:
    """Yield a gate that begins there."""
    counts, books = Meters(home / "gate.meters"), books_here(Places(home))
    gateway = Gateway(books, Kept(counts, trail_in(home)), lambda: "7" * 32)
    yield House(gateway, books.replica, home, clock)
    books.replica.close()
    counts.close()


@pytest.mark.parametrize("office", ["office.sqlite", "feed.key"])
def test_a_gate_says_whose_lease_shuts_it(theirs: House, office: str) -> None:
    """In an office's directory `/readyz` names the file, and says what mends it."""
    (theirs.home / office).touch()
    told = theirs.ask("/readyz")
    assert told.status == "503 Service Unavailable"
    detail = json.loads(told.body)["errors"][0]["detail"]
    assert str(theirs.home / "gate.lease") in detail
    assert FIX in detail


def test_a_lease_in_its_place_is_no_stray(theirs: House) -> None:
    """In a directory of its own, a gate that hears nothing says that; and none is named anywhere.

    Nor is one that somebody renews: by that the gate decides.
    """
    assert "not heard from its office" in theirs.ask("/readyz").body.decode()
    (theirs.home / "office.sqlite").touch()
    lease = Lease(theirs.home / "gate.lease")
    lease.renew(lease.ticks(), 0.0)
    assert theirs.ask("/readyz").status == "200 OK"
    lease.close()


def test_the_doctor_names_it_and_touches_nothing(tmp_path: Path) -> None:
    """`counterfoil doctor` names the file and what to do; without one it says nothing."""
    (tmp_path / "feed.key").touch()
    assert not [one for one in look(tmp_path) if one.what == "gate here"]
    (tmp_path / "gate.lease").touch()
    [found] = [one for one in look(tmp_path) if one.what == "gate here"]
    assert (found.health, found.fix) == (Health.BAD, FIX)
    assert str(tmp_path / "gate.lease") in found.seen
    assert (tmp_path / "gate.lease").read_bytes() == b""


def test_a_gates_log_names_it(home: Path) -> None:
    """What the gate of that office writes first names the file, once; and then that it listens."""
    (home / "office.sqlite").touch()
    listen = f"127.0.0.1:{free_port()}"
    with begun(home, "gate", "--listen", listen, "--workers", "2") as server:
        wait_until(lambda: server.log.read_text().count("listens") == 2, "both to listen")
        first, *began = map(json.loads, server.log.read_text().splitlines())
    assert (first["event"], first["level"]) == ("this gate is shut", "warning")
    assert str(home / "gate.lease") in first["error"]
    assert FIX in first["error"]
    assert [(one["event"], one["listens"]) for one in began] == [("worker began", listen)] * 2
