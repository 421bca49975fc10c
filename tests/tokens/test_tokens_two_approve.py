"""What two people must approve: whom an approval is of, what it covers, and what is told (S22)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from counterfoil import notices, tokens
from counterfoil.access.scope import Scope, Scopes
from counterfoil.directory.enroll import assign, deactivate
from counterfoil.kernel.errors import Code, Conflict, Denied, Invalid, Stale
from counterfoil.kernel.ids import UserId
from counterfoil.kernel.page import Wanted
from counterfoil.notices.read import list_notices
from counterfoil.tokens.approve import approve, deny
from counterfoil.tokens.edit import edit
from counterfoil.tokens.model import State
from counterfoil.tokens.remind import remind
from counterfoil.tokens.request_model import RequestState
from counterfoil.tokens.show import Inquiry, show_request
from counterfoil.tokens.steps.issue import Requested
from counterfoil.tokens.steps.requests import Decided
from counterfoil.tokens.wish import Wish
from support.asked import change
from support.office import START
from support.tokens import PUBLISH, READ, WRITE, Agency, code, request_of

pytestmark = pytest.mark.each_engine


@pytest.fixture
def eve(agency: Agency) -> UserId:
    """Another admin, where everything is approved by two."""
    change(agency, quota=None, approval_second="everything")
    return agency.hire("EveAcme", "admin")


def agree(agency: Agency, asked: Requested, by: UserId, version: int, wish: Wish) -> Decided:
    with agency.acting(by) as work:
        return approve(work, request_of(asked), version, wish)


def seen(agency: Agency, asked: Requested) -> Inquiry:
    with agency.looking(agency.ada) as work:
        return show_request(work, request_of(asked))


def test_a_token_works_when_a_second_has_approved_it(agency: Agency, eve: UserId) -> None:
    """One approval opens nothing; the second, by somebody else, makes the token work (S22)."""
    asked = agency.ask(agency.dan)
    assert seen(agency, asked).missing == 2
    first = agency.approve(asked)
    assert (first.request.state, first.missing) == (RequestState.OPEN, 1)
    assert (first.request.agreed_by, first.request.decided_by) == (agency.ada, None)
    assert agency.hall.refusal(asked.secret) == Code.TOKEN_PENDING_APPROVAL
    second = agree(agency, asked, eve, first.request.version, Wish())
    assert (second.request.state, second.missing) == (RequestState.APPROVED, 0)
    assert (second.request.agreed_by, second.request.decided_by) == (agency.ada, eve)
    assert agency.hall.verify(asked.secret).token == asked.token.id


def test_who_can_decide_is_named(agency: Agency, eve: UserId) -> None:
    """Who asked reads who can still decide: nobody who may not, nor who did already (A10d, S22)."""
    agency.role("approver", Scope.TOKENS_APPROVE)
    with agency.acting(agency.ada) as work:
        assign(work, agency.dan, [agency.roles[one].id for one in ("developer", "approver")])
    asked = agency.ask(agency.dan)
    dan, path = agency.door(agency.caller(agency.dan)), f"/cma/token_requests/{request_of(asked)}"
    assert set(dan("GET", path).json["data"]["meta"]["deciders"]) == {"Ada", "EveAcme"}
    first = agency.approve(asked)
    assert dan("GET", path).json["data"]["meta"]["deciders"] == ["EveAcme"]
    with agency.acting(agency.ada) as work:
        deactivate(work, eve)
    assert dan("GET", path).json["data"]["meta"]["deciders"] == []
    with agency.acting(agency.ada) as work:
        deny(work, request_of(asked), first.request.version, "No.")
    assert "deciders" not in dan("GET", path).json["data"]["meta"]
    assert agency.door(agency.caller(agency.rea))("GET", path).status_code == 404


@pytest.mark.parametrize(("second", "kept"), [("", "One week."), ("One day.", "One day.")])
def test_what_the_first_wrote_stays_unless_the_second_writes(
    agency: Agency, eve: UserId, second: str, kept: str
) -> None:
    """Of two who approve the last words are told; whoever says nothing takes none away (A8)."""
    asked = agency.ask(agency.dan)
    with agency.acting(agency.ada) as work:
        first = approve(work, request_of(asked), 1, Wish(), "One week.").request
    assert seen(agency, asked).request.reason == "One week."
    with agency.acting(eve) as work:
        done = approve(work, request_of(asked), first.version, Wish(), second)
    assert done.request.reason == kept


def test_nobody_approves_twice(agency: Agency, eve: UserId) -> None:
    """Whoever approved first is not the second, whatever version they name, nor for less (S22)."""
    asked = agency.ask(agency.dan, scopes=READ | WRITE)
    version = agency.approve(asked).request.version
    for wish in (Wish(), Wish(scopes=READ)):
        with pytest.raises(Conflict) as refused:
            agree(agency, asked, agency.ada, version, wish)
        assert refused.value.code is Code.CONFLICT
    with pytest.raises(Denied) as own:
        agree(agency, asked, agency.dan, version, Wish())
    assert own.value.code is Code.INSUFFICIENT_SCOPE
    with agency.acting(agency.ada) as work:
        assign(work, agency.dan, [agency.roles["admin"].id])
    with pytest.raises(Denied) as own:
        agree(agency, asked, agency.dan, version, Wish())
    assert own.value.code is Code.OWN_REQUEST
    assert agency.state(asked.token.id) is State.PENDING
    assert agree(agency, asked, eve, version, Wish()).missing == 0


def test_the_second_approves_what_the_first_left(agency: Agency, eve: UserId) -> None:
    """The second reads what the first gave, approves it or less, and brings nothing back (S22)."""
    asked = agency.ask(agency.dan, scopes=READ | WRITE | PUBLISH)
    ends_at = START + timedelta(days=9)
    first = agency.approve(asked, scopes=READ | WRITE, expires_at=ends_at).request
    assert (first.bounds.scopes, first.expires_at, first.narrowed) == (READ | WRITE, ends_at, True)
    with pytest.raises(Stale):
        agree(agency, asked, eve, asked.request.version if asked.request else 0, Wish())
    for more in (Wish(scopes=READ | PUBLISH), Wish(expires_at=ends_at + timedelta(days=1))):
        with pytest.raises(Invalid):
            agree(agency, asked, eve, first.version, more)
    done = agree(agency, asked, eve, first.version, Wish(scopes=READ))
    assert done.token.grant_in(agency.id).bounds.scopes == READ
    assert done.token.expires_at == ends_at
    with agency.looking(agency.dan) as work:
        told = list_notices(work, Wanted(9), unread=False).items[0]
    assert (told.kind, told.facts["narrowed"]) == (notices.Kind.REQUEST_APPROVED, True)


def test_an_edit_begins_anew(agency: Agency, eve: UserId) -> None:
    """Who edits what they asked for needs two again: of that nobody has read anything (S22)."""
    asked = agency.ask(agency.dan)
    agency.approve(asked)
    with agency.acting(agency.dan) as work:
        anew = edit(work, asked.token.id, Wish(scopes=READ | WRITE)).request
    assert anew is not None
    with agency.looking(eve) as work:
        found = show_request(work, anew.id)
    assert (found.missing, found.request.agreed_by) == (2, None)


def test_a_first_approval_counts_while_its_giver_may_approve(agency: Agency, eve: UserId) -> None:
    """Whoever left or lost the right has approved nothing: somebody else comes first (S22)."""
    asked, fay = agency.ask(agency.dan), agency.hire("FayAcme", "admin")
    version = agree(agency, asked, eve, 1, Wish()).request.version
    with agency.acting(agency.ada) as work:
        deactivate(work, eve)
    assert seen(agency, asked).missing == 2
    again = agree(agency, asked, fay, version, Wish())
    assert (again.missing, again.request.agreed_by) == (1, fay)
    assert agency.approve(replace(asked, request=again.request)).missing == 0


@pytest.mark.parametrize(
    ("wish", "narrower", "missing"),
    [
        (READ, None, 0),
        (READ | WRITE, None, 1),
        (READ | WRITE, READ, 0),
        (None, None, 1),
    ],
)
def test_two_for_what_may_change_something(
    agency: Agency, eve: UserId, wish: Scopes | None, narrower: Scopes | None, missing: int
) -> None:
    """By `writes` one is enough for what reads alone, also if the approver left only that (K8)."""
    change(agency, approval_second="writes")
    asked = agency.ask(agency.dan, **({"inherit": True} if wish is None else {"scopes": wish}))
    less: dict[str, Any] = {} if narrower is None else {"scopes": narrower}
    done = agency.approve(asked, **less)
    assert done.missing == missing
    assert done.token.grant_in(agency.id).state is (State.PENDING if missing else State.ACTIVE)
    if missing:
        assert agree(agency, asked, eve, done.request.version, Wish()).missing == 0


def test_the_rule_of_the_moment_counts(agency: Agency, eve: UserId) -> None:
    """Where one is enough by now, whoever approved it first may settle it, or anybody else."""
    asked = agency.ask(agency.dan)
    version = agency.approve(asked).request.version
    change(agency, approval_second="nothing")
    assert seen(agency, asked).missing == 1
    assert agree(agency, asked, agency.ada, version, Wish()).missing == 0
    assert eve != agency.ada


def test_either_of_two_denies(agency: Agency, eve: UserId) -> None:
    """One denial is enough, also by who approved it first."""
    for who in (agency.ada, eve):
        asked = agency.ask(agency.dan)
        version = agency.approve(asked).request.version
        with agency.acting(who) as work:
            assert deny(work, request_of(asked), version, "no").request.state == "denied"
        assert agency.state(asked.token.id) is State.DENIED


def test_it_waits_no_more_for_who_approved_it(agency: Agency, eve: UserId) -> None:
    """What waits for an approver leaves out what they approved, and no reminder reaches them."""
    asked = agency.ask(agency.dan)
    agency.approve(asked)
    with agency.office.database.reading() as tx:
        assert tokens.waiting(tx, agency.id, agency.ada).count == 0
        assert tokens.waiting(tx, agency.id, eve).count == 1
    with agency.acting(agency.dan) as work:
        remind(work, request_of(asked))
    for who, reminded in ((agency.ada, False), (eve, True)):
        with agency.looking(who) as work:
            told = {one.kind for one in list_notices(work, Wanted(9), unread=False).items}
        assert (notices.Kind.REQUEST_REMINDED in told) is reminded


def test_the_door_tells_of_the_first_approval(agency: Agency, eve: UserId) -> None:
    """JSON:API says how many must still approve and who did; a second time is a 409 (S22)."""
    asked = agency.ask(agency.dan)
    ada, other = agency.door(agency.caller(agency.ada)), agency.door(agency.caller(eve))
    path = f"/cma/token_requests/{request_of(asked)}"
    first = ada("POST", f"{path}/approve", headers={"If-Match": '"1"'})
    data = first.json["data"]
    assert (first.status_code, data["attributes"]["state"]) == (200, "open")
    assert data["attributes"]["approvals_missing"] == 1
    assert data["relationships"]["agreed_by"]["data"]["id"] == str(agency.ada)
    again = ada("POST", f"{path}/approve", headers={"If-Match": first.headers["ETag"]})
    assert (again.status_code, code(again)) == (409, "CONFLICT")
    second = other("POST", f"{path}/approve", headers={"If-Match": first.headers["ETag"]})
    assert second.json["data"]["attributes"]["state"] == "approved"
    assert second.json["data"]["attributes"]["approvals_missing"] == 0
