"""A token whose rows say nothing sensible hides no other one, and is revoked (S5)."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from counterfoil.app.remembered import Remembered
from counterfoil.tokens.distrust import Rounds
from counterfoil.tokens.model import State
from counterfoil.tokens.store.tables import tokens
from support.tokens import Agency

pytestmark = pytest.mark.each_engine

POISON = {
    "roots that are a number": "roots = '3'",
    "roots without end": f"roots = '[{1 << 100}]'",
    "a scope without end": f"custom = '[{1 << 100}]'",
    "a scope that is a word": "custom = '[\"x\"]'",
    "a ceiling that is a number": "ceiling = '3'",
    "conditions that are a number": "conditions = '3'",
    "surfaces that are none": "surfaces = 30000",
}
OF_SQLITE = {
    "roots that are no JSON": "roots = '{broken'",
    "conditions that are no JSON": "conditions = '{broken'",
    "a word for surfaces": "surfaces = 'many'",
    "a word for scopes": "scopes = 'many', scope_mode = 'explicit'",
}


@pytest.mark.parametrize("how", [*POISON, *OF_SQLITE])
def test_what_says_nothing_sensible_is_revoked(agency: Agency, how: str) -> None:
    """Whatever somebody writes of a grant, the next round revokes it and what is behind it (S5)."""
    if how in OF_SQLITE and not agency.office.database.embedded:
        return  # Postgres takes none of these
    first, second = agency.api_token("reader"), agency.api_token("developer")
    with agency.office.database.transaction() as tx:
        change = f"UPDATE token_grant SET {(POISON | OF_SQLITE)[how]} WHERE token_id = :id"  # noqa: S608 - ours
        assert tx.execute(text(change), {"id": first.token.id}).rowcount == 1
        tx.execute(tokens.update().where(tokens.c.id == second.token.id).values(name="x"))
    known = Remembered(agency.hall.replica, agency.hall.source)
    assert Rounds(agency.office, known).turn() == 2
    assert Rounds(agency.office, known).turn() == 0
    assert agency.state(first.token.id) is State.REVOKED
    assert agency.hall.rebuilt() == agency.hall.replica.dump()


def test_a_token_of_no_kind_hides_no_other(agency: Agency) -> None:
    """Nobody knows what it is, so it opens nothing; the one behind it is revoked (S5)."""
    first, second = agency.api_token("reader"), agency.api_token("developer")
    with agency.office.database.transaction() as tx:
        tx.execute(tokens.update().where(tokens.c.id == first.token.id).values(kind="x"))
        tx.execute(tokens.update().where(tokens.c.id == second.token.id).values(name="x"))
    assert Rounds(agency.office).turn() == 1
    assert agency.state(second.token.id) is State.REVOKED
    agency.hall.replica.rebuild(agency.hall.source)
    assert agency.hall.refusal(first.secret) != "allowed"
