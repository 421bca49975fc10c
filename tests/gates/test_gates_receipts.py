"""Receipts: who is waited for after a commit, and for how long."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from msgspec.structs import replace

from counterfoil.feed.event import (
    CutOff,
    NodePlaced,
    OrganizationRecorded,
    RoleRecorded,
    SecretTaken,
    TokenStruck,
)
from counterfoil.feed.page import PURPOSE, ForgedError
from counterfoil.gate.verifier import Verifier
from counterfoil.gates.model import Gate, Heard
from counterfoil.gates.receipts import Receipts
from counterfoil.gates.store import rows
from counterfoil.gates.store.host import HostLeases
from counterfoil.gates.store.shared import SharedLeases
from counterfoil.gateway.follower import Follower
from counterfoil.kernel.errors import Code, Conflict, Unserved
from counterfoil.kernel.ids import GateId
from counterfoil.runtime.bell import Bell
from counterfoil.runtime.database import Database
from counterfoil.runtime.signing import Signer
from counterfoil.secret import Kind
from support.far import KEY, Far, Seconds, Silence, far
from support.gate import ACME, BASE, WORLD, mint, record, why
from support.office import START, StandingClock


@pytest.fixture
def there(database: Database, tmp_path: Path) -> Iterator[Far]:
    with far(database, tmp_path) as both:
        yield both


@pytest.fixture
def seconds(there: Far) -> Seconds:
    return there.seconds


@pytest.fixture
def receipts(there: Far, seconds: Seconds) -> Receipts:
    return Receipts(there.leases, there.bell, seconds)


def holds(there: Far) -> bool:
    return bool(there.leases.running())


def watch(there: Far) -> None:
    """Let go on what sees leases end, where that has to be seen."""
    if isinstance(there.leases, SharedLeases):
        there.leases.turn()


def said(there: Far, position: int, host: int | None = None) -> Heard:
    """What the gate says that stands there, and would decide."""
    return Heard(
        int(there.lease.host, 16) if host is None else host, position, lease=True, at=START
    )


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
    there.turn()
    there.turn()
    assert waited(receipts, seconds, position) == 0
    assert holds(there)


def test_a_gate_elsewhere_knows_that_all_tokens_ended(
    there: Far, receipts: Receipts, seconds: Seconds
) -> None:
    """When all tokens of an organization were ended, a gate on another host refuses them (R1, R21).

    By one event: whoever has acknowledged it is waited for no longer.
    """
    text = mint()
    there.level()
    there.commit(record(text, position=there.head()))
    there.level()
    verifier = Verifier(there.replica, StandingClock())
    assert verifier.verify(text).organization == ACME
    position = there.commit(CutOff(subject=ACME, at=there.head()))
    there.turn()
    there.turn()
    assert waited(receipts, seconds, position) == 0
    assert why(verifier, text) is Code.INVALID_TOKEN


def test_whoever_is_silent_is_waited_out(there: Far, receipts: Receipts, seconds: Seconds) -> None:
    """A gate that says nothing is waited out, and has no lease any more when that is over (R1)."""
    there.level()
    position = there.commit(record(mint()))
    assert waited(receipts, seconds, position) == pytest.approx(2, abs=0.1)
    with pytest.raises(Unserved):
        there.lease.require()
    assert not holds(there)
    assert waited(receipts, seconds, there.commit(record(mint()))) == 0


@pytest.mark.parametrize("busy", [0.0, 0.7, 1.9, 5.0])
def test_what_is_done_meanwhile_is_part_of_the_two_seconds(
    there: Far, receipts: Receipts, seconds: Seconds, busy: float
) -> None:
    """However long the host itself takes to know, silent gates add nothing beyond two seconds (R1).

    Nor does a gate that goes on renewing a lease and takes nothing in.
    """
    there.level()
    position = there.commit(record(mint()))
    began = seconds.now
    wait = receipts.begin(position)
    seconds.pass_(busy)
    if isinstance(there.leases, HostLeases):
        there.leases.prove(seconds.now)
    there.leases.hear(GateId(BASE), said(there, len(WORLD)))
    wait()
    assert max(busy, 1.9) <= seconds.now - began <= max(busy, 2) + 0.02
    assert holds(there)


def test_an_answer_that_did_not_arrive_is_waited_out(
    there: Far, receipts: Receipts, seconds: Seconds
) -> None:
    """A lease that was given before the commit counts, whatever became of its answer (R1)."""
    there.level()
    there.wire.meddle = lambda _frame: b""
    position = there.commit(record(mint()))
    asked = seconds.now
    with pytest.raises(ForgedError):
        there.turn()
    assert waited(receipts, seconds, position) > 2 - (seconds.now - asked)


def test_a_lease_that_was_renewed_meanwhile_stays(
    there: Far, seconds: Seconds, tmp_path: Path
) -> None:
    """Who was waited out but was given another lease meanwhile is waited for the next time (R1)."""
    there.level()
    position = there.commit(record(mint()))

    class Renewing(Silence):
        def wait(self, since: int, seconds: float) -> None:
            super().wait(since, seconds)
            if isinstance(there.leases, HostLeases):
                there.leases.prove(there.seconds.now)
            there.leases.hear(GateId(BASE), said(there, len(WORLD)))

    bell = Renewing(tmp_path / "renewing", seconds)
    receipts = Receipts(there.leases, bell, seconds)
    assert waited(receipts, seconds, position) == pytest.approx(2, abs=0.1)
    assert holds(there)


def test_silence_is_noticed_by_itself(there: Far, seconds: Seconds) -> None:
    """A gate that is gone for two seconds holds up nobody, whether or not they waited (R1)."""
    there.level()
    watch(there)
    seconds.pass_(1.9)
    watch(there)
    assert holds(there)
    seconds.pass_(0.2)
    watch(there)
    assert not holds(there)


def test_who_goes_on_is_not_taken_for_silent(there: Far, seconds: Seconds) -> None:
    """A gate that renews its lease keeps it, for as long as it does (R1)."""
    there.level()
    for _ in range(10):
        watch(there)
        seconds.pass_(0.4)
        there.turn()
    assert holds(there)
    there.lease.require()


def test_who_was_removed_is_waited_for(there: Far, receipts: Receipts, seconds: Seconds) -> None:
    """A gate that was removed holds its lease to the end, and is forgotten then (R1, S20)."""
    there.level()
    with there.database.transaction() as tx:
        rows.shut_out(tx, GateId(BASE))
    assert waited(receipts, seconds, there.commit(record(mint()))) == pytest.approx(2, abs=0.1)
    assert not holds(there)


def test_what_came_with_an_answer_is_acknowledged_at_once(there: Far) -> None:
    """A gate that has taken in more than it has said waits for no news before it says so (R1, R7).

    Its bus has told of that too by then, so nothing more would come: the receipt would wait for
    as long as the gate does.
    """
    waited: list[float] = []

    class Told:
        def wait(self, within_s: float) -> bool:
            waited.append(within_s)
            return True

        def catch_up(self) -> None:
            """Nothing was missed."""

    gate = Follower(
        there.replica, there.lease, there.wire, Signer(PURPOSE, KEY).public,
        entropy=Random(7).randbytes, news=Told(), sleep=there.seconds.pass_,
    )  # fmt: skip
    if isinstance(there.leases, HostLeases):
        there.leases.prove(there.seconds.now)
    for _ in range(3):
        gate.turn()
    position = there.commit(record(mint()))
    waited.clear()
    for _ in range(3):
        gate.turn()
    assert [one > 0 for one in waited] == [True, False, True]
    assert [one.position for one in there.wire.asked[-3:]] == [position - 1, position, position]


def test_two_gates_are_both_waited_for(there: Far, receipts: Receipts, seconds: Seconds) -> None:
    """One gate that knows is no receipt for another that does not (R1)."""
    there.level()
    with there.database.transaction() as tx:
        rows.add(tx, Gate(GateId(BASE + 1), "eu-2", START), b"\1" * 32)
    there.leases.hear(GateId(BASE + 1), said(there, 0))
    position = there.commit(record(mint()))
    there.turn()
    there.turn()
    assert waited(receipts, seconds, position) == pytest.approx(2, abs=0.1)
    assert GateId(BASE + 1) not in there.leases.running()


def test_who_waits_sees_the_word_come(there: Far, seconds: Seconds, tmp_path: Path) -> None:
    """Whoever waits goes on as soon as the gate has said that it knows (R1)."""
    there.level()
    position = there.commit(record(mint()))
    done, bell = threading.Event(), Bell(tmp_path / "bell")

    def wait() -> None:
        Receipts(there.leases, bell, seconds).wait(position)
        done.set()

    waiting = threading.Thread(target=wait, daemon=True)
    waiting.start()
    assert not done.wait(0.05)
    there.turn()
    there.turn()
    assert done.wait(1.5)
    waiting.join()
    bell.close()


def test_a_credential_at_two_hosts(there: Far, receipts: Receipts, seconds: Seconds) -> None:
    """Of two hosts that show one credential one decides, and its word alone is a receipt (R1).

    The other one takes over when that has no lease any more.
    """
    there.level()
    position = there.commit(record(mint()))
    with pytest.raises(Conflict):
        there.leases.hear(GateId(BASE), said(there, position, host=7))
    assert waited(receipts, seconds, position) == pytest.approx(2, abs=0.1)
    there.leases.hear(GateId(BASE), said(there, position, host=7))


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
        CutOff(subject=ACME, at=1),
        NodePlaced(organization=ACME, node=1, parent=2),
        replace(limits, ip_ranges=("192.0.2.0/24",)),
        replace(limits, token_roles=(1,)),
        replace(limits, provider_only=True),
    ):
        assert receipts.concern([session, taking])
