"""What was scheduled happens with the authority of who scheduled it, as it stands at that time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from counterfoil import content
from counterfoil.access.caller import Caller
from counterfoil.access.scope import Scope
from counterfoil.access.surface import ALL_SURFACES, Surface
from counterfoil.app.anew import anew
from counterfoil.audit.record import entries
from counterfoil.content import Node, tree, write
from counterfoil.content.agenda import Missed, Schedule, Scheduler, Turn
from counterfoil.content.define_type import create_content_type
from counterfoil.content.lock import lock_node
from counterfoil.content.schedule import drop_schedule, set_schedule
from counterfoil.content.store import inside, schedules
from counterfoil.directory.define_role import edit_role
from counterfoil.directory.enroll import assign, deactivate, end, reactivate
from counterfoil.kernel.errors import Code, Unserved
from counterfoil.kernel.ids import NodeId
from counterfoil.office import Office
from counterfoil.operation import Work
from counterfoil.tokens.api_token_edit import edit_api_token, regenerate, revoke_api_token
from counterfoil.tokens.revoke import revoke
from counterfoil.tokens.stand_in import StandIn
from counterfoil.tokens.steps.record import Issued
from counterfoil.tokens.wish import Wish
from support.office import ORIGIN
from support.tokens import READ, Agency

HOUR = timedelta(hours=1)
Taking = Callable[[Work, Agency, Issued, NodeId], object]


class Desk:
    """An agency with an entry in it, and the hand that does what is due."""

    def __init__(self, agency: Agency) -> None:
        self.agency = agency
        self.clock = agency.hall.clock
        with agency.acting(agency.ada) as work:
            note = create_content_type(work, "note", "Note", "https://x.test/note", {}).id
        with agency.acting(agency.ada) as work:
            self.entry = write.create_entry(work, agency.press, note, {"a": 1}, "note").id
        agency.role("publisher", Scope.CONTENT_READ, Scope.CONTENT_WRITE, Scope.CONTENT_PUBLISH)

    def publisher(self, **wish: Any) -> Issued:
        """Make an API token that may publish."""
        return self.agency.api_token("publisher", surfaces=ALL_SURFACES, **wish)

    def schedule(self, caller: Caller, *, publish: int, unpublish: int | None = None) -> None:
        """Schedule the entry, so many hours from now."""
        now = self.clock()
        with self.agency.office.work(caller, ORIGIN) as work:
            set_schedule(
                work,
                self.entry,
                now + publish * HOUR,
                None if unpublish is None else now + unpublish * HOUR,
            )

    def strike(self, office: Office | None = None) -> int:
        """Do what is due."""
        hall = self.agency.hall
        verify = anew(hall.verifier, hall.replica, hall.source)
        return content.carry_out(office or self.agency.office, StandIn(verify))

    @property
    def node(self) -> Node:
        """The entry as it is now."""
        with self.agency.office.database.reading() as tx:
            found = inside.node(tx, self.agency.id, (), self.entry)
        assert found is not None
        return found

    @property
    def plan(self) -> Schedule | None:
        """What is scheduled for it now."""
        with self.agency.office.database.reading() as tx:
            return schedules.find(tx, self.agency.id, self.entry)

    def told(self, verb: str = "entry.publish") -> list[tuple[str, int | None, int | None]]:
        """What the trail holds of a verb: outcome, user and token."""
        with self.agency.office.database.reading() as tx:
            columns = (entries.c.outcome, entries.c.user_id, entries.c.token_id)
            query = select(*columns).where(entries.c.operation == verb)
            return [tuple(row) for row in tx.execute(query.order_by(entries.c.position))]


@pytest.fixture
def desk(agency: Agency) -> Desk:
    return Desk(agency)


@pytest.mark.each_engine
def test_an_entry_comes_and_goes_at_its_times(desk: Desk) -> None:
    """Nothing happens before its time; then it does, once, in the name of who scheduled it (G7)."""
    made = desk.publisher()
    desk.schedule(desk.agency.bearing(made.secret), publish=1, unpublish=3)
    desk.clock.move_on(minutes=59)
    assert desk.strike() == 0
    assert desk.node.published is None
    desk.clock.move_on(minutes=1)
    assert desk.strike() == 1
    assert desk.strike() == 0
    assert desk.node.published == desk.node.draft
    assert desk.node.updated.token == made.token.id
    assert desk.plan is not None
    assert desk.plan.publish_at is None
    desk.clock.move_on(hours=2)
    assert (desk.strike(), desk.strike()) == (1, 0)
    assert desk.node.published is None
    assert desk.plan is None
    for verb in ("entry.publish", "entry.unpublish"):
        assert desk.told(verb) == [("allowed", None, made.token.id)]


TAKEN: dict[str, tuple[Taking, Code]] = {
    "revoked": (
        lambda work, _agency, made, _entry: revoke_api_token(work, made.token.id),
        Code.INVALID_TOKEN,
    ),
    "disabled": (
        lambda work, _agency, made, _entry: edit_api_token(
            work, made.token.id, Wish(enabled=False)
        ),
        Code.TOKEN_DISABLED,
    ),
    "expired": (
        lambda work, _agency, made, _entry: edit_api_token(
            work, made.token.id, Wish(expires_at=work.now + HOUR / 2)
        ),
        Code.TOKEN_EXPIRED,
    ),
    "demoted": (
        lambda work, agency, _made, _entry: edit_role(
            work, agency.roles["publisher"].id, lambda before: replace(before, scopes=READ)
        ),
        Code.INSUFFICIENT_SCOPE,
    ),
    "restricted": (
        lambda work, agency, made, _entry: edit_api_token(
            work, made.token.id, Wish(roots=frozenset({agency.internal}))
        ),
        Code.OUTSIDE_ROOT_NODES,
    ),
    "shut out of the surface": (
        lambda work, _agency, made, _entry: edit_api_token(
            work, made.token.id, Wish(surfaces=Surface.DELIVERY.bit)
        ),
        Code.API_NOT_ENABLED_FOR_TOKEN,
    ),
    "moved away": (
        lambda work, agency, _made, entry: tree.move(work, entry, agency.internal),
        Code.OUTSIDE_ROOT_NODES,
    ),
    "trashed": (
        lambda work, _agency, _made, entry: tree.trash(work, entry),
        Code.OUTSIDE_ROOT_NODES,
    ),
    "locked": (lambda work, _agency, _made, entry: lock_node(work, entry), Code.LOCKED),
}


@pytest.mark.each_engine
@pytest.mark.parametrize("how", TAKEN)
def test_what_a_token_may_not_do_then_does_not_happen(desk: Desk, how: str) -> None:
    """A token that lost its power, or its entry, changes nothing; trail and schedule say why."""
    agency = desk.agency
    made = desk.publisher(roots=frozenset({agency.public}))
    desk.schedule(agency.bearing(made.secret), publish=1)
    due_at = desk.clock() + HOUR
    desk.clock.move_on(minutes=45)
    take, code = TAKEN[how]
    if how == "expired":
        desk.clock.move_on(minutes=-45)
    with agency.acting(agency.ada) as work:
        take(work, agency, made, desk.entry)
    desk.clock.now = due_at
    before = desk.node
    assert (desk.strike(), desk.strike()) == (1, 0)
    assert desk.node == before
    assert desk.told() == [(str(code), None, made.token.id)]
    assert desk.plan is not None
    assert desk.plan.publish_at is None
    assert desk.plan.missed == Missed(Turn.PUBLISH, due_at, due_at, code)


@pytest.mark.each_engine
def test_another_secret_is_the_same_token(desk: Desk) -> None:
    """A token that was given another secret meanwhile still does what it scheduled (K12)."""
    agency, made = desk.agency, desk.publisher()
    desk.schedule(agency.bearing(made.secret), publish=1)
    with agency.acting(agency.ada) as work:
        regenerate(work, made.token.id, timedelta(minutes=5))
    desk.clock.move_on(hours=2)
    assert desk.strike() == 1
    assert desk.told() == [("allowed", None, made.token.id)]


PEOPLE: dict[str, Callable[[Work, Agency], object]] = {
    "dismissed": lambda work, agency: deactivate(work, agency.dan),
    "gone": lambda work, agency: end(work, agency.dan),
    "demoted": lambda work, agency: assign(work, agency.dan, [agency.roles["reader"].id]),
    "without a role": lambda work, agency: assign(work, agency.dan, []),
}


@pytest.mark.each_engine
@pytest.mark.parametrize("how", PEOPLE)
@pytest.mark.parametrize("by", ["session", "token"])
def test_what_a_person_may_not_do_then_does_not_happen(desk: Desk, how: str, by: str) -> None:
    """Who was demoted or shut out publishes nothing any more, signed in or by token (G8, S20)."""
    agency = desk.agency
    caller = agency.caller(agency.dan)
    if by == "token":
        asked = agency.granted(agency.dan, inherit=True, surfaces=ALL_SURFACES)
        caller = agency.bearing(asked.secret)
    desk.schedule(caller, publish=1)
    with agency.acting(agency.ada) as work:
        PEOPLE[how](work, agency)
    desk.clock.move_on(hours=1)
    assert (desk.strike(), desk.strike()) == (1, 0)
    assert desk.node.published is None
    ((outcome, user, token),) = desk.told()
    assert outcome in {"OWNER_DEACTIVATED", "INSUFFICIENT_SCOPE", "INVALID_TOKEN"}
    assert (user, token) == (agency.dan, caller.token)
    assert desk.plan is not None
    assert desk.plan.missed is not None


@pytest.mark.each_engine
def test_who_returns_has_nothing_scheduled(desk: Desk) -> None:
    """What somebody scheduled before they were shut out does not revive with them (S20)."""
    agency = desk.agency
    desk.schedule(agency.caller(agency.dan), publish=1)
    for verb in (deactivate, reactivate):
        with agency.acting(agency.ada) as work:
            verb(work, agency.dan)
    desk.clock.move_on(hours=1)
    assert desk.strike() == 1
    assert [outcome for outcome, *_ in desk.told()] == ["OWNER_DEACTIVATED"]
    desk.schedule(agency.caller(agency.dan), publish=1)
    assert desk.plan is not None
    assert desk.plan.missed is None
    desk.clock.move_on(hours=1)
    assert desk.strike() == 1
    assert desk.node.published is not None


@pytest.mark.each_engine
def test_a_person_that_signed_out_still_publishes(desk: Desk) -> None:
    """A session is over long before; the person behind it is not, and stands in the trail (X2)."""
    agency = desk.agency
    caller = agency.caller(agency.dan)
    desk.schedule(caller, publish=1000)
    desk.clock.move_on(hours=1000)
    assert desk.strike() == 1
    assert desk.node.published is not None
    assert desk.node.updated.user == agency.dan
    assert desk.told() == [("allowed", agency.dan, caller.token)]


@pytest.mark.each_engine
def test_several_workers_do_it_once(desk: Desk) -> None:
    """Of many that find a schedule due at the same moment, one carries it out (R8)."""
    made = desk.publisher()
    for _ in range(3):
        desk.schedule(desk.agency.bearing(made.secret), publish=1, unpublish=2)
        desk.clock.move_on(hours=1)
        ready, done = threading.Barrier(4), list[int]()

        def work(ready: threading.Barrier = ready, done: list[int] = done) -> None:
            ready.wait()
            done.append(desk.strike())

        hands = [threading.Thread(target=work) for _ in range(4)]
        for hand in hands:
            hand.start()
        for hand in hands:
            hand.join()
        assert sum(done) == 1
        desk.clock.move_on(hours=1)
        assert desk.strike() == 1
    assert [outcome for outcome, *_ in desk.told()] == ["allowed"] * 3
    assert len(desk.told("schedule.settle")) == 6


@pytest.mark.each_engine
def test_what_is_taken_back_does_not_happen(desk: Desk) -> None:
    """A schedule that was dropped or put off does nothing at its first time."""
    caller = desk.agency.bearing(desk.publisher().secret)
    desk.schedule(caller, publish=1)
    desk.schedule(caller, publish=5)
    desk.clock.move_on(hours=1)
    assert desk.strike() == 0
    with desk.agency.office.work(caller, ORIGIN) as work:
        drop_schedule(work, desk.entry)
    desk.clock.move_on(hours=9)
    assert desk.strike() == 0
    assert desk.told() == []


@pytest.mark.each_engine
def test_a_server_that_was_down_catches_up(desk: Desk) -> None:
    """Times that passed unseen are done in their order, each once."""
    caller = desk.agency.bearing(desk.publisher().secret)
    desk.schedule(caller, publish=1, unpublish=2)
    desk.clock.move_on(days=3)
    assert [desk.strike() for _ in range(3)] == [1, 1, 0]
    assert desk.node.published is None
    assert [len(desk.told(f"entry.{verb}")) for verb in ("publish", "unpublish")] == [1, 1]


def test_what_cannot_be_known_waits(desk: Desk) -> None:
    """If the gate cannot say who somebody is now, nothing happens and nothing is lost."""
    desk.schedule(desk.agency.bearing(desk.publisher().secret), publish=1)
    desk.clock.move_on(hours=1)

    def silent(_caller: Caller, _position: int, _address: None) -> tuple[Caller, int]:
        raise Unserved(Code.NOT_READY)

    assert content.carry_out(desk.agency.office, StandIn(silent)) == 0
    assert desk.plan is not None
    assert (desk.plan.missed, desk.told()) == (None, [])
    assert desk.strike() == 1


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_power_that_goes_meanwhile_publishes_nothing(desk: Desk) -> None:
    """A revocation that holds before the turn commits is seen by it, however late it came (I1)."""
    agency, hall = desk.agency, desk.agency.hall
    asked = agency.granted(agency.dan, inherit=True, surfaces=ALL_SURFACES)
    desk.schedule(agency.bearing(asked.secret), publish=1)
    desk.clock.move_on(hours=1)
    real = StandIn(anew(hall.verifier, hall.replica, hall.source))

    def late(work: Work, by: Scheduler) -> Caller:
        with agency.acting(agency.dan) as other:
            revoke(other, asked.token.id)
        return real(work, by)

    assert content.carry_out(agency.office, late) == 1
    assert [outcome for outcome, *_ in desk.told()] == ["INVALID_TOKEN"]
    assert desk.node.published is None
