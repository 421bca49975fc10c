"""A token gives no other what it has not itself, nor for longer than it has it (I3, S24)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from counterfoil.access.surface import ALL_SURFACES
from counterfoil.kernel.errors import Code, Denied
from counterfoil.tokens.api_token import create_api_token
from counterfoil.tokens.api_token_edit import edit_api_token, revoke_api_token
from counterfoil.tokens.revoke import surrender
from counterfoil.tokens.steps.record import Issued
from counterfoil.tokens.store.tables import tokens
from counterfoil.tokens.wish import Wish
from support.office import START
from support.tokens import READ, Agency


def soon(agency: Agency) -> Issued:
    """Make a token of the admin role that ends within an hour."""
    ends = START + timedelta(hours=1)
    return agency.api_token("admin", surfaces=ALL_SURFACES, expires_at=ends)


def weak(agency: Agency, **more: Any) -> Issued:
    """Make a token whose secret everybody knows: it reads what is published."""
    return agency.api_token("reader", scopes=READ, **more)


def widen(agency: Agency, by: Issued, what: Issued, **more: Any) -> None:
    wish = Wish(
        inherit=True,
        surfaces=ALL_SURFACES,
        authority="role",
        subject=agency.roles["admin"].id,
        **more,
    )
    with agency.with_token(by.secret) as work:
        edit_api_token(work, what.token.id, wish)


def test_it_makes_nothing_immortal(agency: Agency) -> None:
    """A token widens none that ends later than itself, and may first shorten it (S24, I3)."""
    maker, other = soon(agency), weak(agency)
    with pytest.raises(Denied, match="outlives"):
        widen(agency, maker, other)
    assert agency.hall.verify(other.secret).grant.scopes == READ
    widen(agency, maker, other, expires_at=maker.token.expires_at)
    assert agency.hall.verify(other.secret).expires_at == maker.token.expires_at


@pytest.mark.each_engine
def test_what_it_widened_goes_with_it(agency: Agency) -> None:
    """Who ends a token ends what it widened too, as what it made, and what that did (I3, K4)."""
    ends = START + timedelta(hours=1)
    maker = agency.api_token("admin", surfaces=ALL_SURFACES, expires_at=ends)
    other, third = weak(agency, expires_at=ends), weak(agency, expires_at=ends)
    bystander = weak(agency)
    widen(agency, maker, other)
    widen(agency, other, third)
    widen(
        agency, third, other, name="twice"
    )  # each the other's: there is an end to it all the same
    widen(agency, maker, third, name="again")
    with agency.acting(agency.ada) as work:
        revoke_api_token(work, maker.token.id, cascade=True)
    for gone in (maker, other, third):
        assert agency.hall.refusal(gone.secret) == Code.INVALID_TOKEN
    assert agency.hall.refusal(bystander.secret) == "allowed"


MOST = 66_000
"""More than a statement of Postgres has room to name."""
DEAD = (
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {most}) "
    "INSERT INTO token ({columns}) SELECT {values} FROM n, token WHERE token.id = {like}"
)


@pytest.mark.each_engine
def test_who_made_very_many_can_be_ended(agency: Agency) -> None:
    """A token that made one for each build of many years is ended with those that live (K4)."""
    maker = agency.api_token("admin", surfaces=ALL_SURFACES)
    wish = Wish(name="build", authority="role", subject=agency.roles["reader"].id)
    with agency.with_token(maker.secret) as work:
        made = create_api_token(work, wish)
    columns = [column.name for column in tokens.columns]
    values = ["i" if name == "id" else f"token.{name}" for name in columns]
    dead = DEAD.format(
        most=MOST, columns=", ".join(columns), values=", ".join(values), like=made.token.id
    )
    with agency.office.database.transaction() as tx:
        tx.exec_driver_sql(dead)
    with agency.acting(agency.ada) as work:
        revoke_api_token(work, maker.token.id, cascade=True)
    for gone in (maker, made):
        assert agency.hall.refusal(gone.secret) == Code.INVALID_TOKEN


def test_who_made_it_stays_on_record(agency: Agency) -> None:
    """To widen a token takes it away neither from its maker nor from the maker's end (K5)."""
    maker = agency.api_token("admin", surfaces=ALL_SURFACES)
    with agency.with_token(maker.secret) as work:
        wish = Wish(name="child", authority="role", subject=agency.roles["reader"].id)
        made = create_api_token(work, wish)
    second = agency.api_token("admin", surfaces=ALL_SURFACES)
    widen(agency, second, made)
    assert agency.token(made.token.id).issuer_token == maker.token.id
    with agency.with_token(maker.secret) as work:
        surrender(work, maker.token.id)
    assert agency.hall.refusal(made.secret) == Code.INVALID_TOKEN
    assert agency.hall.refusal(second.secret) == "allowed"


def test_it_may_change_what_widens_nothing(agency: Agency) -> None:
    """A token that ends soon may still rename, narrow and switch what outlives it (D15)."""
    maker, other = soon(agency), weak(agency)
    with agency.with_token(maker.secret) as work:
        edit_api_token(work, other.token.id, Wish(name="renamed", enabled=False))
    assert agency.token(other.token.id).name == "renamed"
    with agency.acting(agency.ada) as work:
        revoke_api_token(work, maker.token.id, cascade=True)
        edit_api_token(work, other.token.id, Wish(enabled=True))
    assert agency.hall.verify(other.secret).grant.scopes == READ
