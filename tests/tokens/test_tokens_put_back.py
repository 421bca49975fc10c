"""Whoever puts an older state back in the database, seals and all, gives nobody power (S5)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest
from sqlalchemy import insert, select, update

from counterfoil import directory, tokens
from counterfoil.access.scope import NO_SCOPES, Scope, Scopes
from counterfoil.app.remembered import Remembered
from counterfoil.directory.deactivate import deactivate_user, reactivate_user
from counterfoil.directory.define_role import edit_role
from counterfoil.directory.edit_policy import edit_policy, lift_provider
from counterfoil.directory.enroll import assign, deactivate, end, reactivate
from counterfoil.directory.store.tables import (
    membership_roles,
    memberships,
    policies,
    roles,
    users,
)
from counterfoil.kernel.errors import CounterfoilError
from counterfoil.secret import Secret
from counterfoil.tokens.api_token_edit import edit_api_token, regenerate, revoke_api_token
from counterfoil.tokens.steps.record import Issued
from counterfoil.tokens.store import tables
from counterfoil.tokens.wish import Wish
from support.office import START
from support.tokens import READ, Agency

pytestmark = pytest.mark.each_engine

TABLES: Final = (tables.tokens, tables.grants, tables.secrets, users, roles, memberships)


@contextmanager
def put_back(agency: Agency) -> Iterator[None]:
    """Keep a copy of all that is sealed, and put it back once something was done."""
    database = agency.office.database
    with database.reading() as tx:
        kept = {table: list(tx.execute(select(table)).mappings()) for table in TABLES}
        held = [dict(row) for row in tx.execute(select(membership_roles)).mappings()]
    yield
    with database.transaction() as tx:
        for table, rows in kept.items():
            for row in rows:
                own = [column == row[column.name] for column in table.primary_key]
                assert tx.execute(update(table).where(*own).values(**row)).rowcount
        tx.execute(membership_roles.delete())
        tx.execute(insert(membership_roles), held)


def rounds(agency: Agency) -> int:
    """Go through everything once; return how much was closed."""
    known = Remembered(agency.hall.replica, agency.hall.source)
    closed = directory.Rounds(agency.office, known).turn()
    return closed + tokens.Rounds(agency.office, known).turn()


def power(agency: Agency, *secrets: Secret) -> list[Scopes]:
    """Return what a gate lets each of these do now."""
    found = []
    for secret in secrets:
        try:
            found.append(agency.hall.verify(secret).grant.scopes)
        except CounterfoilError:
            found.append(NO_SCOPES)
    return found


def revoked(agency: Agency, made: Issued) -> None:
    with agency.acting(agency.ada) as work:
        revoke_api_token(work, made.token.id)


def switched_off(agency: Agency, made: Issued) -> None:
    with agency.acting(agency.ada) as work:
        edit_api_token(work, made.token.id, Wish(enabled=False))


def rotated(agency: Agency, made: Issued) -> None:
    with agency.acting(agency.ada) as work:
        regenerate(work, made.token.id)


def narrowed(agency: Agency, made: Issued) -> None:
    with agency.acting(agency.ada) as work:
        edit_api_token(work, made.token.id, Wish(scopes=READ))


def below(agency: Agency, made: Issued) -> None:
    with agency.acting(agency.ada) as work:
        edit_api_token(work, made.token.id, Wish(roots=frozenset({agency.press})))


def shortened(agency: Agency, made: Issued) -> None:
    with agency.acting(agency.ada) as work:
        edit_api_token(work, made.token.id, Wish(expires_at=START + timedelta(hours=1)))


def demoted(agency: Agency, _made: Issued) -> None:
    with agency.acting(agency.ada) as work:
        assign(work, agency.dan, [agency.roles["reader"].id])


def shut_out(agency: Agency, _made: Issued) -> None:
    with agency.acting(agency.ada) as work:
        deactivate(work, agency.dan)


def gone(agency: Agency, _made: Issued) -> None:
    with agency.acting(agency.ada) as work:
        end(work, agency.dan)


def shut_out_everywhere(agency: Agency, _made: Issued) -> None:
    with agency.operating() as work:
        deactivate_user(work, agency.dan)


def lesser_role(agency: Agency, _made: Issued) -> None:
    with agency.operating() as work:
        edit_role(work, agency.roles["custom"].id, lambda one: replace(one, scopes=READ))


ACTS: Final[dict[str, Callable[[Agency, Issued], None]]] = {
    "revoked": revoked,
    "switched off": switched_off,
    "rotated": rotated,
    "narrowed": narrowed,
    "below a root": below,
    "shortened": shortened,
    "demoted": demoted,
    "shut out": shut_out,
    "gone": gone,
    "shut out everywhere": shut_out_everywhere,
    "a lesser role": lesser_role,
}


@pytest.mark.parametrize("act", ACTS)
def test_an_older_state_that_fits_its_seal_is_noticed(agency: Agency, act: str) -> None:
    """What was put back as it was is closed by the next round, and no gate built anew opens (S5).

    That is on record, and then all is as it was told.
    """
    agency.role("custom", Scope.CONTENT_READ, Scope.CONTENT_WRITE)
    with agency.operating() as work:
        assign(work, agency.dan, [agency.roles["custom"].id])
    made = agency.api_token("custom", inherit=True)
    secrets = (made.secret, agency.granted(agency.dan, inherit=True).secret)
    before = power(agency, *secrets)
    with put_back(agency):
        ACTS[act](agency, made)
        after = power(agency, *secrets)
    assert rounds(agency) >= 1
    assert any(verb.endswith(".distrust") for verb, _ in agency.trail())
    agency.hall.replica.rebuild(agency.hall.source)
    assert all(not now & ~then for now, then in zip(power(agency, *secrets), after, strict=True))
    assert power(agency, *secrets) != before
    assert rounds(agency) == 0


def test_what_came_and_went_by_our_verbs_is_not_noticed(agency: Agency) -> None:
    """Who was let in again, or given more, is as the gates were told: nothing is closed (S5)."""
    agency.role("custom", Scope.CONTENT_READ)
    made, other = agency.api_token("custom", inherit=True), agency.api_token("custom")
    agency.granted(agency.dan, inherit=True)
    for act in (rotated, narrowed, below, shortened, switched_off, demoted, shut_out):
        act(agency, made)
        assert rounds(agency) == 0
    with agency.acting(agency.ada) as work:
        reactivate(work, agency.dan)
    shut_out_everywhere(agency, made)
    with agency.operating() as work:
        reactivate_user(work, agency.dan)
        assign(work, agency.dan, [agency.roles["admin"].id])
        edit_role(work, agency.roles["custom"].id, lambda one: replace(one, scopes=READ | 2))
    revoked(agency, other)
    assert rounds(agency) == 0
    assert not any(verb.endswith(".distrust") for verb, _ in agency.trail())


def test_the_last_admin_of_an_earlier_time_is_shut_out(agency: Agency) -> None:
    """Also where nobody is left to administer by it, what they made stays dead (S5, S20)."""
    asked = agency.granted(agency.ada)
    with put_back(agency):
        with agency.operating() as work:
            assign(work, agency.dan, [agency.roles["admin"].id])
            deactivate_user(work, agency.ada)
        with agency.operating() as work:
            reactivate_user(work, agency.ada)
            assign(work, agency.ada, [agency.roles["admin"].id])
    assert rounds(agency) >= 1
    assert ("user.distrust", "allowed") in agency.trail()
    agency.hall.replica.rebuild(agency.hall.source)
    assert power(agency, asked.secret) == [NO_SCOPES]
    assert rounds(agency) == 0


TIGHTER: Final[dict[str, dict[str, object]]] = {
    "networks": {"ip_ranges": ["10.0.0.0/8"]},
    "roles": {"token_roles": ["admin"]},
    "a rate": {"delivery_rate": 5.0},
    "a limit": {"management_limit": 3},
    "on record": {"audit_strict": True},
}


@pytest.mark.parametrize("what", TIGHTER)
def test_a_policy_of_an_earlier_time_is_noticed(agency: Agency, what: str) -> None:
    """One that asks less than the gates were told is closed; to ask less by a verb is not (S5)."""
    changes = TIGHTER[what]
    if "token_roles" in changes:
        changes = {"token_roles": [str(agency.roles["admin"].id)]}
    with agency.office.database.reading() as tx:
        before = dict(tx.execute(select(policies)).mappings().one())
    with agency.operating() as work:
        edit_policy(work, 1, changes)
    assert rounds(agency) == 0
    with agency.office.database.transaction() as tx:
        tx.execute(update(policies).values(**before))
    assert rounds(agency) == 1
    assert agency.trail().count(("policy.distrust", "allowed")) == 1
    with agency.operating() as work:
        lift_provider(work)
        edit_policy(work, 3, {"token_roles": None, "ip_ranges": None}, "default")
    assert rounds(agency) == 0
