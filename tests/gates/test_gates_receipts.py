"""Receipts: who is waited for after a commit, and for how long."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from counterfoil.feed.event import (
    NodePlaced,
    OrganizationRecorded,
    RoleRecorded,
    SecretTaken,
    TokenStruck,
)
from counterfoil.feed.page import ForgedError
from counterfoil.gates.model import Gate
from counterfoil.gates.receipts import Receipts
from counterfoil.gates.store import rows
from counterfoil.kernel.errors import Unserved
from counterfoil.kernel.ids import GateId
from counterfoil.runtime.database import Database
from counterfoil.secret import Kind
from support.far import Far, Seconds, far
from support.gate import ACME, BASE, WORLD, mint, record
from support.office import START


@pytest.fixture
def there(database: Database, tmp_path: Path) -> Iterator[Far]:
    with far(database, tmp_path) as both:
        yield both


@pytest.fixture
def seconds(there: Far) -> Seconds:
    return there.seconds


@pytest.fixture
def receipts(there: Far, seconds: Seconds) -> Receipts:
    return Receipts(there.database, seconds, seconds.pass_)


def holds(there: Far) -> bool:
    with there.database.reading() as tx:
        return bool(rows.holders(tx))


def waited(receipts: Receipts, seconds: Seconds, position: int) -> float:
    """Return for how many seconds a receipt was waited."""
    began = seconds.now
    receipts.wait(position)
    return seconds.now - began


def test_nobody_to_wait_for(there: Far, receipts: Receipts, seconds: Seconds) -> None:
    """Where no gate was given a lease, a receipt is there at once (R1)."""
    assert waited(receipts, seconds, there.commit(record(mint()))) == 0


def test_whoever_knows_is_not_waited_for(there: Far, receipts: Receipts, seconds: Seconds) -> None:
    """A gate that has said that it stands there is waited for no longer (R1)."""
    there.level()
    position = there.commit(record(mint()))
    there.follower.turn()
    there.follower.turn()
    assert waited(receipts, seconds, position) == 0
    assert holds(there)


def test_whoever_is_silent_is_waited_out(there: Far, receipts: Receipts, seconds: Seconds) -> None:
    """A gate that says nothing is waited out, and has no lease any more when that is over (R1)."""
    there.level()
    position = there.commit(record(mint()))
    assert waited(receipts, seconds, position) == pytest.approx(2, abs=0.01)
    with pytest.raises(Unserved):
        there.lease.require()
    assert not holds(there)
    assert waited(receipts, seconds, there.commit(record(mint()))) == 0


def test_an_answer_that_did_not_arrive_is_waited_out(
    there: Far, receipts: Receipts, seconds: Seconds
) -> None:
    """A lease that was given before the commit counts, whatever became of its answer (R1)."""
    there.level()
    there.wire.meddle = lambda _frame: b""
    position = there.commit(record(mint()))
    asked = seconds.now
    with pytest.raises(ForgedError):
        there.follower.turn()
    assert waited(receipts, seconds, position) > 2 - (seconds.now - asked)


def test_a_lease_that_was_renewed_meanwhile_stays(there: Far, seconds: Seconds) -> None:
    """Who was waited out but was given another lease meanwhile is waited for the next time (R1)."""
    there.level()
    position = there.commit(record(mint()))

    def slow(by: float) -> None:
        seconds.pass_(by)
        with there.database.transaction() as tx:
            rows.heard(tx, bytes(32), len(WORLD), START, lease=True)

    Receipts(there.database, seconds, slow).wait(position)
    assert holds(there)


def test_silence_is_noticed_by_itself(there: Far, receipts: Receipts, seconds: Seconds) -> None:
    """A gate that is gone for two seconds holds up nobody, whether or not they waited (R1)."""
    there.level()
    receipts.watch()
    seconds.pass_(1.9)
    receipts.watch()
    assert holds(there)
    seconds.pass_(0.2)
    receipts.watch()
    assert not holds(there)


def test_who_goes_on_is_not_taken_for_silent(
    there: Far, receipts: Receipts, seconds: Seconds
) -> None:
    """A gate that renews its lease keeps it, for as long as it does (R1)."""
    there.level()
    for _ in range(10):
        receipts.watch()
        seconds.pass_(0.4)
        there.follower.turn()
    assert holds(there)
    there.lease.require()


def test_who_was_removed_is_waited_for(there: Far, receipts: Receipts, seconds: Seconds) -> None:
    """A gate that was removed holds its lease to the end, and is forgotten then (R1, S20)."""
    there.level()
    with there.database.transaction() as tx:
        rows.shut_out(tx, GateId(BASE))
    assert waited(receipts, seconds, there.commit(record(mint()))) == pytest.approx(2, abs=0.01)
    with there.database.reading() as tx:
        assert rows.named(tx, "eu-1") is None


def test_two_gates_are_both_waited_for(there: Far, receipts: Receipts, seconds: Seconds) -> None:
    """One gate that knows is no receipt for another that does not (R1)."""
    there.level()
    with there.database.transaction() as tx:
        rows.add(tx, Gate(GateId(BASE + 1), "eu-2", START, holds=True, renewals=1), b"\1" * 32)
    position = there.commit(record(mint()))
    there.follower.turn()
    there.follower.turn()
    assert waited(receipts, seconds, position) == pytest.approx(2, abs=0.01)
    with there.database.reading() as tx:
        assert set(rows.holders(tx)) == {GateId(BASE)}


def test_who_waits_sees_the_word_come(there: Far) -> None:
    """Whoever waits goes on as soon as the gate has said that it knows (R1)."""
    there.level()
    position = there.commit(record(mint()))
    done = threading.Event()

    def wait() -> None:
        Receipts(there.database).wait(position)
        done.set()

    waiting = threading.Thread(target=wait, daemon=True)
    waiting.start()
    assert not done.wait(0.05)
    there.follower.turn()
    there.follower.turn()
    assert done.wait(1.5)
    waiting.join()


def test_what_takes_power_away(receipts: Receipts) -> None:
    """Whatever may have taken power away is waited for; a sign-in and a new limit are not (R1)."""
    session = record(mint(Kind.SESSION))
    limits = OrganizationRecorded(
        organization=ACME, name="Acme", management_limit=1, management_window_ms=1
    )
    assert not receipts.concern([session, limits, SecretTaken(user=1)])
    for taking in (
        TokenStruck(token=1, digests=()),
        record(mint(), struck=(bytes(32),)),
        RoleRecorded(organization=ACME, role=1, scopes=0),
        NodePlaced(organization=ACME, node=1, parent=2),
        replace(limits, ip_ranges=("192.0.2.0/24",)),
        replace(limits, token_roles=(1,)),
    ):
        assert receipts.concern([session, taking])
