"""Asking for a personal token: at once, or after somebody else agreed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from counterfoil.access.caller import Caller, Method
from counterfoil.access.grant import Grant, Term
from counterfoil.access.scope import EVERY_SCOPE, Scope, scopes
from counterfoil.access.surface import Surface
from counterfoil.directory.enroll import assign, deactivate, reactivate
from counterfoil.kernel.errors import Code, Conflict, CounterfoilError, Denied, Invalid
from counterfoil.kernel.ids import NodeId
from counterfoil.secret import Kind
from counterfoil.tokens.model import State
from counterfoil.tokens.preview import offer, preview_token
from counterfoil.tokens.request import request_token
from counterfoil.tokens.revoke import revoke
from counterfoil.tokens.wish import Wish
from support.office import ORIGIN, START, StandingClock
from support.tokens import PUBLISH, READ, WRITE, Agency


@pytest.mark.each_engine
def test_an_admins_token_works_at_once(agency: Agency) -> None:
    """An admin needs nobody: the very next call with the token succeeds (A3, K8)."""
    made = agency.ask(agency.ada)
    assert made.request is None
    caller = agency.hall.verify(made.secret)
    assert (caller.user, caller.method, caller.token) == (
        agency.ada,
        Method.PERSONAL,
        made.token.id,
    )
    assert caller.grant.scopes == READ


@pytest.mark.each_engine
def test_a_members_token_waits_for_approval(agency: Agency) -> None:
    """A member's token opens nothing, and says so, until an admin approves (A7, A9, S22)."""
    asked = agency.ask(agency.dan)
    assert asked.request is not None
    assert agency.state(asked.token.id) is State.PENDING
    assert agency.hall.refusal(asked.secret) == Code.TOKEN_PENDING_APPROVAL
    agency.approve(asked)
    assert agency.state(asked.token.id) is State.ACTIVE
    assert agency.hall.verify(asked.secret).user == agency.dan


@pytest.mark.each_engine
def test_the_sixth_token_is_refused(agency: Agency) -> None:
    """Five tokens and no more, admins too; the refusal names limit and count (A4, S23)."""
    for number in range(5):
        agency.ask(agency.ada, f"token {number}")
    before = agency.counts()
    with pytest.raises(Conflict) as refused:
        agency.ask(agency.ada)
    assert refused.value.code is Code.TOKEN_QUOTA_EXCEEDED
    assert refused.value.meta == {"limit": 5, "count": 5}
    assert agency.counts() == before
    assert agency.ask(agency.dan).request is not None  # another user is not affected


@pytest.mark.each_engine
def test_what_counts_in_the_quota(agency: Agency, clock: StandingClock) -> None:
    """Pending, active and disabled tokens count; revoked and expired ones free their place (A6)."""
    for number in range(4):
        agency.ask(agency.dan, f"pending {number}")
    short = agency.ask(agency.dan, "short", expires_at=START + timedelta(hours=1))
    with pytest.raises(Conflict):
        agency.ask(agency.dan)
    clock.move_on(hours=1)
    fifth = agency.ask(agency.dan)
    with pytest.raises(Conflict):
        agency.ask(agency.dan)
    with agency.acting(agency.dan) as work:
        revoke(work, fifth.token.id)
    agency.ask(agency.dan)
    assert agency.state(short.token.id) is State.PENDING


@pytest.mark.each_engine
def test_tokens_that_were_cut_off_do_not_count(agency: Agency) -> None:
    """What a deactivation killed takes up no place once the user is back (A6, S20)."""
    for number in range(5):
        agency.ask(agency.dan, f"token {number}")
    with agency.acting(agency.ada) as work:
        deactivate(work, agency.dan)
    with agency.acting(agency.ada) as work:
        reactivate(work, agency.dan)
    assert agency.ask(agency.dan).request is not None


@pytest.mark.parametrize("method", [Method.PERSONAL, Method.SERVICE, Method.EXCHANGED])
def test_no_token_mints_a_personal_token(agency: Agency, method: Method) -> None:
    """Only a session asks for personal tokens; any token gets 403, on record (G3, G4, S17)."""
    before = agency.counts()
    with (
        pytest.raises(Denied) as refused,
        agency.office.work(agency.caller(agency.ada, method), ORIGIN) as work,
    ):
        request_token(work, Wish(name="child", scopes=READ))
    assert refused.value.code is Code.PAT_CANNOT_CREATE_PAT
    assert agency.counts() == before
    assert agency.trail()[-1] == ("token.request", "PAT_CANNOT_CREATE_PAT")


@pytest.mark.parametrize("name", ["", "   ", "x" * 101, "two\nlines", "nul\0", "\u2028",
                                  "\u200b", "\ufeff", "\u202e", "\u202elairegnaD", "\u3164",
                                  "a\u200bb"])  # fmt: skip
def test_a_token_needs_a_name(agency: Agency, name: str) -> None:
    """A blank, endless, many-lined or unreadable name is refused, and nothing made (A2, G12f)."""
    before = agency.counts()
    with pytest.raises(Invalid) as refused:
        agency.ask(agency.ada, name)
    assert refused.value.field == "/data/attributes/name"
    assert agency.counts() == before


@pytest.mark.parametrize("text", ["\u202edeviorppa", "a\u2066b", "bell\a"])
def test_what_is_said_of_a_token_reads_forwards(agency: Agency, text: str) -> None:
    """Whoever approves reads a description and a justification as they were written (A8)."""
    for field in ("description", "justification"):
        with pytest.raises(Invalid) as refused:
            agency.ask(agency.ada, "x", **{field: text})
        assert refused.value.field == f"/data/attributes/{field}"
    said = "two\nlines, עברית\u200f, 日本\u3000語"
    assert agency.ask(agency.ada, "x", description=said).token.description == said


def test_names_may_repeat(agency: Agency) -> None:
    """Two tokens may have one name: id and creation tell them apart (A20)."""
    one, other = agency.ask(agency.ada, "ci"), agency.ask(agency.ada, "ci")
    assert one.token.id != other.token.id


def test_a_scope_above_the_role_is_refused_by_name(agency: Agency) -> None:
    """A scope that no role of the member holds is refused by name, and nothing is created (X4)."""
    before = agency.counts()
    with pytest.raises(Invalid) as refused:
        agency.ask(agency.rea, scopes=READ | PUBLISH)
    assert refused.value.code is Code.SCOPE_ABOVE_ROLE
    assert refused.value.meta == {"scopes": ["content:publish"]}
    assert agency.counts() == before


def test_an_explicit_list_names_at_least_one_scope(agency: Agency) -> None:
    """In scope mode explicit, no scopes at all are refused (X11)."""
    for wish in ({"scopes": 0}, {"inherit": False}):
        with pytest.raises(Invalid) as refused:
            agency.ask(agency.ada, **({"inherit": False} | wish))
        assert refused.value.field == "/data/attributes/scopes"


@pytest.mark.each_engine
def test_roots_must_be_nodes_that_the_member_reaches(agency: Agency) -> None:
    """An unknown root and one out of reach are refused alike, at their place (S27, S31)."""
    agency.role("local", Scope.CONTENT_READ, roots=frozenset({agency.public}))
    liv = agency.hire("Liv", "local")
    agency.ask(liv, roots=frozenset({agency.press}))
    details = []
    for root in (agency.internal, agency.root, NodeId(4_000_000_000_000_000)):
        with pytest.raises(Invalid) as refused:
            agency.ask(liv, roots=frozenset({root}))
        assert refused.value.field == "/data/attributes/roots/0"
        details.append(refused.value.detail)
    assert len(set(details)) == 1


@pytest.mark.each_engine
def test_inherit_has_all_that_the_owner_has_now(agency: Agency) -> None:
    """In scope mode inherit a token follows its owner's role, up and down (G8, K2, X18)."""
    made = agency.granted(agency.dan, inherit=True)
    assert agency.hall.verify(made.secret).grant.scopes == agency.roles["developer"].scopes
    with agency.acting(agency.ada) as work:
        assign(work, agency.dan, [agency.roles["reader"].id])
    assert agency.hall.verify(made.secret).grant.scopes == agency.roles["reader"].scopes
    with agency.acting(agency.ada) as work:
        assign(work, agency.dan, [agency.roles["developer"].id])
    assert agency.hall.verify(made.secret).grant.scopes == agency.roles["developer"].scopes


def test_an_explicit_scope_returns_with_the_role(agency: Agency) -> None:
    """A scope that the role loses is gone on the next request and comes back with it (X18, G8)."""
    made = agency.granted(agency.dan, scopes=READ | WRITE)
    for role, has in (("reader", READ), ("developer", READ | WRITE)):
        with agency.acting(agency.ada) as work:
            assign(work, agency.dan, [agency.roles[role].id])
        assert agency.hall.verify(made.secret).grant.scopes == has


@pytest.mark.each_engine
def test_a_token_is_bounded_by_roots_and_surfaces(agency: Agency) -> None:
    """A token is let in at its surfaces and reaches into its roots, and nowhere else (Q10, D9)."""
    made = agency.ask(agency.ada, roots=frozenset({agency.public}), surfaces=Surface.DELIVERY.bit)
    grant = agency.hall.verify(made.secret).grant
    assert grant.limits == (frozenset({agency.public}),)
    with pytest.raises(Denied) as refused:
        grant.admit(Surface.MANAGEMENT)
    assert refused.value.code is Code.API_NOT_ENABLED_FOR_TOKEN


def test_an_outsider_asks_in_vain(agency: Agency) -> None:
    """Whoever is no active member gets no token (S20, S21)."""
    caller = agency.caller(agency.dan)
    with agency.acting(agency.ada) as work:
        deactivate(work, agency.dan)
    with pytest.raises(Denied) as refused, agency.office.work(caller, ORIGIN) as work:
        request_token(work, Wish(name="late", scopes=READ))
    assert refused.value.code is Code.NOT_A_MEMBER


def test_the_requester_learns_that_nobody_can_approve(agency: Agency) -> None:
    """With no other active approver the answer says so: nobody, and not the requester (A10d)."""
    assert agency.ask(agency.dan).approvers == 1
    bob = agency.hire("Bob", "admin")
    with agency.acting(bob) as work:
        deactivate(work, agency.ada)
    agency.role("approver", Scope.TOKENS_APPROVE, Scope.CONTENT_READ)
    with agency.acting(bob) as work:
        assign(work, agency.dan, [agency.roles["approver"].id])
    assert agency.ask(agency.dan).approvers == 1  # Bob; not Dan, though he may approve
    rea = agency.ask(agency.rea)
    assert rea.approvers == 2


@pytest.mark.each_engine
def test_a_preview_is_judged_by_the_same_rules(agency: Agency) -> None:
    """A preview refuses what would be refused, and makes nothing (X6)."""
    before = agency.counts()
    with agency.looking(agency.dan) as work:
        preview = preview_token(
            work, Wish(name="ci", scopes=READ, roots=frozenset({agency.public}))
        )
    assert preview.effective.scopes == READ
    assert preview.plan.places[0].needs_approval
    with pytest.raises(CounterfoilError) as refused, agency.looking(agency.rea) as work:
        preview_token(work, Wish(name="ci", scopes=PUBLISH))
    assert refused.value.code is Code.SCOPE_ABOVE_ROLE
    assert agency.counts() == before


@pytest.mark.each_engine
def test_the_offer_holds_what_can_be_granted_alone(agency: Agency) -> None:
    """The scopes on offer are the member's own; the server enforces the same (X6, X10)."""
    with agency.looking(agency.rea) as work:
        found = offer(work)
    assert found.scopes == agency.roles["reader"].scopes
    assert [choice.days for choice in found.expirations] == [7, 30, 60, 90, None]
    assert (found.quota, found.held, found.needs_approval) == (5, 0, True)
    for scope in Scope:
        if not found.scopes & scope.bit:
            with pytest.raises(Invalid):
                agency.ask(agency.rea, scopes=scopes(scope))


def test_the_owner_is_whoever_asks(agency: Agency) -> None:
    """A personal token is the asker's own, and acts in their name (G1, G7)."""
    made = agency.ask(agency.ada)
    token = made.token
    assert (token.owner, token.issuer, token.subject) == (agency.ada, agency.ada, agency.ada)
    assert token.kind is Kind.PERSONAL
    assert agency.hall.verify(made.secret).user == agency.ada


def test_nobody_in_particular_gets_no_token(agency: Agency) -> None:
    """A session without a user cannot own a token (G3)."""
    ghost = Caller(agency.id, None, Method.SESSION, Grant((Term(EVERY_SCOPE),)))
    with pytest.raises(Denied), agency.office.work(ghost, ORIGIN) as work:
        request_token(work, Wish(name="ghost", scopes=READ))
