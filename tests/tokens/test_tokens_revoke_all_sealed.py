"""Whoever writes to the database revives no token that was ended with all others (S5)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import delete, insert, select, update

from counterfoil.app.remembered import Remembered
from counterfoil.directory.rounds import Rounds
from counterfoil.directory.store.tables import cut_offs
from counterfoil.tokens.model import State
from support.every_kind import (
    a_pair,
    begun,
    built_in,
    end_all,
    opens,
)
from support.tokens import Agency, Hall

pytestmark = pytest.mark.each_engine


@pytest.fixture
def agency(hall: Hall) -> Agency:
    """A company with the token that every organization begins with."""
    return begun(Agency(hall))


def lowered(agency: Agency) -> None:
    with agency.office.database.transaction() as tx:
        tx.execute(update(cut_offs).values(cut_off=1))


def unsealed(agency: Agency) -> None:
    with agency.office.database.transaction() as tx:
        tx.execute(update(cut_offs).values(cut_off=0, seal=None))


@pytest.mark.parametrize("change", [lowered, unsealed])
def test_whoever_lowers_it_in_the_database_revives_nothing(
    agency: Agency, change: Callable[[Agency], None]
) -> None:
    """It is sealed: lowered, it ends all there is at gates built anew, in the office and the trail.

    That holds before anybody has noticed, and a round then writes it down (S5).
    """
    made = agency.api_token()
    pair = a_pair(agency)
    end_all(agency)
    change(agency)
    assert agency.state(made.token.id) is State.REVOKED
    assert not opens(agency, pair)
    agency.hall.replica.rebuild(agency.hall.source)
    assert not opens(agency, made)
    assert Rounds(agency.office).turn() == 1
    assert agency.trail().count(("organization.distrust", "allowed")) == 1
    assert Rounds(agency.office).turn() == 0
    assert not opens(agency, made)
    assert agency.state(made.token.id) is State.REVOKED
    assert agency.state(built_in(agency).id) is State.ACTIVE
    assert agency.hall.rebuilt() == agency.hall.replica.dump()
    assert opens(agency, agency.api_token())


@pytest.mark.parametrize("how", ["taken away", "of before"])
def test_whoever_puts_an_earlier_one_back_is_noticed(agency: Agency, how: str) -> None:
    """One that is gone, or an earlier one with its seal, gives more than was told: all end (S5)."""
    first = agency.api_token()
    if how == "of before":
        end_all(agency)
    with agency.office.database.reading() as tx:
        kept = [dict(row) for row in tx.execute(select(cut_offs)).mappings()]
    second = agency.api_token()
    end_all(agency)
    with agency.office.database.transaction() as tx:
        tx.execute(delete(cut_offs))
        if kept:
            tx.execute(insert(cut_offs), kept)
    known = Remembered(agency.hall.replica, agency.hall.source)
    assert Rounds(agency.office, known).turn() == 1
    assert Rounds(agency.office, known).turn() == 0
    agency.hall.replica.rebuild(agency.hall.source)
    for one in (first, second):
        assert not opens(agency, one)
        assert agency.state(one.token.id) is State.REVOKED
