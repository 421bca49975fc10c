"""Somebody else decides: approve, deny, withdraw, lapse."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from counterfoil.access.caller import Method
from counterfoil.access.scope import Scope
from counterfoil.access.surface import Surface
from counterfoil.content.tree import trash
from counterfoil.directory.enroll import assign, deactivate, reactivate
from counterfoil.feed.event import TokenRecorded
from counterfoil.kernel.errors import Code, Conflict, Denied, Invalid, NotFound, Stale
from counterfoil.kernel.ids import RequestId
from counterfoil.kernel.page import Wanted
from counterfoil.notices.read import list_notices
from counterfoil.operation import Work
from counterfoil.tokens.approve import approve, cancel, deny
from counterfoil.tokens.edit import edit
from counterfoil.tokens.model import State
from counterfoil.tokens.request_model import RequestKind
from counterfoil.tokens.show import show_request
from counterfoil.tokens.switch import disable
from counterfoil.tokens.wish import Wish
from support.office import ORIGIN, START, StandingClock
from support.tokens import PUBLISH, READ, WRITE, Agency, Hall, request_of

pytestmark = pytest.mark.each_engine


def test_approving_makes_the_token_work_beside_the_earlier_ones(agency: Agency) -> None:
    """An approved token is active and works, and the earlier ones go on working (A9)."""
    first, second = agency.granted(agency.dan, "one"), agency.granted(agency.dan, "two")
    for made in (first, second):
        assert agency.hall.verify(made.secret).token == made.token.id


def test_the_request_says_what_is_asked(agency: Agency) -> None:
    """An approver reads requester, name, scopes, roots, surfaces, end and justification (A8)."""
    asked = agency.ask(
        agency.dan,
        "release job",
        scopes=READ | PUBLISH,
        roots=frozenset({agency.press}),
        surfaces=Surface.DELIVERY.bit,
        justification="The release job publishes press notes.",
    )
    with agency.looking(agency.ada) as work:
        found = show_request(work, request_of(asked))
    request = found.request
    assert (request.requester, found.token.name) == (agency.dan, "release job")
    assert (request.bounds.scopes, request.bounds.roots) == (
        READ | PUBLISH,
        frozenset({agency.press}),
    )
    assert request.bounds.surfaces == Surface.DELIVERY.bit
    assert request.expires_at == START + timedelta(days=30)
    assert request.justification == "The release job publishes press notes."


def test_an_approval_may_say_why(agency: Agency) -> None:
    """What an approver writes is kept with the request, and told to whoever asked; or not (A8)."""
    asked, silent = agency.ask(agency.dan, "one"), agency.ask(agency.dan, "two")
    with agency.acting(agency.ada) as work:
        done = approve(work, request_of(asked), 1, Wish(), " Until the fair. ")
        assert approve(work, request_of(silent), 1, Wish(), "  ").request.reason is None
    assert done.request.reason == "Until the fair."
    with agency.looking(agency.dan) as work:
        told = list_notices(work, Wanted(9), unread=False).items
    assert {one.facts["reason"] for one in told} == {None, "Until the fair."}


def test_what_an_approval_says_is_no_longer_than_a_reason(agency: Agency) -> None:
    """A reason that is too long is refused at its field, and nothing is approved."""
    asked = agency.ask(agency.dan)
    with pytest.raises(Invalid) as refused, agency.acting(agency.ada) as work:
        approve(work, request_of(asked), 1, Wish(), "x" * 501)
    assert refused.value.field == "/data/attributes/reason"
    assert agency.state(asked.token.id) is State.PENDING


@pytest.mark.parametrize("decide", ["approve", "deny"])
def test_a_member_decides_nothing(agency: Agency, decide: str) -> None:
    """A member without the right to approve gets 403, for any request (A11)."""
    asked = agency.ask(agency.dan)
    act: Callable[[Work], object] = {
        "approve": lambda work: approve(work, request_of(asked), 1, Wish()),
        "deny": lambda work: deny(work, request_of(asked), 1, "no"),
    }[decide]
    with pytest.raises(Denied) as refused, agency.acting(agency.rea) as work:
        act(work)
    assert refused.value.code is Code.INSUFFICIENT_SCOPE
    assert agency.state(asked.token.id) is State.PENDING


def test_nobody_approves_their_own_request(agency: Agency) -> None:
    """Not even after a promotion in between: who asked withdraws and asks anew (A11, S22)."""
    asked = agency.ask(agency.dan)
    with agency.acting(agency.ada) as work:
        assign(work, agency.dan, [agency.roles["admin"].id])
    for decide in (approve, deny):
        with pytest.raises(Denied) as refused, agency.acting(agency.dan) as work:
            decide(work, request_of(asked), 1, Wish() if decide is approve else "no")  # type: ignore[arg-type]
        assert refused.value.code is Code.OWN_REQUEST
    with agency.acting(agency.dan) as work:
        cancel(work, request_of(asked), 1)
    assert agency.ask(agency.dan).request is None


def test_no_token_approves(agency: Agency) -> None:
    """Only a session decides; no token does, whatever its scopes or its owner (S17)."""
    asked = agency.ask(agency.dan)
    for method in (Method.PERSONAL, Method.SERVICE, Method.EXCHANGED):
        with pytest.raises(Denied), agency.acting(agency.ada, method) as work:
            approve(work, request_of(asked), 1, Wish())
    assert agency.state(asked.token.id) is State.PENDING


def test_an_admin_of_another_organization_knows_nothing_of_it(agency: Agency, hall: Hall) -> None:
    """Another organization's request is as unknown as one that never was (A11, S25)."""
    asked = agency.ask(agency.dan)
    other = Agency(hall, "Other")
    for id_ in (request_of(asked), RequestId(5_000_000_000_000_000)):
        with pytest.raises(NotFound), other.acting(other.ada) as work:
            approve(work, id_, 1, Wish())
        with pytest.raises(NotFound), other.looking(other.ada) as work:
            show_request(work, id_)


def test_an_approver_decides_upon_what_they_read(agency: Agency) -> None:
    """An edit in between makes the approval stale; nothing is approved unread (S22, A10c)."""
    asked = agency.ask(agency.dan, scopes=READ)
    with agency.acting(agency.dan) as work:
        edited = edit(work, asked.token.id, Wish(scopes=READ | WRITE))
    assert edited.request is not None
    assert edited.request.id != request_of(asked)
    with pytest.raises(Stale):
        agency.approve(asked)
    with agency.acting(agency.ada) as work:
        approve(work, edited.request.id, edited.request.version, Wish())
    assert agency.hall.verify(asked.secret).grant.scopes == READ | WRITE


def test_a_request_is_decided_once(agency: Agency) -> None:
    """A request has one end: what comes later is stale, or finds it closed (S22)."""
    asked = agency.ask(agency.dan)
    done = agency.approve(asked)
    id_ = request_of(asked)
    for version, error in ((1, Stale), (done.request.version, Conflict)):
        with pytest.raises(error), agency.acting(agency.ada) as work:
            approve(work, id_, version, Wish())
        with pytest.raises(error), agency.acting(agency.dan) as work:
            cancel(work, id_, version)
    with pytest.raises(Conflict) as refused, agency.acting(agency.ada) as work:
        deny(work, request_of(asked), done.request.version, "too late")
    assert refused.value.code is Code.REQUEST_CLOSED
    assert agency.state(asked.token.id) is State.ACTIVE


def test_an_approver_may_give_less(agency: Agency) -> None:
    """Scopes, roots, surfaces and end may be narrowed in approving (A8, S22)."""
    asked = agency.ask(agency.dan, scopes=READ | WRITE)
    done = agency.approve(
        asked,
        scopes=READ,
        roots=frozenset({agency.press}),
        surfaces=Surface.DELIVERY.bit,
        expires_at=START + timedelta(days=1),
    )
    caller = agency.hall.verify(asked.secret)
    assert (caller.grant.scopes, caller.grant.limits) == (READ, (frozenset({agency.press}),))
    assert caller.expires_at == START + timedelta(days=1)
    assert done.token.expires_at == caller.expires_at


@pytest.mark.parametrize(
    "more",
    [
        {"scopes": READ | WRITE},
        {"inherit": True},
        {"roots": None},
        {"surfaces": Surface.MANAGEMENT.bit | Surface.DELIVERY.bit},
        {"expires_at": START + timedelta(days=31)},
        {"expires_at": None},
    ],
    ids=["scopes", "inherit", "roots", "surfaces", "expiry", "no expiry"],
)
def test_an_approver_never_gives_more(agency: Agency, more: dict[str, Any]) -> None:
    """Nobody gets more approved than they asked for (S22, S24)."""
    asked = agency.ask(agency.dan, roots=frozenset({agency.public}), surfaces=Surface.DELIVERY.bit)
    with pytest.raises(Invalid):
        agency.approve(asked, **more)
    assert agency.state(asked.token.id) is State.PENDING


def test_what_the_requester_lost_is_not_approved(agency: Agency) -> None:
    """Authority that the requester lost meanwhile is left out, and all of it refused (A11)."""
    asked = agency.ask(agency.dan, scopes=READ | WRITE)
    only = agency.ask(agency.dan, scopes=PUBLISH)
    with agency.acting(agency.ada) as work:
        assign(work, agency.dan, [agency.roles["reader"].id])
    assert agency.approve(asked).token.grant_in(agency.id).bounds.scopes == READ
    with pytest.raises(Invalid) as refused:
        agency.approve(only)
    assert refused.value.code is Code.SCOPE_ABOVE_ROLE
    with agency.acting(agency.ada) as work:
        assign(work, agency.dan, [agency.roles["developer"].id])
    assert agency.hall.verify(asked.secret).grant.scopes == READ  # it does not come back


def test_a_root_that_is_gone_is_not_approved(agency: Agency) -> None:
    """A root that was trashed meanwhile must be left out by the approver (A11, S27)."""
    asked = agency.ask(agency.dan, roots=frozenset({agency.press, agency.internal}))
    with agency.acting(agency.ada) as work:
        trash(work, agency.press)
    with pytest.raises(Invalid):
        agency.approve(asked)
    agency.approve(asked, roots=frozenset({agency.internal}))


@pytest.mark.parametrize("back", [False, True], ids=["away", "back again"])
def test_the_request_of_somebody_dismissed_is_dead(agency: Agency, *, back: bool) -> None:
    """A deactivation ends pending requests for good, even if the user returns (S20)."""
    asked = agency.ask(agency.dan)
    with agency.acting(agency.ada) as work:
        deactivate(work, agency.dan)
    if back:
        with agency.acting(agency.ada) as work:
            reactivate(work, agency.dan)
    with pytest.raises(Conflict) as refused:
        agency.approve(asked)
    assert refused.value.code is Code.REQUEST_CLOSED


def test_whoever_was_demoted_approves_no_longer(agency: Agency) -> None:
    """The approver's right is read at commit and not when they signed in (S22, S19)."""
    bob = agency.hire("Bob", "admin")
    asked = agency.ask(agency.dan)
    caller = agency.caller(bob)
    with agency.acting(agency.ada) as work:
        assign(work, bob, [agency.roles["reader"].id])
    with pytest.raises(Denied), agency.office.work(caller, ORIGIN) as work:
        approve(work, request_of(asked), 1, Wish())
    with agency.acting(agency.ada) as work:
        deactivate(work, bob)
    with pytest.raises(Denied), agency.office.work(caller, ORIGIN) as work:
        approve(work, request_of(asked), 1, Wish())
    assert agency.state(asked.token.id) is State.PENDING


def test_approval_moves_no_expiry(agency: Agency, clock: StandingClock) -> None:
    """A token counts from its request; past its end it cannot be approved (G14, S24)."""
    asked = agency.ask(agency.dan, expires_at=START + timedelta(days=2))
    late = agency.ask(agency.dan, expires_at=START + timedelta(days=3))
    clock.move_on(days=2)
    with pytest.raises(Conflict) as refused:
        agency.approve(asked)
    assert refused.value.code is Code.REQUEST_CLOSED
    assert agency.approve(late).token.expires_at == START + timedelta(days=3)


def test_an_approval_is_one_entry_and_one_event(agency: Agency) -> None:
    """An approval is one act in the trail and one event in the feed (X2, CONTRACT: feed)."""
    asked = agency.ask(agency.dan)
    head, before = agency.head(), len(agency.trail())
    agency.approve(asked)
    assert [type(event) for event in agency.events(head)] == [TokenRecorded]
    assert agency.trail()[before:] == [("token_request.approve", "allowed")]


def test_widening_is_a_request_of_its_own(agency: Agency) -> None:
    """An approved widening changes the bounds and neither secret nor end (X14)."""
    made = agency.granted(agency.dan, scopes=READ)
    with agency.acting(agency.dan) as work:
        edited = edit(work, made.token.id, Wish(scopes=READ | WRITE, justification="drafts"))
    assert edited.request is not None
    assert (edited.request.kind, edited.request.justification) == (RequestKind.WIDEN, "drafts")
    assert agency.hall.verify(made.secret).grant.scopes == READ
    with agency.acting(agency.ada) as work:
        done = approve(work, edited.request.id, edited.request.version, Wish())
    caller = agency.hall.verify(made.secret)
    assert caller.grant.scopes == READ | WRITE
    assert caller.expires_at == made.token.expires_at == done.token.expires_at


def test_a_disabled_token_stays_off_when_it_is_widened(agency: Agency) -> None:
    """Approving a widening switches nothing on (A24, X14)."""
    made = agency.granted(agency.dan, scopes=READ)
    with agency.acting(agency.dan) as work:
        edited = edit(work, made.token.id, Wish(scopes=READ | WRITE))
    with agency.acting(agency.ada) as work:
        disable(work, made.token.id)
    assert edited.request is not None
    with agency.acting(agency.ada) as work:
        approve(work, edited.request.id, edited.request.version, Wish())
    assert agency.hall.refusal(made.secret) == Code.TOKEN_DISABLED


def test_a_role_may_lend_the_right_to_approve(agency: Agency) -> None:
    """Whoever holds tokens:approve approves, but needs approval themselves (K8)."""
    agency.role("approver", Scope.TOKENS_APPROVE, Scope.CONTENT_READ)
    eve = agency.hire("Eve", "approver")
    asked = agency.ask(agency.dan)
    agency.approve(asked, by=eve)
    assert agency.state(asked.token.id) is State.ACTIVE
    assert agency.ask(eve).request is not None
