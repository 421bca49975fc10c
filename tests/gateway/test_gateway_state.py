"""How a gateway is: what it has counted, and whether it can decide."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from counterfoil.feed.event import EpochRecorded
from counterfoil.gate.replica import Replica
from counterfoil.gateway.books import STILL_S, Books
from counterfoil.gateway.doors import Gateway
from counterfoil.gateway.kept import Kept
from counterfoil.gateway.meters import Meters, Verdict
from counterfoil.kernel.clock import system_ticks
from counterfoil.runtime.going import Going
from counterfoil.runtime.places import Places
from infra.server import gateway, is_ready, serving
from infra.wait import wait_until
from support.decisions import trail_in
from support.doorway import House
from support.gate import ACME, BEN
from support.office import StandingClock
from support.shop import READ, SHOP, holder


def test_what_happened_is_counted(house: House) -> None:
    """Prometheus reads how often what was decided, with no name and no id in it."""
    token = holder(house.replica, READ, name="hush-hush")
    for target in ("/items/17", "/items", "/admin"):
        house.nginx("GET", target, token)
    house.nginx("GET", "/items")
    text = house.ask("/metrics").body.decode()
    lines = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    counted = 'counterfoil_verifications_total{{outcome="{}",surface="gate"}}'
    assert [lines[counted.format(one)] for one in ("allowed", "forbidden", "refused", "open")] == [
        "2",
        "1",
        "1",
        "0",
    ]
    assert lines["counterfoil_verification_seconds_count"] == "4"
    assert lines['counterfoil_verification_seconds_bucket{le="+Inf"}'] == "4"
    assert lines["counterfoil_gate_ready"] == "1"
    for secret in (token, "hush-hush", str(ACME), str(BEN), str(SHOP)):
        assert secret not in text


def test_processes_count_together(tmp_path: Path) -> None:
    """Each process counts in a place of its own, and a later one goes on where one ended."""
    path = tmp_path / "meters"
    first = Meters(path)
    first.count(Verdict.ALLOWED, 1_000)
    first.close()
    second = Meters(path)
    second.count(Verdict.ALLOWED, 2_000)
    totals = second.totals()
    assert (totals[Verdict.ALLOWED], totals[-1]) == (2, 3_000)
    second.close()


def test_a_gate_without_books_denies(tmp_path: Path, clock: StandingClock) -> None:
    """Where nobody has written the books nothing passes, and the gate says it is not ready."""
    replica = Replica(tmp_path / "replica")
    books = Books(replica, clock, tmp_path / "follower.lock")
    counts = Meters(tmp_path / "meters")
    house = House(
        Gateway(books, Kept(counts, trail_in(tmp_path)), lambda: ""), replica, tmp_path, clock
    )
    told = house.nginx("GET", "/health")
    assert (told.status, told.headers["Counterfoil-Status"]) == ("403 Forbidden", "503")
    assert told.headers["Retry-After"] == "1"
    assert house.ask("/readyz").status == "503 Service Unavailable"
    replica.close()
    counts.close()


def test_a_gate_that_nobody_keeps_up_is_not_ready(house: House) -> None:
    """Without somebody who follows the feed on this host the gate asks not to be asked.

    It decides all the same, and that is what it says.
    """
    assert house.ask("/readyz").status == "200 OK"
    (house.home / "follower.lock").unlink()
    told = house.ask("/readyz")
    assert told.status == "503 Service Unavailable"
    assert "The gate decides by what it knows" in told.body.decode()
    assert house.nginx("GET", "/items", holder(house.replica, READ)).status == "200 OK"


def test_a_gate_whose_office_stands_still_is_not_ready(house: House) -> None:
    """A process that stands still holds its locks, and revokes nothing: it says so by its silence.

    The gate decides all the same. An office that was never heard so, an older one, is believed.
    """
    file, now = Places(house.home).leases_lock, system_ticks()
    for said, status in ((now, "200"), (now - 2 * STILL_S, "503"), (now + 60, "503")):
        going = Going(file, lambda at=said: at)  # type: ignore[misc]
        going.say()
        going.close()
        told = house.ask("/readyz")
        assert told.status[:3] == status
        assert ("stands still" in told.body.decode()) is (status == "503")
    assert "counterfoil_gate_ready 0" in house.ask("/metrics").body.decode().splitlines()
    assert house.nginx("GET", "/items", holder(house.replica, READ)).status == "200 OK"
    file.write_bytes(b"")
    assert house.ask("/readyz").status == "200 OK"


@pytest.mark.slow
def test_a_stopped_office_is_told_by_the_gate_beside_it(tmp_path: Path) -> None:
    """All processes of a real office stand still: its gate says so, and is ready again after."""
    home = tmp_path / "data"
    with serving(home) as office, gateway(home) as gate:
        assert is_ready(gate.port)
        os.killpg(office.process.pid, signal.SIGSTOP)
        try:
            wait_until(lambda: not is_ready(gate.port), "the gate to see it")
        finally:
            os.killpg(office.process.pid, signal.SIGCONT)
        wait_until(lambda: is_ready(gate.port), "the gate to see it go on")


def test_a_gate_in_quarantine_is_not_ready(house: House) -> None:
    """While no token verifies after a restore, the gate says that it is not ready, and why (R12).

    It lives on all the same, and is ready when the quarantine ends.
    """
    token = holder(house.replica, READ)
    house.replica.write(
        lambda txn: house.replica.books.write(txn, EpochRecorded(epoch=1, quarantined=True))
    )
    assert house.nginx("GET", "/items", token).headers["Counterfoil-Status"] == "503"
    told = house.ask("/readyz")
    assert (told.status, told.code) == ("503 Service Unavailable", "QUARANTINED")
    assert "counterfoil_gate_ready 0" in house.ask("/metrics").body.decode().splitlines()
    assert house.ask("/livez").status == "200 OK"
    house.replica.write(
        lambda txn: house.replica.books.write(txn, EpochRecorded(epoch=1, quarantined=False))
    )
    assert house.ask("/readyz").status == "200 OK"
