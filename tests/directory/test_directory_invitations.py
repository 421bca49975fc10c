"""Whom another organization has becomes a member when they say so, and not before (S25)."""

from __future__ import annotations

import pytest

from counterfoil import directory
from counterfoil.directory.deactivate import deactivate_user
from counterfoil.directory.enroll import assign, end, enroll
from counterfoil.directory.join import decline_invitation, list_invitations
from counterfoil.directory.model import Person
from counterfoil.directory.show import list_users
from counterfoil.directory.steps.admit import Newcomer
from counterfoil.feed.event import MemberRecorded
from counterfoil.kernel.entropy import Entropy
from counterfoil.kernel.errors import Code, Conflict, Denied, NotFound
from counterfoil.kernel.ids import UserId
from counterfoil.kernel.page import Wanted
from counterfoil.runtime.database import Database
from counterfoil.signin.accept import accept_invitation
from support.directory import Company
from support.directory_doors import knock_as, new_user
from support.office import StandingClock, office_on


@pytest.fixture
def acme(any_database: Database, clock: StandingClock, entropy: Entropy) -> Company:
    return Company(office_on(any_database, clock, entropy))


@pytest.fixture
def rival(acme: Company) -> Company:
    return Company(acme.office, "Rival")


@pytest.fixture
def ben(acme: Company) -> UserId:
    return acme.hire("Ben", "developer")


def invited(rival: Company, *roles: str) -> Person:
    wanted = [rival.roles[role].id for role in roles or ("reader",)]
    with rival.acting(rival.ada) as work:
        return enroll(work, Newcomer("Guess", "BEN@people.test"), wanted)


def test_nothing_is_told_of_whom_another_has(acme: Company, rival: Company, ben: UserId) -> None:
    """An admin of one organization learns of another's people what they typed (S25, I6)."""
    del acme, ben
    seen = knock_as(rival, rival.ada)("POST", "/cma/users", new_user(rival, "BEN@people.test"))
    assert seen.status == 201
    shown = seen.json["data"]["attributes"]
    assert (shown["name"], shown["email"]) == ("Ben", "ben@people.test")
    assert (shown["active"], shown["is_admin"], shown["invited"]) == (False, False, True)
    invited_as = knock_as(rival, rival.ada)("GET", f"/cma/users/{seen.json['data']['id']}")
    assert invited_as.json["data"]["attributes"] == shown


def test_nor_is_anything_told_afterwards(acme: Company, rival: Company, ben: UserId) -> None:
    """Who never accepted goes by their inviter's word when the invitation is over (S25, I6)."""
    invited(rival)
    with rival.looking(rival.ada) as work:
        listed = {one.user.id: one for one in list_users(work, Wanted()).items}[ben]
        assert directory.name_in(work.tx, rival.id, ben) == listed.name == "Guess"
        assert directory.name_in(work.tx, acme.id, ben) == "Ben"
    version = f'"{rival.member(ben).version}"'
    over = knock_as(rival, rival.ada)("DELETE", f"/cma/users/{ben}", if_match=version)
    assert over.status == 200, over.json
    shown = over.json["data"]["attributes"]
    assert (shown["name"], shown["email"]) == ("Guess", "ben@people.test")
    assert (shown["active"], shown["invited"]) == (False, False)
    with rival.looking(rival.ada) as work:
        assert directory.name_in(work.tx, rival.id, ben) == "Guess"


def test_nothing_changes_for_them(acme: Company, rival: Company, ben: UserId) -> None:
    """An invitation counts nowhere: not at the gates, not against who has them (S25)."""
    before = acme.head()
    invited(rival, "admin")
    assert acme.events(before) == [
        MemberRecorded(
            organization=rival.id, user=ben, active=False, roles=(rival.roles["admin"].id,)
        )
    ]
    with acme.office.database.reading() as tx:
        assert [one.organization for one in directory.memberships(tx, ben) if one.active] == [
            acme.id
        ]
        assert directory.approvers(tx, rival.id) == [rival.ada]
    with pytest.raises(Conflict) as refusal, rival.acting(rival.ada) as work:
        assign(work, rival.ada, [rival.roles["reader"].id])
    assert refusal.value.code is Code.LAST_ADMIN
    with pytest.raises(Denied), rival.acting(rival.ada) as work:
        deactivate_user(work, ben)
    with acme.acting(acme.ada) as work:
        deactivate_user(work, ben)


def test_they_say_yes(acme: Company, rival: Company, ben: UserId) -> None:
    """Who signed in sees who invites them, and is a member from when they accept (K13)."""
    invited(rival)
    with acme.looking(ben) as work:
        assert [one.id for one in list_invitations(work)] == [rival.id]
    code = rival.code_for(ben)
    before = acme.head()
    with acme.acting(ben) as work:
        accept_invitation(work, rival.id, code)
    assert acme.events(before) == [
        MemberRecorded(
            organization=rival.id, user=ben, active=True, roles=(rival.roles["reader"].id,)
        )
    ]
    assert rival.member(ben).active
    shown = knock_as(rival, rival.ada)("GET", f"/cma/users/{ben}").json["data"]["attributes"]
    assert (shown["name"], shown["email"], shown["invited"]) == ("Ben", "ben@people.test", False)
    with pytest.raises(NotFound), acme.acting(ben) as work:
        accept_invitation(work, rival.id, code)


def test_they_say_no(acme: Company, rival: Company, ben: UserId) -> None:
    """Who declines is no member, and what was cut off before stays dead (S20)."""
    invited(rival)
    acme.joins(ben, rival)
    with rival.acting(rival.ada) as work:
        end(work, ben)
    with pytest.raises(NotFound):
        rival.member(ben)
    invited(rival)
    cut_off = rival.member(ben).cut_off
    assert cut_off > 0
    door = knock_as(acme, ben)
    declined = door("POST", f"/cma/invitations/{rival.id}/decline")
    assert (declined.status, declined.headers["counterfoil-position"]) == (204, str(rival.head()))
    assert door("GET", "/cma/invitations").json["data"] == []
    with pytest.raises(NotFound):
        rival.member(ben)
    invited(rival)
    body = {"data": {"type": "invitation", "attributes": {"code": rival.code_for(ben)}}}
    accepted = door("POST", f"/cma/invitations/{rival.id}/accept", body)
    assert (accepted.status, accepted.headers["counterfoil-position"]) == (200, str(rival.head()))
    assert rival.member(ben).cut_off == cut_off


def test_nobody_else_says_it(acme: Company, rival: Company, ben: UserId) -> None:
    """An invitation is its bearer's alone: to all others there is none, code or not (S25)."""
    invited(rival)
    code = rival.code_for(ben)
    for who in (acme.ada, rival.ada):
        company = acme if who == acme.ada else rival
        with pytest.raises(NotFound), company.acting(who) as work:
            accept_invitation(work, rival.id, code)
        with company.looking(who) as work:
            assert list_invitations(work) == []
    assert not rival.member(ben).active


def test_decline_of_nothing(acme: Company, rival: Company, ben: UserId) -> None:
    """A membership is ended by no declining (LAST_ADMIN holds)."""
    with pytest.raises(NotFound), acme.acting(ben) as work:
        decline_invitation(work, acme.id)
    with pytest.raises(NotFound), rival.acting(rival.ada) as work:
        decline_invitation(work, rival.id)
