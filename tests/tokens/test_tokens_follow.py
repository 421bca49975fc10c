"""A token of all organizations follows its owner into those that they join later."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from counterfoil import directory
from counterfoil.directory import Member
from counterfoil.directory.edit_policy import edit_policy
from counterfoil.directory.enroll import assign, end, enroll
from counterfoil.directory.steps.admit import Newcomer
from counterfoil.kernel.errors import Code, Conflict
from counterfoil.kernel.page import Wanted
from counterfoil.signin import awaited, invite
from counterfoil.tokens.approve import approve, deny
from counterfoil.tokens.request_model import RequestState
from counterfoil.tokens.revoke import revoke
from counterfoil.tokens.show import Inquiry, list_requests
from counterfoil.tokens.steps.issue import Requested
from counterfoil.tokens.wish import Wish
from support.office import START, StandingClock
from support.provider_only import demanding
from support.tokens import READ, Agency, Hall

pytestmark = pytest.mark.each_engine


@pytest.fixture(params=["agility", "default"])
def preset(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def acme(hall: Hall, preset: str) -> Agency:
    return Agency(hall, preset=preset)


@pytest.fixture
def beta(hall: Hall, preset: str) -> Agency:
    return Agency(hall, "Beta", preset)


def join(home: Agency, agency: Agency, role: str = "editor") -> Member:
    """Invite the Dan of the first organization into another one, and let him accept."""
    with agency.office.database.reading() as tx:
        dan = directory.user_by_email(tx, "danacme@people.test")
    assert dan is not None
    with agency.acting(agency.ada) as work:
        invited = enroll(work, Newcomer(dan.name, dan.email), [agency.roles[role].id])
    if invited.member.invited_as is not None:
        home.joins(home.dan, agency)
    with agency.office.database.reading() as tx:
        found = directory.member(tx, agency.id, dan.id)
    assert found is not None
    return found


def everywhere(acme: Agency, name: str = "laptop", **wish: Any) -> Requested:
    return acme.granted(acme.dan, name, **{"inherit": True, "span_all": True, **wish})


def waiting(agency: Agency) -> list[Inquiry]:
    with agency.looking(agency.ada) as work:
        found = list_requests(work, Wanted(), None).items
    return [one for one in found if one.request.state is RequestState.OPEN]


def test_who_joins_brings_their_token_along(acme: Agency, beta: Agency, preset: str) -> None:
    """Where nobody approves it works in the very next call; elsewhere it waits there (G1, K3)."""
    made = everywhere(acme)
    assert acme.hall.refusal(made.secret, beta.id) == Code.NOT_A_MEMBER
    join(acme, beta)
    if preset == "default":
        assert acme.hall.refusal(made.secret, beta.id) == Code.TOKEN_PENDING_APPROVAL
        (inquiry,) = waiting(beta)
        assert (inquiry.token.id, inquiry.request.requester) == (made.token.id, acme.dan)
        with beta.acting(beta.ada) as work:
            approve(work, inquiry.request.id, inquiry.request.version, Wish())
    assert waiting(beta) == []
    there = acme.hall.verify(made.secret, beta.id)
    assert (there.user, there.grant.scopes) == (acme.dan, beta.roles["editor"].scopes)
    assert acme.hall.verify(made.secret).organization == acme.id  # unnamed, as before, it is home
    assert ("token.extend", "allowed") in beta.trail()
    assert acme.hall.rebuilt() == acme.hall.replica.dump()


def test_a_denial_there_is_for_good(acme: Agency, beta: Agency) -> None:
    """What was denied or revoked in the new organization, nothing there brings back (G11)."""
    made = everywhere(acme)
    join(acme, beta)
    for inquiry in waiting(beta):
        with beta.acting(beta.ada) as work:
            deny(work, inquiry.request.id, inquiry.request.version, "Not here.")
    with beta.acting(beta.ada) as work:
        revoke(work, made.token.id)
        assign(work, acme.dan, [beta.roles["reader"].id])
    assert acme.hall.refusal(made.secret, beta.id) == Code.NOT_A_MEMBER
    assert acme.hall.refusal(made.secret, acme.id) == "allowed"
    assert waiting(beta) == []


def test_coming_back_revives_nothing(acme: Agency, beta: Agency) -> None:
    """Whoever left and joins again has no token from before there; a new one joins (S20)."""
    made = everywhere(acme)
    join(acme, beta)
    with beta.acting(beta.ada) as work:
        end(work, acme.dan)
    between = everywhere(acme, "between")
    join(acme, beta)
    for inquiry in waiting(beta):
        with suppress(Conflict), beta.acting(beta.ada) as work:
            approve(work, inquiry.request.id, inquiry.request.version, Wish())
    assert acme.hall.refusal(made.secret, beta.id) != "allowed"
    assert acme.hall.refusal(between.secret, beta.id) == "allowed"
    assert acme.hall.rebuilt() == acme.hall.replica.dump()


def test_only_such_tokens_follow(acme: Agency, beta: Agency, clock: StandingClock) -> None:
    """Tokens of one organization, restricted, revoked and expired ones stay at home (S25)."""
    stays = [
        everywhere(acme, "one", span_all=False),
        everywhere(acme, "restricted", roots=frozenset({acme.press})),
        everywhere(acme, "revoked"),
        everywhere(acme, "expired", expires_at=START + timedelta(hours=1)),
    ]
    with acme.acting(acme.dan) as work:
        revoke(work, stays[2].token.id)
    clock.move_on(hours=2)
    join(acme, beta)
    for made in stays:
        assert {grant.organization for grant in acme.token(made.token.id).grants} == {acme.id}
    assert waiting(beta) == []


@pytest.mark.parametrize("preset", ["default"])
def test_the_rules_there_hold(acme: Agency, beta: Agency, clock: StandingClock) -> None:
    """What the new organization's policy would refuse stays away, and the joining goes on (K3)."""
    made = [everywhere(acme, "long", expires_at=START + timedelta(days=300))]
    for number in range(3):
        clock.move_on(seconds=1)
        made.append(everywhere(acme, f"token {number}"))
    with beta.acting(beta.ada) as work:
        edit_policy(work, 1, {"quota": 2, "lifetime_max": "P3M"})
    assert join(acme, beta).active
    joined = [one.token.name for one in made if len(acme.token(one.token.id).grants) > 1]
    assert joined == ["token 0", "token 1"]


def test_scopes_stay_what_they_were(acme: Agency, beta: Agency) -> None:
    """An explicit token means the same scopes there, and no more than its owner has (K2, K13)."""
    made = everywhere(acme, scopes=READ, inherit=False)
    join(acme, beta)
    assert acme.token(made.token.id).grant_in(beta.id).bounds.scopes == READ


def test_what_a_former_holder_made_stays_away(acme: Agency, beta: Agency) -> None:
    """A token from before somebody got their account may be another's: it follows nowhere (S25)."""
    before = everywhere(acme, "before")
    with acme.acting(acme.ada) as work:
        invite(work, acme.dan)
    after = everywhere(acme, "after")
    join(acme, beta)
    assert {grant.organization for grant in acme.token(before.token.id).grants} == {acme.id}
    assert acme.token(after.token.id).grant_in(beta.id).bounds.scopes is None
    assert acme.hall.rebuilt() == acme.hall.replica.dump()


def test_a_token_of_an_account_left_behind_stays_there(acme: Agency, beta: Agency) -> None:
    """Who is let in anew, with a new way to sign in, brings nothing of before along (S20, S25)."""
    made = everywhere(acme)
    with acme.acting(acme.ada) as work:
        end(work, acme.dan)
    dan = Newcomer("Dan", "danacme@people.test")
    with beta.acting(beta.ada) as work:
        person = enroll(work, dan, [beta.roles["admin"].id])
        assert awaited(work, person)
        invite(work, person.user.id)
    assert {grant.organization for grant in acme.token(made.token.id).grants} == {acme.id}
    assert acme.hall.refusal(made.secret, beta.id) != "allowed"


def test_where_people_come_by_a_provider_none_follows(acme: Agency, beta: Agency) -> None:
    """Of an older token nobody can say that a provider vouched for who made it (S48, K3)."""
    made = everywhere(acme)
    demanding(beta)
    join(acme, beta)
    assert acme.hall.refusal(made.secret, beta.id) == Code.NOT_A_MEMBER
    assert waiting(beta) == []
    assert acme.hall.refusal(made.secret) == "allowed"
