"""Members come, change, are shut out, come back and leave, on both engines."""

from __future__ import annotations

import pytest

from counterfoil import directory
from counterfoil.access.caller import Method
from counterfoil.access.scope import Scope
from counterfoil.directory.deactivate import deactivate_user, reactivate_user
from counterfoil.directory.enroll import assign, deactivate, end, enroll, reactivate
from counterfoil.directory.show import list_users
from counterfoil.directory.steps.admit import Newcomer
from counterfoil.feed.event import CutOff, MemberRecorded
from counterfoil.kernel.entropy import Entropy
from counterfoil.kernel.errors import Code, Conflict, Denied, Invalid, NotFound, Stale
from counterfoil.kernel.ids import RoleId, UserId
from counterfoil.kernel.page import Wanted
from counterfoil.runtime.database import Database
from support.directory import Company
from support.office import StandingClock, office_on


@pytest.fixture
def acme(any_database: Database, clock: StandingClock, entropy: Entropy) -> Company:
    return Company(office_on(any_database, clock, entropy))


def test_a_person_is_enrolled(acme: Company) -> None:
    """An admin enrols a person with roles, and the gates hear of the member (S20)."""
    before = acme.head()
    with acme.acting(acme.ada) as work:
        person = enroll(work, Newcomer("Ben", "Ben@People.test"), [acme.roles["editor"].id])
    assert person.user.email == "Ben@People.test"
    assert acme.events(before) == [
        MemberRecorded(
            organization=acme.id,
            user=person.user.id,
            active=True,
            roles=(acme.roles["editor"].id,),
        )
    ]


def test_an_address_is_one_person_whatever_its_case(acme: Company) -> None:
    """Two spellings of one e-mail address are one user, so nobody is enrolled twice (S26)."""
    acme.hire("Ben", "reader")
    with pytest.raises(Conflict) as refusal, acme.acting(acme.ada) as work:
        enroll(work, Newcomer("Benjamin", " BEN@people.TEST "), [])
    assert refusal.value.code is Code.NAME_TAKEN


def test_several_roles_are_a_list_of_terms(acme: Company) -> None:
    """Several roles give their union, term by term and never merged (X5)."""
    acme.role("scorer", Scope.AUDIT_READ)
    ben = acme.hire("Ben", "reader", "scorer")
    terms = {term.scopes for term in acme.member(ben).terms}
    assert terms == {acme.roles["reader"].scopes, Scope.AUDIT_READ.bit}


def test_new_roles_replace_the_old(acme: Company) -> None:
    """A member's roles change at once and only the member is told of, no token (G8, X18)."""
    ben, before = acme.hire("Ben", "developer"), acme.head()
    with acme.acting(acme.ada) as work:
        assign(work, ben, [acme.roles["reader"].id])
    assert [type(event) for event in acme.events(before)] == [MemberRecorded]
    assert acme.member(ben).role_ids == (acme.roles["reader"].id,)


def test_what_changes_nothing_says_nothing(acme: Company) -> None:
    """The same roles, or shutting in who is in, move neither the version nor the feed (S20)."""
    ben = acme.hire("Ben", "reader")
    before, was = acme.head(), acme.member(ben)
    with acme.acting(acme.ada) as work:
        assign(work, ben, [acme.roles["reader"].id])
        reactivate(work, ben)
    assert (acme.head(), acme.member(ben)) == (before, was)


def test_deactivation_cuts_off_and_return_restores_nothing(acme: Company) -> None:
    """Who was shut out comes back with their roles but without what was made before (S20)."""
    ben, position = acme.hire("Ben", "editor"), acme.head()
    with acme.acting(acme.ada) as work:
        deactivate(work, ben)
    out = acme.member(ben)
    assert (out.active, out.terms, out.cut_off) == (False, (), position)
    with acme.acting(acme.ada) as work:
        reactivate(work, ben)
    back = acme.member(ben)
    assert back.active
    assert back.role_ids == (acme.roles["editor"].id,)
    assert back.cut_off == position
    last = acme.events(position)[-1]
    assert isinstance(last, MemberRecorded)
    assert (last.active, last.cut_off) == (True, position)


def test_an_ended_membership_is_no_more(acme: Company) -> None:
    """After the end there is no member, no role, and a cut-off that outlives a return (S20)."""
    ben, position = acme.hire("Ben", "editor"), acme.head()
    with acme.acting(acme.ada) as work:
        end(work, ben)
    with pytest.raises(NotFound):
        acme.member(ben)
    assert acme.events(position) == [
        MemberRecorded(organization=acme.id, user=ben, active=False, roles=(), cut_off=position)
    ]
    assert acme.hire("Ben", "reader") == ben
    assert (acme.member(ben).cut_off, acme.member(ben).active) == (position, True)


def test_the_last_admin_stays(acme: Company) -> None:
    """The last active admin is neither demoted nor shut out nor removed; one of two is."""
    acme.hire("Ben", "editor")
    for act in (deactivate, end, deactivate_user):
        with pytest.raises(Conflict) as refusal, acme.acting(acme.ada) as work:
            act(work, acme.ada)
        assert refusal.value.code is Code.LAST_ADMIN
    with pytest.raises(Conflict), acme.acting(acme.ada) as work:
        assign(work, acme.ada, [acme.roles["reader"].id])
    assert acme.member(acme.ada).is_admin
    acme.hire("Cem", "admin")
    with acme.acting(acme.ada) as work:
        deactivate(work, acme.ada)
    assert not acme.member(acme.ada).active


def test_an_admin_who_cannot_come_in_does_not_count(acme: Company) -> None:
    """Neither a deactivated admin nor a service user stands in for the last one (S20)."""
    cem = acme.hire("Cem", "admin")
    with acme.acting(acme.ada) as work:
        deactivate(work, cem)
        enroll(work, Newcomer("robot", None), [acme.roles["admin"].id])
    with pytest.raises(Conflict), acme.acting(acme.ada) as work:
        end(work, acme.ada)


def test_nobody_makes_anybody_more_powerful_than_themselves(acme: Company) -> None:
    """Who manages users hands out roles within their own, to others and themselves (D11)."""
    acme.role("staff", Scope.USERS_MANAGE, Scope.CONTENT_READ)
    eve = acme.hire("Eve", "staff")
    admin = [acme.roles["admin"].id]
    with pytest.raises(Denied) as refusal, acme.acting(eve) as work:
        assign(work, eve, admin)
    assert refusal.value.code is Code.INSUFFICIENT_ROLE
    assert "tokens:approve" in refusal.value.meta["scopes"]
    with pytest.raises(Denied), acme.acting(eve) as work:
        enroll(work, Newcomer("Mallory", "m@people.test"), admin)
    with pytest.raises(Denied), acme.acting(eve) as work:
        deactivate(work, acme.ada)
    acme.role("reads", Scope.CONTENT_READ)
    with acme.acting(eve) as work:
        enroll(work, Newcomer("Fay", "fay@people.test"), [acme.roles["reads"].id])


def test_a_rooted_role_does_not_hand_out_the_whole_tree(acme: Company) -> None:
    """A role with roots lies not over the same role without them (S25)."""
    acme.role("here", Scope.USERS_MANAGE, Scope.CONTENT_READ, roots=frozenset({acme.root}))
    acme.role("anywhere", Scope.CONTENT_READ)
    acme.role("narrow", Scope.CONTENT_READ, roots=frozenset({acme.root}))
    eve = acme.hire("Eve", "here")
    with pytest.raises(Denied), acme.acting(eve) as work:
        enroll(work, Newcomer("Fay", "f@people.test"), [acme.roles["anywhere"].id])
    with acme.acting(eve) as work:
        enroll(work, Newcomer("Gus", "g@people.test"), [acme.roles["narrow"].id])


@pytest.mark.parametrize("method", [Method.PERSONAL, Method.SERVICE, Method.EXCHANGED])
def test_no_token_manages_users(acme: Company, method: Method) -> None:
    """An administrator's token enrols, changes and removes nobody, whatever its kind (G9)."""
    ben, before = acme.hire("Ben", "reader"), acme.head()
    for act in (deactivate, reactivate, end, deactivate_user, reactivate_user):
        with pytest.raises(Denied) as refusal, acme.acting(acme.ada, method) as work:
            act(work, ben)
        assert refusal.value.code is Code.PAT_CANNOT_MANAGE_USERS
    with pytest.raises(Denied), acme.acting(acme.ada, method) as work:
        enroll(work, Newcomer("Mallory", "m@people.test"), [])
    with pytest.raises(Denied), acme.acting(acme.ada, method) as work:
        assign(work, ben, [])
    assert acme.head() == before


def test_a_personal_token_may_read_users(acme: Company) -> None:
    """Users are there to read for a personal token, in pages that lose nobody (G9)."""
    hired = {acme.ada, *(acme.hire(name, "reader") for name in ("Ben", "Cem", "Dee", "Eli"))}
    found: list[UserId] = []
    after = None
    while True:
        with acme.looking(acme.ada, Method.PERSONAL) as work:
            page = list_users(work, Wanted(size=2, after=after))
        found += [person.user.id for person in page.items]
        assert page.total == len(hired)
        if (after := page.after) is None:
            break
    assert len(found) == len(hired)
    assert set(found) == hired


def test_the_version_that_was_seen_counts(acme: Company) -> None:
    """A change decided upon an older version is refused (S22)."""
    ben = acme.hire("Ben", "reader")
    with acme.acting(acme.ada) as work:
        assign(work, ben, [acme.roles["editor"].id], 1)
    with pytest.raises(Stale), acme.acting(acme.ada) as work:
        assign(work, ben, [acme.roles["reader"].id], 1)


def test_a_user_is_shut_out_everywhere(acme: Company) -> None:
    """A user shut out of all organizations comes back without what was made (S20, Q18)."""
    beta = Company(acme.office, "Beta")
    ben = acme.hire("Ben", "reader")
    assert beta.hire("Ben", "editor") == ben
    position = acme.head()
    with acme.operating() as work:
        deactivate_user(work, ben)
    told = acme.events(position)
    assert told[0] == CutOff(subject=ben, at=position)
    assert {event.organization for event in told[1:]} == {acme.id, beta.id}
    for company in (acme, beta):
        out = company.member(ben)
        assert (out.active, out.terms, out.cut_off) == (False, (), position)
    with acme.operating() as work:
        reactivate_user(work, ben)
    for company in (acme, beta):
        assert company.member(ben).active
        assert company.member(ben).cut_off == position


def test_an_admin_shuts_nobody_out_of_other_organizations(acme: Company) -> None:
    """Of a person whom others know too, an admin ends only what is their own (S25)."""
    beta = Company(acme.office, "Beta")
    ben = acme.hire("Ben", "reader")
    beta.hire("Ben", "editor")
    with acme.acting(acme.ada) as work:
        assert not deactivate_user(work, ben).member.active
    assert not acme.member(ben).active
    assert beta.member(ben).active
    with acme.acting(acme.ada) as work:
        assert reactivate_user(work, ben).member.active


def test_an_account_is_no_organizations(acme: Company) -> None:
    """Whom one organization had and shut out, another one hires and has (S25)."""
    beta = Company(acme.office, "Beta")
    ben = acme.hire("Ben", "reader")
    with acme.acting(acme.ada) as work:
        deactivate_user(work, ben)
    assert beta.hire("Ben", "editor") == ben
    assert beta.member(ben).active
    assert not acme.member(ben).active


def test_whom_the_operator_shut_out_no_admin_lets_in(acme: Company) -> None:
    """What the operator closed for the whole installation, an admin cannot open (S20)."""
    ben = acme.hire("Ben", "reader")
    with acme.operating() as work:
        deactivate_user(work, ben)
    with pytest.raises(Denied), acme.acting(acme.ada) as work:
        reactivate_user(work, ben)
    assert not acme.member(ben).active


def test_approvers_are_active_people_with_the_scope(acme: Company) -> None:
    """Only people who may come in and whose roles approve tokens are approvers (S22)."""
    acme.role("approves", Scope.TOKENS_APPROVE)
    ben, cem = acme.hire("Ben", "approves"), acme.hire("Cem", "admin")
    acme.hire("Dee", "developer")
    with acme.acting(acme.ada) as work:
        deactivate(work, cem)
        enroll(work, Newcomer("robot", None), [acme.roles["admin"].id])
    with acme.office.database.reading() as tx:
        assert set(directory.approvers(tx, acme.id)) == {acme.ada, ben}


@pytest.mark.parametrize(
    "email",
    ["", "ben", "a b@c.test", "@c.test", "a@", "a@b@c", "a" * 260 + "@b.c", "\ufdfa" * 40 + "@b.c"],
)
def test_what_is_no_address_is_refused(acme: Company, email: str) -> None:
    """A person needs an e-mail address that can be one (S38)."""
    with pytest.raises(Invalid) as refusal, acme.acting(acme.ada) as work:
        enroll(work, Newcomer("Ben", email), [])
    assert refusal.value.field == "/data/attributes/email"


@pytest.mark.parametrize(
    "name", ["", "   ", "a\tb", "a\nb", "x" * 201, "\ufdfa" * 40, "\u200b", "a\u202eb"]
)
def test_what_is_no_name_is_refused(acme: Company, name: str) -> None:
    """A name can be seen, and fits in a line (S38)."""
    with pytest.raises(Invalid) as refusal, acme.acting(acme.ada) as work:
        enroll(work, Newcomer(name, "ben@people.test"), [])
    assert refusal.value.field == "/data/attributes/name"


def test_an_unknown_role_is_named(acme: Company) -> None:
    """A role that is not there is refused by its place, and nobody is enrolled (S24)."""
    with pytest.raises(Invalid) as refusal, acme.acting(acme.ada) as work:
        enroll(work, Newcomer("Ben", "b@people.test"), [acme.roles["reader"].id, RoleId(10**15)])
    assert refusal.value.field == "/data/relationships/roles/data/1/id"
    with acme.office.database.reading() as tx:
        assert directory.user_by_email(tx, "b@people.test") is None
