"""An organization begins, on both engines."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from counterfoil import directory
from counterfoil.access.caller import Method
from counterfoil.access.role import BUILT_IN
from counterfoil.content import lineage
from counterfoil.directory import presets
from counterfoil.directory.found import create_organization
from counterfoil.directory.steps.admit import Newcomer
from counterfoil.directory.store.roles import roles_in
from counterfoil.directory.store.tables import organizations, users
from counterfoil.kernel.entropy import Entropy
from counterfoil.kernel.errors import Denied, Invalid
from counterfoil.office import Office
from counterfoil.runtime.database import Database
from support.founding import bootstrap
from support.office import ORIGIN, StandingClock, office_on, session


@pytest.fixture
def empty(any_database: Database, clock: StandingClock, entropy: Entropy) -> Office:
    return office_on(any_database, clock, entropy)


def test_an_organization_begins_whole(empty: Office) -> None:
    """Founding gives roles, a root node, a policy and one admin, in one transaction (S21, K10)."""
    founded = bootstrap(empty, organization="Acme", email="ada@acme.test", name="Ada")
    id_ = founded.organization.id
    with empty.database.reading() as tx:
        assert directory.organization(tx, id_) == founded.organization
        assert lineage(tx, id_, founded.organization.root) == {founded.organization.root}
        assert {role.name for role in roles_in(tx, id_)} == set(BUILT_IN)
        assert directory.member(tx, id_, founded.admin.user.id).is_admin
        assert directory.policy(tx, id_) == presets.PRESETS["default"]


@pytest.mark.parametrize(
    ("organization", "email", "preset"),
    [(" ", "ada@acme.test", "default"), ("Acme", "ada", "default"), ("Acme", "a@b.c", "joomla")],
)
def test_a_failed_beginning_leaves_nothing(
    empty: Office, organization: str, email: str, preset: str
) -> None:
    """What is wrong with one part of a new organization leaves no part of it (R14)."""
    with pytest.raises(Invalid):
        bootstrap(empty, organization=organization, email=email, name="Ada", preset=preset)
    with empty.database.reading() as tx:
        for table in (organizations, users):
            assert tx.execute(select(func.count()).select_from(table)).scalar_one() == 0


def test_nobody_else_founds_organizations(empty: Office) -> None:
    """No session and no token creates an organization, with all the power there is (S25)."""
    caller = session(1_000_000_000_000_002)
    assert caller.method is Method.SESSION
    with pytest.raises(Denied), empty.work(caller, ORIGIN) as work:
        create_organization(work, "Acme", "default", Newcomer("Ada", "ada@acme.test"))
