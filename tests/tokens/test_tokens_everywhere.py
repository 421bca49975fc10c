"""Tokens that speak in all organizations of their owner, and the six presets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from msgspec import structs

from counterfoil import directory
from counterfoil.directory.enroll import deactivate, enroll
from counterfoil.directory.steps.admit import Newcomer
from counterfoil.kernel.errors import Code, Conflict, Denied, Invalid
from counterfoil.kernel.page import Wanted
from counterfoil.operation import Work
from counterfoil.tokens.approve import approve, deny
from counterfoil.tokens.edit import edit
from counterfoil.tokens.model import State
from counterfoil.tokens.renew import renew
from counterfoil.tokens.request import request_token
from counterfoil.tokens.revoke import revoke
from counterfoil.tokens.show import list_requests, list_tokens
from counterfoil.tokens.switch import disable
from counterfoil.tokens.wish import Wish
from support.office import ORIGIN, START
from support.provider_only import demanding
from support.tokens import READ, WRITE, Agency, Hall

pytestmark = pytest.mark.each_engine


@pytest.fixture
def two(hall: Hall) -> tuple[Agency, Agency]:
    """Two organizations; Dan develops in the first and edits in the second."""
    acme, beta = Agency(hall), Agency(hall, "Beta")
    person = directory.user_by_email
    with hall.database.reading() as tx:
        dan = person(tx, "danacme@people.test")
    assert dan is not None
    with beta.operating() as work:
        enroll(work, Newcomer(dan.name, dan.email), [beta.roles["editor"].id])
    beta.dan = dan.id
    return acme, beta


def test_one_token_speaks_in_every_organization(two: tuple[Agency, Agency]) -> None:
    """One token spans all organizations, with the role and approval of each (G1, K3, K13)."""
    acme, beta = two
    asked = acme.ask(acme.dan, inherit=True, span_all=True)
    assert {grant.organization for grant in asked.token.grants} == {acme.id, beta.id}
    acme.approve(asked)
    assert acme.hall.verify(asked.secret, acme.id).grant.scopes == acme.roles["developer"].scopes
    assert acme.hall.refusal(asked.secret, beta.id) == Code.TOKEN_PENDING_APPROVAL
    with beta.looking(beta.ada) as work:
        (there,) = list_requests(work, Wanted(), None).items
    with beta.acting(beta.ada) as work:
        approve(work, there.request.id, there.request.version, Wish())
    assert acme.hall.verify(asked.secret, beta.id).grant.scopes == beta.roles["editor"].scopes


def test_it_counts_in_each_quota(two: tuple[Agency, Agency]) -> None:
    """It takes a place in each organization; one that is full refuses the whole (K3, A4)."""
    acme, beta = two
    for number in range(4):
        beta.ask(beta.dan, f"token {number}")
    acme.ask(acme.dan, inherit=True, span_all=True)
    before = acme.counts()
    with pytest.raises(Conflict) as refused:
        acme.ask(acme.dan, inherit=True, span_all=True)
    assert refused.value.code is Code.TOKEN_QUOTA_EXCEEDED
    assert acme.counts() == before
    acme.ask(acme.dan)  # at home alone there is room


@pytest.mark.parametrize("vouched", ["nowhere", "home", "there", "everywhere"])
def test_what_keeps_a_session_out_gets_no_token_of_it(
    two: tuple[Agency, Agency], vouched: str
) -> None:
    """A session makes no token for an organization that it does not open itself (S48, K13).

    Nor a successor of one. At home alone, and where nobody asks for a provider, it goes on.
    """
    acme, beta = two
    places = {"nowhere": (), "home": (acme.id,), "there": (beta.id,), "everywhere": None}[vouched]
    caller = structs.replace(acme.caller(acme.dan), vouched_in=places)

    def tried(verb: Callable[[Work], object]) -> str:
        try:
            with acme.office.work(caller, ORIGIN) as work:
                verb(work)
        except Invalid as error:
            return error.field or ""
        return "allowed"

    wish = Wish(name="both", inherit=True, span_all=True)
    old = acme.ask(acme.dan, inherit=True, span_all=True)
    assert tried(lambda work: request_token(work, wish)) == "allowed"
    demanding(beta)
    before = acme.counts()
    expected = "allowed" if vouched in {"there", "everywhere"} else "/data/attributes/span"
    assert tried(lambda work: request_token(work, wish)) == expected
    assert tried(lambda work: renew(work, old.token.id, Wish())) == expected
    assert (acme.counts() == before) is (expected != "allowed")
    assert tried(lambda work: request_token(work, replace(wish, span_all=False))) == "allowed"


def test_a_denial_elsewhere_leaves_the_others(two: tuple[Agency, Agency]) -> None:
    """One organization denies, disables or revokes for itself, and for no other (K13, A24)."""
    acme, beta = two
    asked = acme.ask(acme.dan, inherit=True, span_all=True)
    acme.approve(asked)
    with beta.looking(beta.ada) as work:
        (there,) = list_requests(work, Wanted(), None).items
    with beta.acting(beta.ada) as work:
        deny(work, there.request.id, there.request.version, "Not here.")
    assert acme.hall.refusal(asked.secret, acme.id) == "allowed"
    assert acme.hall.refusal(asked.secret, beta.id) == Code.NOT_A_MEMBER
    with beta.acting(beta.ada) as work:
        assert revoke(work, asked.token.id).state_in(beta.id) is State.DENIED
    assert acme.hall.refusal(asked.secret, acme.id) == "allowed"
    assert acme.hall.rebuilt() == acme.hall.replica.dump()


def test_an_admin_ends_it_at_home_only(two: tuple[Agency, Agency]) -> None:
    """An admin revokes it in their own organization; its owner ends it everywhere (A24, G15)."""
    acme, beta = two
    asked = acme.ask(acme.dan, inherit=True, span_all=True)
    acme.approve(asked)
    with beta.looking(beta.ada) as work:
        (there,) = list_requests(work, Wanted(), None).items
    with beta.acting(beta.ada) as work:
        approve(work, there.request.id, there.request.version, Wish())
    with acme.acting(acme.ada) as work:
        disable(work, asked.token.id)
    assert acme.hall.refusal(asked.secret, acme.id) == Code.TOKEN_DISABLED
    assert acme.hall.refusal(asked.secret, beta.id) == "allowed"
    with acme.acting(acme.ada) as work:
        revoke(work, asked.token.id)
    assert acme.hall.refusal(asked.secret, beta.id) == "allowed"
    assert acme.hall.rebuilt() == acme.hall.replica.dump()
    with beta.acting(beta.dan) as work:
        revoke(work, asked.token.id)
    assert acme.hall.refusal(asked.secret, beta.id) == Code.INVALID_TOKEN


def test_a_lost_membership_ends_it_there(two: tuple[Agency, Agency]) -> None:
    """Membership lost in one organization: 403 there, and still good in the other (K13)."""
    acme, beta = two
    asked = acme.ask(acme.dan, inherit=True, span_all=True)
    acme.approve(asked)
    with beta.looking(beta.ada) as work:
        (there,) = list_requests(work, Wanted(), None).items
    with beta.acting(beta.ada) as work:
        approve(work, there.request.id, there.request.version, Wish())
    with beta.acting(beta.ada) as work:
        deactivate(work, beta.dan)
    assert acme.hall.refusal(asked.secret, acme.id) == "allowed"
    with pytest.raises(Denied) as refused:
        acme.hall.verify(asked.secret, beta.id)
    assert refused.value.code is Code.NOT_A_MEMBER
    assert acme.state(asked.token.id, beta.id) is State.REVOKED
    assert acme.state(asked.token.id, acme.id) is State.ACTIVE


def test_one_place_narrows_no_other(two: tuple[Agency, Agency]) -> None:
    """Bounds are edited place by place; the end is not one approver's to move (K13)."""
    acme, beta = two
    asked = acme.ask(acme.dan, inherit=True, span_all=True)
    with pytest.raises(Invalid):
        acme.approve(asked, expires_at=START + timedelta(days=1))
    acme.approve(asked, scopes=READ)
    assert acme.hall.verify(asked.secret, acme.id).grant.scopes == READ
    with beta.acting(beta.dan) as work:
        edited = edit(work, asked.token.id, Wish(scopes=READ | WRITE))
    assert edited.token.grant_in(beta.id).bounds.scopes == READ | WRITE
    assert edited.token.grant_in(acme.id).bounds.scopes == READ


def test_roots_belong_to_one_organization(two: tuple[Agency, Agency]) -> None:
    """A token of all organizations takes no roots, and no scope held nowhere (K13)."""
    acme, _ = two
    with pytest.raises(Invalid) as refused:
        acme.ask(acme.dan, inherit=True, span_all=True, roots=frozenset({acme.press}))
    assert refused.value.field == "/data/attributes/roots"
    with pytest.raises(Invalid):
        acme.ask(acme.dan, scopes=1 << 12, span_all=True)


def test_other_admins_see_their_part(two: tuple[Agency, Agency]) -> None:
    """Each organization lists the token; its own state is what its admin sees (S25, A24)."""
    acme, beta = two
    asked = acme.ask(acme.dan, inherit=True, span_all=True)
    acme.approve(asked)
    for agency, state in ((acme, State.ACTIVE), (beta, State.PENDING)):
        with agency.looking(agency.ada) as work:
            (seen,) = list_tokens(work, Wanted(), None).items
        assert seen.token.state_in(agency.id) is state
