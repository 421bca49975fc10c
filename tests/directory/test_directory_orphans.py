"""Stray rows give nothing, and another organization's ids are unknown."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import text

from counterfoil import directory
from counterfoil.access.caller import Method
from counterfoil.directory.deactivate import deactivate_user, reactivate_user
from counterfoil.directory.enroll import assign, deactivate, end, reactivate
from counterfoil.directory.show import list_organizations, list_roles, list_users, show_user
from counterfoil.kernel.errors import NotFound
from counterfoil.kernel.ids import OrganizationId, UserId
from counterfoil.kernel.page import Wanted
from counterfoil.office import Office
from counterfoil.operation import Work
from support.directory import Company


@pytest.fixture
def acme(office: Office) -> Company:
    return Company(office)


@pytest.fixture
def beta(acme: Company) -> Company:
    return Company(acme.office, "Beta")


STRAY_ROLE = "INSERT INTO membership_role (organization_id, user_id, role_id) VALUES (?, ?, ?)"
STRAY_ADMIN = (
    "INSERT INTO role (id, organization_id, name, name_folded, scopes, custom, built_in, version)"
    " VALUES (2345678901234567, ?, 'admin', 'admin two', 0, '[]', 0, 1)"
)
STRAY_MEMBER = (
    "INSERT INTO membership (organization_id, user_id, enabled, cut_off, joined_at, version)"
    " VALUES (?, 3456789012345678, 1, 0, 0, 1)"
)


def plant(company: Company, *rows: tuple[str, *tuple[object, ...]]) -> None:
    """Write rows past every constraint, as a broken restore or an import might."""
    raw = company.office.database.engine.raw_connection()
    try:
        cursor = raw.cursor()
        cursor.execute("PRAGMA foreign_keys=OFF")
        for statement, *values in rows:
            cursor.execute(statement, values)
        raw.commit()
        cursor.execute("PRAGMA foreign_keys=ON")
    finally:
        raw.close()


def test_a_stray_role_gives_no_power(acme: Company, beta: Company) -> None:
    """A membership's link to another organization's role, or to none, adds no term (S21)."""
    ben = acme.hire("Ben")
    theirs = beta.roles["admin"].id
    plant(
        acme,
        (STRAY_ROLE, acme.id, ben, theirs),
        (STRAY_ROLE, acme.id, ben, 1234567890123456),
        (STRAY_ROLE, beta.id, ben, theirs),
    )
    assert acme.member(ben).terms == ()
    assert not acme.member(ben).is_admin
    with pytest.raises(NotFound):
        beta.member(ben)
    with acme.office.database.reading() as tx:
        assert ben not in directory.approvers(tx, beta.id)


def test_a_role_that_names_itself_admin_is_none(acme: Company) -> None:
    """Only the built-in role makes an admin, not a row of the same name (S21)."""
    ben = acme.hire("Ben")
    plant(
        acme,
        (STRAY_ADMIN, acme.id),
        (STRAY_ROLE, acme.id, ben, 2345678901234567),
    )
    assert not acme.member(ben).is_admin


def test_roles_left_behind_a_membership_are_asleep(acme: Company) -> None:
    """Role rows of a membership that ended or is switched off give no term (S21)."""
    ben = acme.hire("Ben", "admin")
    plant(acme, ("UPDATE membership SET enabled = 0 WHERE user_id = ?", ben))
    assert acme.member(ben).terms == ()
    plant(acme, ("UPDATE membership SET enabled = 1, ended_at = 5 WHERE user_id = ?", ben))
    with pytest.raises(NotFound):
        acme.member(ben)


def test_a_membership_of_nobody_is_none(acme: Company) -> None:
    """A membership without its user is nobody's and is listed nowhere (S21)."""
    plant(acme, (STRAY_MEMBER, acme.id))
    with pytest.raises(NotFound):
        acme.member(UserId(3456789012345678))
    with acme.looking(acme.ada) as work:
        assert [person.user.id for person in list_users(work, Wanted()).items] == [acme.ada]


VERBS: list[Callable[[Work, UserId], object]] = [
    lambda work, id_: assign(work, id_, []),
    deactivate,
    reactivate,
    end,
    deactivate_user,
    reactivate_user,
]


@pytest.mark.parametrize("verb", VERBS)
def test_a_stranger_is_unknown(
    acme: Company, beta: Company, verb: Callable[[Work, UserId], object]
) -> None:
    """Another organization's member and nobody at all get the same answer from every verb (S25)."""
    theirs = beta.hire("Zoe", "reader")
    answers = []
    for id_ in (theirs, UserId(10**15)):
        with pytest.raises(NotFound) as refusal, acme.acting(acme.ada) as work:
            verb(work, id_)
        answers.append((str(refusal.value), refusal.value.field, refusal.value.meta))
    assert answers[0] == answers[1]
    assert beta.member(theirs).active


def test_what_is_not_there_is_not_found(acme: Company, beta: Company) -> None:
    """Look-ups by id and by name find nothing of another organization, nor of nobody's (S25)."""
    nobody = OrganizationId(10**15)
    press = beta.role("Press")
    with acme.office.database.reading() as tx:
        assert directory.role_named(tx, beta.id, "PRESS") == press
        assert directory.user_by_email(tx, "ADA@acme.TEST") == acme.founded.admin.user
        assert directory.memberships(tx, acme.ada) == [acme.member(acme.ada)]
        missing: list[Callable[[], object]] = [
            lambda: directory.role_named(tx, acme.id, "Press"),
            lambda: directory.role(tx, acme.id, press.id),
            lambda: directory.organization(tx, nobody),
            lambda: directory.policy(tx, nobody),
            lambda: directory.user(tx, UserId(10**15)),
            lambda: directory.member(tx, beta.id, acme.ada),
            lambda: directory.hold_member(tx, beta.id, acme.ada),
        ]
        for look in missing:
            with pytest.raises(NotFound):
                look()


def test_lists_stay_at_home(acme: Company, beta: Company) -> None:
    """Lists and look-ups show one's own organization alone (S25)."""
    theirs = beta.hire("Zoe", "reader")
    with acme.looking(acme.ada) as work:
        assert {person.user.id for person in list_users(work, Wanted()).items} == {acme.ada}
        assert {role.organization for role in list_roles(work)} == {acme.id}
    with pytest.raises(NotFound), acme.looking(acme.ada) as work:
        show_user(work, theirs)


def test_a_token_does_not_tell_of_other_organizations(acme: Company, beta: Company) -> None:
    """Who signed in sees all their organizations; a token, the one where it speaks (S25, K3)."""
    ben = acme.hire("Ben", "reader")
    beta.hire("Ben", "reader")
    with acme.looking(ben) as work:
        assert {one.organization.id for one in list_organizations(work)} == {acme.id, beta.id}
    with acme.looking(ben, Method.PERSONAL) as work:
        assert [one.organization.id for one in list_organizations(work)] == [acme.id]
    with beta.operating() as work:
        deactivate(work, ben)
    with acme.looking(ben) as work:
        assert [one.organization.id for one in list_organizations(work)] == [acme.id]


def test_constraints_hold_where_they_are_on(acme: Company, beta: Company) -> None:
    """The database itself refuses a link across organizations (S25)."""
    ben = acme.hire("Ben")
    with pytest.raises(Exception, match="FOREIGN KEY"), acme.office.database.transaction() as tx:
        tx.execute(
            text("INSERT INTO membership_role VALUES (:org, :user, :role)"),
            {"org": acme.id, "user": ben, "role": beta.roles["admin"].id},
        )
