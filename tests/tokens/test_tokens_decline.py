"""A request that is not approved: denied, withdrawn, lapsed; and who sees it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from counterfoil import tokens
from counterfoil.feed.event import TokenStruck
from counterfoil.kernel.errors import Code, Conflict, Denied, Invalid
from counterfoil.kernel.page import Wanted
from counterfoil.tokens.approve import cancel, deny
from counterfoil.tokens.edit import edit
from counterfoil.tokens.model import State
from counterfoil.tokens.request_model import RequestState
from counterfoil.tokens.show import list_requests, show_request
from counterfoil.tokens.store import rows
from counterfoil.tokens.wish import Wish
from support.office import StandingClock
from support.tokens import READ, WRITE, Agency, request_of

pytestmark = pytest.mark.each_engine


def test_a_denial_has_a_reason_and_is_final(agency: Agency) -> None:
    """A denial says why; the secret never works, and the place is free (A10a, A6)."""
    asked = [agency.ask(agency.dan, f"token {number}") for number in range(5)]
    head = agency.head()
    with pytest.raises(Invalid), agency.acting(agency.ada) as work:
        deny(work, request_of(asked[0]), 1, "  ")
    with agency.acting(agency.ada) as work:
        deny(work, request_of(asked[0]), 1, "Use the shared pipeline.")
    assert [type(event) for event in agency.events(head)] == [TokenStruck]
    assert agency.hall.refusal(asked[0].secret) == Code.INVALID_TOKEN
    with agency.looking(agency.dan) as work:
        found = show_request(work, request_of(asked[0]))
    assert (found.request.state, found.request.reason) == (
        RequestState.DENIED,
        "Use the shared pipeline.",
    )
    assert found.token.state_in(agency.id) is State.DENIED
    agency.ask(agency.dan)


def test_the_requester_withdraws(agency: Agency) -> None:
    """A request is withdrawn by who made it and nobody else; the token dies of it (A10c)."""
    asked = agency.ask(agency.dan)
    with pytest.raises(Denied), agency.acting(agency.ada) as work:
        cancel(work, request_of(asked), 1)
    with agency.acting(agency.dan) as work:
        cancel(work, request_of(asked), 1)
    assert agency.state(asked.token.id) is State.REVOKED
    assert agency.hall.refusal(asked.secret) == Code.INVALID_TOKEN


def test_a_request_lapses(agency: Agency, clock: StandingClock) -> None:
    """After 14 days a request closes by itself: place freed, token dead (A10b)."""
    asked = agency.ask(agency.dan)
    wider = agency.granted(agency.dan, "wider")
    with agency.acting(agency.dan) as work:
        edit(work, wider.token.id, Wish(scopes=READ | WRITE))
    clock.move_on(days=13, hours=23)
    assert tokens.sweep(agency.office) == 0
    clock.move_on(hours=1)
    with pytest.raises(Conflict) as refused:
        agency.approve(asked)
    assert refused.value.code is Code.REQUEST_CLOSED
    assert tokens.sweep(agency.office) == 2
    assert tokens.sweep(agency.office) == 0
    assert agency.state(asked.token.id) is State.LAPSED
    assert agency.hall.refusal(asked.secret) == Code.INVALID_TOKEN
    with agency.looking(agency.dan) as work:
        assert show_request(work, request_of(asked)).request.state is RequestState.LAPSED
    assert agency.hall.verify(wider.secret).grant.scopes == READ  # it lost only the wish for more
    assert agency.trail().count(("token_request.lapse", "allowed")) == 2


def test_a_request_lapses_with_its_token(agency: Agency, clock: StandingClock) -> None:
    """No request waits any longer for what has ended: nobody could approve it (A10b)."""
    asked = agency.ask(agency.dan, expires_at=clock.now + timedelta(days=2))
    clock.move_on(days=2)
    with pytest.raises(Conflict) as refused:
        agency.approve(asked)
    assert refused.value.code is Code.REQUEST_CLOSED
    assert tokens.sweep(agency.office) >= 1
    assert agency.state(asked.token.id) is State.LAPSED
    agency.ask(agency.dan)


def test_members_see_their_own_requests_and_approvers_all(agency: Agency) -> None:
    """A member lists their own requests alone; an approver those of everybody (A8, A10a)."""
    agency.ask(agency.dan)
    mine = agency.ask(agency.rea)
    with agency.looking(agency.rea) as work:
        own = list_requests(work, Wanted(), agency.rea)
    assert [one.request.id for one in own.items] == [request_of(mine)]
    with pytest.raises(Denied), agency.looking(agency.rea) as work:
        list_requests(work, Wanted(), None)
    with agency.looking(agency.ada) as work:
        assert list_requests(work, Wanted(), None).total == 2
        assert list_requests(work, Wanted(), None, RequestState.DENIED).total == 0


def test_requests_come_in_pages(agency: Agency, clock: StandingClock) -> None:
    """A list is read a piece at a time, each request once, the newest first (A8)."""
    asked = []
    for number in range(5):
        asked.append(request_of(agency.ask(agency.dan, f"token {number}")))
        clock.move_on(minutes=1)
    seen, after = [], None
    while True:
        with agency.looking(agency.ada) as work:
            page = list_requests(work, Wanted(size=2, after=after), None)
        seen += [one.request.id for one in page.items]
        if (after := page.after) is None:
            break
    assert seen == asked[::-1]


def test_a_denied_widening_leaves_the_token(agency: Agency) -> None:
    """A denied or withdrawn widening leaves the token as it was (X14, A10a)."""
    made = agency.granted(agency.dan, scopes=READ)
    for number in range(2):
        with agency.acting(agency.dan) as work:
            edited = edit(work, made.token.id, Wish(scopes=READ | WRITE))
        assert edited.request is not None
        request = edited.request
        with agency.acting(agency.dan if number else agency.ada) as work:
            if number:
                cancel(work, request.id, request.version)
            else:
                deny(work, request.id, request.version, "Not now.")
        assert agency.hall.verify(made.secret).grant.scopes == READ


def test_one_that_fails_stops_no_other(
    agency: Agency, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be done now waits for the next sweep, and all else that is due is done (A10b)."""
    first, second = agency.ask(agency.dan, "first"), agency.ask(agency.dan, "second")
    clock.move_on(days=15)
    real, stuck = rows.hold, {first.token.id}

    def hold(tx: Any, organization: Any, id_: Any, kinds: Any) -> Any:
        if id_ in stuck:
            raise Conflict
        return real(tx, organization, id_, kinds)

    monkeypatch.setattr(rows, "hold", hold)
    assert tokens.sweep(agency.office) == 1
    assert agency.state(second.token.id) is State.LAPSED
    stuck.clear()
    assert tokens.sweep(agency.office) == 1
    assert agency.state(first.token.id) is State.LAPSED
