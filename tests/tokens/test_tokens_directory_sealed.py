"""Whoever writes to the database and lacks the key of seals widens nobody (S5)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Table, delete, insert, select, update

from counterfoil import directory
from counterfoil.access.scope import Scope
from counterfoil.directory.deactivate import deactivate_user, reactivate_user
from counterfoil.directory.define_role import create_role, edit_role, restore_role
from counterfoil.directory.edit_policy import edit_policy, lift_provider
from counterfoil.directory.enroll import assign, deactivate, end, reactivate
from counterfoil.directory.presets import CLOSED
from counterfoil.directory.rounds import Rounds
from counterfoil.directory.store import seals
from counterfoil.directory.store.sealed import reseal
from counterfoil.directory.store.tables import (
    cut_offs,
    membership_roles,
    memberships,
    policies,
    roles,
    users,
)
from counterfoil.kernel.errors import Conflict, CounterfoilError, Denied, Invalid
from counterfoil.runtime.database import Database, Instant
from counterfoil.runtime.seal import OPTION, Seal
from counterfoil.secret import Secret
from counterfoil.tokens.approve import approve
from counterfoil.tokens.wish import Wish
from support.office import START
from support.tokens import Agency, Hall

pytestmark = pytest.mark.each_engine

TABLES = (users, memberships, membership_roles, roles, policies)


def write(agency: Agency, table: Table, *own: Any, **values: Any) -> None:
    """Change a row as somebody does who has the database alone."""
    with agency.office.database.transaction() as tx:
        assert tx.execute(update(table).where(*own).values(**values)).rowcount == 1


def of_rea(agency: Agency, table: Table) -> Any:
    """Return which row of a table is Rea's, who may only read."""
    if table is users:
        return (users.c.id == agency.rea,)
    if table is roles:
        return (roles.c.id == agency.roles["reader"].id,)
    if table is policies:
        return (policies.c.organization_id == agency.id,)
    return (table.c.user_id == agency.rea, table.c.organization_id == agency.id)


def another(value: Any, column: Any) -> Any:
    """Return something else that a column can hold."""
    if isinstance(column.type, Instant):
        return START.replace(year=2040)
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    if isinstance(value, list):
        return [*value, 1]
    if isinstance(value, str):
        return f"{value}x"[-8:]
    kind = column.type.python_type
    return {str: "P1D", int: 9, float: 9.5, object: [1]}[kind]


KEYS = {"id", "organization_id", "user_id", "role_id"}
EVERY = [
    (table, column.name)
    for table in TABLES
    for column in table.c
    if column.name not in KEYS and f"{table.name}.{column.name}" not in seals.UNSEALED
]


@pytest.mark.parametrize(("table", "name"), EVERY, ids=lambda one: getattr(one, "name", one))
def test_each_column_is_noticed(agency: Agency, table: Table, name: str) -> None:
    """Whatever column of a row somebody flips, it is closed, once, and stands in the trail (S5)."""
    own = of_rea(agency, table)
    with agency.office.database.reading() as tx:
        value = tx.execute(select(table.c[name]).where(*own)).scalar_one()
    write(agency, table, *own, **{name: another(value, table.c[name])})
    assert Rounds(agency.office).turn() == 1
    noun = "member" if table is memberships else table.name
    assert agency.trail().count((f"{noun}.distrust", "allowed")) == 1
    assert Rounds(agency.office).turn() == 0
    assert agency.hall.rebuilt() == agency.hall.replica.dump()


def test_every_column_is_sealed_or_said_not_to_be() -> None:
    """Nobody adds a column to these tables without saying whether it gives power (S5)."""
    kinds = (seals.USER, seals.MEMBERSHIP, seals.ROLE, seals.POLICY, seals.CUT_OFF)
    sealed = {f"{kind.name}.{name}" for kind in kinds for name in kind.columns}
    sealed |= {"membership_role.role_id"}
    present = {f"{table.name}.{one.name}" for table in (*TABLES, cut_offs) for one in table.c}
    assert sealed.isdisjoint(seals.UNSEALED)
    assert sealed | seals.UNSEALED == present


def test_what_nobody_changed_holds(agency: Agency) -> None:
    """What we have written ourselves is as it was sealed; a language is nobody's power (S5)."""
    agency.hire("Sam", "developer")
    write(agency, users, *of_rea(agency, users), language="de")
    before = agency.trail()
    assert Rounds(agency.office).turn() == 0
    assert agency.trail() == before
    assert agency.hall.rebuilt() == agency.hall.replica.dump()


def widened(agency: Agency) -> None:
    write(agency, roles, *of_rea(agency, roles), scopes=admin_row(agency).scopes)


def made_admin(agency: Agency) -> None:
    write(agency, membership_roles, *of_rea(agency, membership_roles), role_id=admin(agency))


def given_admin(agency: Agency) -> None:
    row = {"organization_id": agency.id, "user_id": agency.rea, "role_id": admin(agency)}
    with agency.office.database.transaction() as tx:
        tx.execute(insert(membership_roles).values(row))


def called_admin(agency: Agency) -> None:
    values = {"name": "admin", "name_folded": "admin", "scopes": admin_row(agency).scopes}
    write(agency, roles, roles.c.id == admin(agency), name="x", name_folded="x")
    write(agency, roles, *of_rea(agency, roles), built_in=True, **values)


def with_its_seal(agency: Agency) -> None:
    """Put the row of a stronger role in the place of hers, seal and all."""
    strong = admin_row(agency)
    write(agency, roles, *of_rea(agency, roles), scopes=strong.scopes, seal=strong.seal)


def admin(agency: Agency) -> int:
    return agency.roles["admin"].id


def admin_row(agency: Agency) -> Any:
    with agency.office.database.reading() as tx:
        return tx.execute(select(roles).where(roles.c.id == admin(agency))).one()


WIDER: dict[str, Callable[[Agency], None]] = {
    "a wider role": widened,
    "another role": made_admin,
    "one more role": given_admin,
    "a role that is called admin": called_admin,
    "a role with the seal of another": with_its_seal,
}


@pytest.mark.parametrize("change", WIDER)
def test_nobody_is_widened(agency: Agency, change: str) -> None:
    """Who was given power in the database has none at a verb, nor at a gate built anew (S5).

    A round takes what they had, too, for nobody can say what was meant; so no gate lets them in.
    """
    asked = agency.granted(agency.rea)
    wanted = agency.ask(agency.dan, "another").request
    assert wanted is not None
    assert agency.hall.refusal(asked.secret) == "allowed"
    WIDER[change](agency)
    assert not agency.member(agency.rea).is_admin
    with agency.acting(agency.rea) as work, pytest.raises(Denied):
        approve(work, wanted.id, wanted.version, Wish())
    agency.hall.replica.rebuild(agency.hall.source)
    assert powerless(agency, asked.secret)
    assert Rounds(agency.office).turn() >= 1
    assert powerless(agency, asked.secret)
    assert agency.hall.rebuilt() == agency.hall.replica.dump()


def powerless(agency: Agency, secret: Secret) -> bool:
    """Say whether a gate gives a token nothing."""
    try:
        return not any(term.scopes for term in agency.hall.verify(secret).grant.terms)
    except CounterfoilError:
        return True


def shut_out_here(agency: Agency) -> None:
    with agency.acting(agency.ada) as work:
        deactivate(work, agency.rea)


def shut_out_everywhere(agency: Agency) -> None:
    with agency.operating() as work:
        deactivate_user(work, agency.rea)


def gone(agency: Agency) -> None:
    with agency.acting(agency.ada) as work:
        end(work, agency.rea)


def let_in(agency: Agency, table: Table) -> None:
    values = {"active": True} if table is users else {"enabled": True, "ended_at": None}
    write(agency, table, *of_rea(agency, table), cut_off=0, **values)


def let_in_everywhere(agency: Agency) -> None:
    let_in(agency, users)
    let_in(agency, memberships)


BACK: dict[str, tuple[Callable[[Agency], None], Callable[[Agency], None]]] = {
    "a member": (shut_out_here, lambda agency: let_in(agency, memberships)),
    "a former member": (gone, lambda agency: let_in(agency, memberships)),
    "a user": (shut_out_everywhere, let_in_everywhere),
}


@pytest.mark.parametrize("who", BACK)
def test_nobody_who_was_shut_out_comes_back(agency: Agency, who: str) -> None:
    """Who is let in again in the database comes in nowhere, nor do their tokens (S5, S20)."""
    asked = agency.granted(agency.rea)
    out, back = BACK[who]
    out(agency)
    assert agency.hall.refusal(asked.secret) != "allowed"
    back(agency)
    for _ in range(2):
        assert not agency.member(agency.rea).active
        agency.hall.replica.rebuild(agency.hall.source)
        assert agency.hall.refusal(asked.secret) != "allowed"
        Rounds(agency.office).turn()


def test_nobody_is_moved_into_another_organization(agency: Agency, hall: Hall) -> None:
    """A membership that was written into another organization is none there (S5, S25)."""
    other = Agency(hall, "Globex")
    with agency.office.database.transaction() as tx:
        here = membership_roles.c.user_id == agency.ada
        tx.execute(delete(membership_roles).where(here))
        tx.execute(
            update(memberships)
            .where(memberships.c.user_id == agency.ada)
            .values(organization_id=other.id)
        )
        row = {"organization_id": other.id, "user_id": agency.ada, "role_id": admin(other)}
        tx.execute(insert(membership_roles).values(row))
    assert not other.member(agency.ada).active
    assert Rounds(agency.office).turn() == 1
    assert other.member(agency.ada).roles == ()


def test_a_policy_is_not_loosened(agency: Agency) -> None:
    """One that somebody changed is read as the tightest: no token is used from anywhere (S5)."""
    asked = agency.granted(agency.rea)
    write(agency, policies, *of_rea(agency, policies), quota=None, approval="nobody")
    with agency.office.database.reading() as tx:
        assert directory.policy(tx, agency.id).quota == 0
    with pytest.raises(CounterfoilError):
        agency.ask(agency.rea, "another")
    agency.hall.replica.rebuild(agency.hall.source)
    assert agency.hall.refusal(asked.secret) != "allowed"
    Rounds(agency.office).turn()
    with agency.office.database.reading() as tx:
        assert replace(directory.policy(tx, agency.id), version=1) == CLOSED


def test_no_verb_seals_what_somebody_wrote(agency: Agency) -> None:
    """Nothing is made of what was changed in the database; shutting out alone is (S5)."""
    write(agency, roles, *of_rea(agency, roles), scopes=3)
    write(agency, memberships, *of_rea(agency, memberships), cut_off=7)
    write(agency, policies, *of_rea(agency, policies), quota=900)
    with agency.acting(agency.ada) as work, pytest.raises(Conflict, match="in the database"):
        edit_policy(work, 1, {"quota": 7})
    with agency.acting(agency.ada) as work, pytest.raises(Conflict, match="in the database"):
        assign(work, agency.rea, [agency.roles["developer"].id])
    with agency.acting(agency.ada) as work:
        deactivate(work, agency.rea)
    assert Rounds(agency.office).turn() == 2
    assert agency.member(agency.rea).own_cut_off > 7
    write(agency, users, *of_rea(agency, users), cut_off=7)
    with agency.operating() as work, pytest.raises(Conflict, match="in the database"):
        reactivate_user(work, agency.rea)


def test_all_is_set_again_by_its_verb(agency: Agency) -> None:
    """What a round has closed opens by the verb that is there for it, and not by itself (S5)."""
    with agency.operating() as work:
        custom = create_role(work, "custom", Scope.CONTENT_READ.bit)
        assign(work, agency.rea, [custom.id])
    write(agency, roles, roles.c.id == custom.id, scopes=-1)
    write(agency, memberships, *of_rea(agency, memberships), cut_off=7)
    write(agency, users, *of_rea(agency, users), kind="service")
    write(agency, users, *of_rea(agency, users), kind="person", held_since=7)
    write(agency, policies, *of_rea(agency, policies), quota=900)
    assert Rounds(agency.office).turn() == 3  # to shut the user out closes their membership, too
    with agency.operating() as work:
        reactivate_user(work, agency.rea)
    with agency.operating() as work:
        reactivate(work, agency.rea)
        assign(work, agency.rea, [custom.id])
        edit_role(work, custom.id, lambda one: replace(one, scopes=3, roots=None))
    with agency.operating() as work:
        lift_provider(work)
        edit_policy(work, 3, {"token_roles": None, "ip_ranges": None}, "default")
    assert Rounds(agency.office).turn() == 0
    assert [term.scopes for term in agency.member(agency.rea).terms] == [3]
    agency.granted(agency.rea)


def test_a_built_in_role_is_restored_at_the_machine(agency: Agency) -> None:
    """The admins' role that was changed allows nothing, until the operator restores it (S5)."""
    write(agency, roles, roles.c.id == admin(agency), scopes=1)
    Rounds(agency.office).turn()
    assert not agency.member(agency.ada).is_admin
    with agency.operating() as work:
        assert restore_role(work, agency.roles["admin"].id, "admin")[1] == 1
    assert agency.member(agency.ada).is_admin
    assert agency.hall.rebuilt() == agency.hall.replica.dump()
    with agency.operating() as work, pytest.raises(Invalid):
        restore_role(work, agency.roles["admin"].id, "owner")


def test_where_the_directory_is_not_sealed_yet_it_is_believed(
    agency: Agency, database: Database
) -> None:
    """Beside servers that write no seals nothing is closed; who takes it as it is seals it (S5)."""
    write(agency, roles, *of_rea(agency, roles), seal=None)
    key = Seal(b"s" * 32)
    with database.transaction() as tx:
        told = tx.execution_options(**{OPTION: key.of_tokens})
        assert directory.member(told, agency.id, agency.rea).terms
    with database.transaction() as tx:
        told = tx.execution_options(**{OPTION: key})
        assert not any(term.scopes for term in directory.member(told, agency.id, agency.rea).terms)
        reseal(told)
    assert Rounds(agency.office).turn() == 0
    assert key.name != key.of_tokens.name
