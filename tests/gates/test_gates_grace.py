"""The grace of an API, between an office and a gate: how long it is, and who is counted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from counterfoil.directory.routed import RouteTable
from counterfoil.directory.store.routed import save_table
from counterfoil.directory.store.tables import api_gates, apis, organizations
from counterfoil.feed.page import Ask, ForgedError
from counterfoil.gate.lease import LEASE_S, Lease
from counterfoil.gates.model import Heard
from counterfoil.gates.receipts import Receipts
from counterfoil.gates.store import rows
from counterfoil.gates.store.host import HostLeases
from counterfoil.gates.store.shared import SharedLeases
from counterfoil.kernel.errors import Conflict
from counterfoil.kernel.ids import ApiId, GateId, OrganizationId
from counterfoil.runtime.database import Database
from support.far import DIGEST, Far, far
from support.gate import ACME, BASE, mint, record
from support.office import START
from support.shop import SHOP


@pytest.fixture
def there(database: Database, tmp_path: Path) -> Iterator[Far]:
    with far(database, tmp_path) as both:
        yield both


@pytest.fixture
def receipts(there: Far) -> Receipts:
    return Receipts(there.leases, there.bell, there.seconds)


def ask_for(there: Far, seconds: int) -> None:
    """Let an API of the office ask for such a grace."""
    with there.database.transaction() as tx:
        here = api_gates.c.api_id == SHOP
        if tx.execute(sa.update(api_gates).where(here).values(grace_seconds=seconds)).rowcount:
            return
        whose, name = ACME, {"name": "Shop", "name_folded": "shop"}
        tx.execute(sa.insert(organizations).values(id=whose, name="A", root_id=1, created_at=START))
        tx.execute(
            sa.insert(apis).values(
                id=SHOP, organization_id=whose, audience="shop", version=1, created_at=START, **name
            )
        )
        save_table(tx, RouteTable(OrganizationId(whose), ApiId(SHOP), (), grace_seconds=seconds))


def tend(there: Far) -> None:
    """Let the office do what it does by itself from time to time."""
    if isinstance(there.leases, HostLeases):
        there.leases.prove(there.seconds.now)
    else:
        there.leases.turn()


def test_a_lease_brings_its_grace(there: Far) -> None:
    """A gate has the longest grace that any API asks for, and none where none does (R2)."""
    there.level()
    assert there.lease.grace_s() == 0
    ask_for(there, 30)
    there.turn()
    assert there.lease.grace_s() == 30


def test_nothing_lingers_without_a_grace(there: Far, receipts: Receipts) -> None:
    """Where no API asks for a grace, a receipt means what it always did (R1)."""
    there.level()
    position = there.commit(record(mint()))
    receipts.wait(position)
    assert receipts.lingers_s(position) == 0


def test_a_silent_gate_lingers_to_the_end_of_its_grace(there: Far, receipts: Receipts) -> None:
    """A gate that fell silent counts for as long as it may let reads pass, and no longer (R2)."""
    ask_for(there, 30)
    there.level()
    position = there.commit(record(mint()))
    receipts.wait(position)
    assert 29 < receipts.lingers_s(position) <= 30
    there.seconds.pass_(29.9)
    assert 0 < receipts.lingers_s(position) < 1
    assert there.lease.over_s() < 30
    there.seconds.pass_(0.2)
    assert receipts.lingers_s(position) == 0
    assert there.lease.over_s() > 30


def test_who_comes_back_lingers_no_more(there: Far, receipts: Receipts) -> None:
    """A gate that says that it knows goes by nothing older, whenever it says so (R1, R2)."""
    ask_for(there, 30)
    there.level()
    position = there.commit(record(mint()))
    receipts.wait(position)
    assert receipts.lingers_s(position) > 0
    there.level()
    assert receipts.lingers_s(position) == 0


def test_a_grace_that_was_shortened_lingers_as_it_was(there: Far, receipts: Receipts) -> None:
    """A gate that does not know yet that a grace is shorter counts by the longer one (R2)."""
    ask_for(there, 60)
    there.level()
    there.commit(record(mint(), token=BASE + 140))
    ask_for(there, 10)
    position = there.commit(record(mint(), token=BASE + 141))
    there.wire.meddle = lambda _frame: b""
    with pytest.raises(ForgedError):
        there.turn()
    assert there.lease.grace_s() == 60
    assert receipts.lingers_s(position) == pytest.approx(LEASE_S + 60, abs=0.2)
    there.wire.meddle = lambda frame: frame
    there.level()
    later = there.commit(record(mint(), token=BASE + 142))
    assert there.lease.grace_s() == 10
    assert receipts.lingers_s(later) == pytest.approx(LEASE_S + 10, abs=0.2)


def test_a_gate_that_hears_no_answer_is_counted(there: Far, receipts: Receipts) -> None:
    """A gate whose answers are lost may be in its grace, whatever lease it was given (R1, R2)."""
    ask_for(there, 30)
    there.level()
    position = there.commit(record(mint()))
    there.wire.meddle = lambda _frame: b""
    with pytest.raises(ForgedError):
        there.turn()
    receipts.wait(position)
    assert receipts.lingers_s(position) == pytest.approx(30, abs=0.2)


def test_who_was_removed_lingers(there: Far, receipts: Receipts) -> None:
    """A gate that was removed counts until its grace is over (R2, S20)."""
    ask_for(there, 30)
    there.level()
    with there.database.transaction() as tx:
        rows.shut_out(tx, GateId(BASE))
    position = there.commit(record(mint()))
    there.seconds.pass_(3)
    assert receipts.lingers_s(position) > 0
    there.seconds.pass_(30)
    assert receipts.lingers_s(position) == 0


def test_a_machine_that_begins_anew_takes_graces_for_given(there: Far, tmp_path: Path) -> None:
    """An office that knows nothing of its leases waits out each grace that it ever gave (R2)."""
    ask_for(there, 30)
    there.level()
    with there.database.reading() as tx:
        known = [grace_s for *_, grace_s in rows.graces(tx)]
    assert known == [30]
    anew = HostLeases(
        tmp_path / "anew", lambda: True, there.seconds, lambda: "another run", graces=lambda: known
    )
    assert anew.lingering() == [(-1, LEASE_S + 30)]
    there.seconds.pass_(LEASE_S + 30)
    assert anew.lingering() == []
    anew.close()


@pytest.mark.each_engine
def test_another_host_hides_no_grace(there: Far, receipts: Receipts) -> None:
    """A credential on another host is refused until the former one's grace is over (R1, R2).

    What it says before that would hide where the former one stands.
    """
    ask_for(there, 30)
    there.level()
    position = there.commit(record(mint()))
    receipts.wait(position)
    there.seconds.pass_(1)
    moved = Heard(7, position, lease=False, at=START)
    for heard in (moved, moved._replace(lease=True, grace_s=30, level=True)):
        with pytest.raises(Conflict):
            there.leases.hear(GateId(BASE), heard)
    assert receipts.lingers_s(position) > 28
    there.seconds.pass_(32)
    tend(there)
    there.leases.hear(GateId(BASE), moved)
    assert receipts.lingers_s(position) == 0


@pytest.mark.each_engine
def test_a_gate_that_moved_has_a_grace_again(there: Far, receipts: Receipts) -> None:
    """A gate takes over on another host when the former one is silent, and is counted there (R2).

    It asks all the while, and that keeps nobody's grace alive.
    """
    ask_for(there, 30)
    there.level()
    moved = Ask("0" * 32, 1, there.head(), host="7", lease=True)
    for _ in range(16):
        tend(there)
        with pytest.raises(Conflict):
            there.teller.page(DIGEST, moved)
        there.seconds.pass_(2)
    tend(there)
    there.teller.page(DIGEST, moved)
    position = there.commit(record(mint()))
    assert receipts.lingers_s(position) == pytest.approx(LEASE_S + 30, abs=0.2)


def test_offices_of_several_hosts_count_from_when_they_saw_it(there: Far) -> None:
    """Where leases stand in the database, a grace is counted from when its lease was seen (R2)."""
    ask_for(there, 30)
    there.level()
    shared = SharedLeases(there.database, there.seconds)
    assert [left_s for _, left_s in shared.lingering()] == [LEASE_S + 30]
    there.seconds.pass_(20)
    shared.turn()
    assert [left_s for _, left_s in shared.lingering()] == [LEASE_S + 10]
    with there.database.transaction() as tx:
        assert rows.hear(tx, GateId(BASE), Heard(7, 3, lease=True, at=START))
    assert shared.lingering() == [(3, LEASE_S + 30)]
    with there.database.transaction() as tx:
        rows.shut_out(tx, GateId(BASE))
    there.seconds.pass_(LEASE_S + 29)
    shared.turn()
    assert shared.lingering() == [(3, 1)]
    there.seconds.pass_(LEASE_S)
    shared.turn()
    shared.turn()
    assert shared.lingering() == []
    with there.database.reading() as tx:
        assert rows.named(tx, "eu-1") is None


def test_a_process_that_never_saw_the_lease_run_gives_no_grace(there: Far, tmp_path: Path) -> None:
    """After a restart without a lease there is no grace, and with one there is (R2, R19)."""
    ask_for(there, 30)
    there.level()
    there.seconds.pass_(3)
    assert there.lease.over_s() < 30
    again = Lease(tmp_path / "lease", there.seconds)
    assert again.over_s() > 60
    there.level()
    there.seconds.pass_(3)
    assert again.over_s() < 30
    again.close()
