"""What ended every token is attacked: by who joins elsewhere, and by who writes to the database."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, text, update

from counterfoil import directory
from counterfoil.directory.enroll import enroll
from counterfoil.directory.retell import retell
from counterfoil.directory.rounds import Rounds
from counterfoil.directory.steps.admit import Newcomer
from counterfoil.directory.store.tables import cut_offs
from counterfoil.feed.event import CutOff
from counterfoil.kernel.page import Wanted
from counterfoil.secret import Kind
from counterfoil.tokens.approve import approve
from counterfoil.tokens.model import State
from counterfoil.tokens.revoke_all import count_tokens
from counterfoil.tokens.show import list_requests
from counterfoil.tokens.store import tables
from counterfoil.tokens.store.ending import untold
from counterfoil.tokens.wish import Wish
from support.every_kind import begun, built_in, end_all, opens
from support.office import START
from support.tokens import Agency, Hall


@pytest.fixture
def agency(hall: Hall) -> Agency:
    """A company with the token that every organization begins with."""
    return begun(Agency(hall))


def join(beta: Agency, acme: Agency) -> None:
    """Let Dan of the first into the second."""
    with beta.office.database.reading() as tx:
        dan = directory.user(tx, acme.dan)
    with beta.operating() as work:
        enroll(work, Newcomer(dan.name, dan.email), [beta.roles["editor"].id])


@pytest.mark.each_engine
def test_what_it_ended_everywhere_begins_to_live_nowhere_else(hall: Hall) -> None:
    """A token of all organizations, dead in its only one, stays dead where they join (S20)."""
    acme, beta = Agency(hall), Agency(hall, "Beta")
    before = acme.granted(acme.dan, inherit=True, span_all=True)
    end_all(acme)
    after = acme.granted(acme.dan, "later", inherit=True, span_all=True)
    join(beta, acme)
    said = {
        one.token.id: {grant.organization for grant in acme.token(one.token.id).grants}
        for one in (before, after)
    }
    assert said == {before.token.id: {acme.id}, after.token.id: {acme.id, beta.id}}
    hall.replica.rebuild(hall.source)
    for where in (None, acme.id, beta.id):
        assert hall.refusal(before.secret, where) != "allowed"
    assert hall.refusal(after.secret) == "allowed"


@pytest.mark.each_engine
@pytest.mark.parametrize("at_home", [True, False])
def test_who_holds_what_goes_on_elsewhere_is_reminded(hall: Hall, *, at_home: bool) -> None:
    """What lives on in one organization ends there: its owner hears of it, wherever it was made."""
    acme, beta = Agency(hall), Agency(hall, "Beta")
    join(beta, acme)
    asked = acme.granted(
        acme.dan, inherit=True, span_all=True, expires_at=START + timedelta(hours=60)
    )
    with beta.looking(beta.ada) as work:
        (there,) = list_requests(work, Wanted(), None).items
    with beta.acting(beta.ada) as work:
        approve(work, there.request.id, there.request.version, Wish())
    ended, other = (acme, beta) if at_home else (beta, acme)
    soon = START + timedelta(hours=40)
    told = [(acme.id, asked.token.id)]
    end_all(ended)
    with other.looking(other.ada) as work:
        assert untold(work.tx, soon, [Kind.PERSONAL]) == told
    end_all(other)
    with other.looking(other.ada) as work:
        assert untold(work.tx, soon, [Kind.PERSONAL]) == []


@pytest.mark.each_engine
def test_a_built_in_token_that_somebody_broke_keeps_no_other_alive(agency: Agency) -> None:
    """A built-in token without its grant begins nothing again: all others end (S5, R21)."""
    made, id_ = agency.api_token(), built_in(agency).id
    with agency.office.database.transaction() as tx:
        tx.execute(delete(tables.grants).where(tables.grants.c.token_id == id_))
    end_all(agency)
    assert not opens(agency, made)
    assert opens(agency, agency.api_token())


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("version", "'x'"),
        ("version", "9223372036854775807"),
        ("reminders", "'x'"),
        ("created_at", "'x'"),
        ("expires_at", "'x'"),
        ("name", "CAST(x'ff' AS TEXT)"),
        ("kind", "'x'"),
        ("kind", "CAST(x'ff' AS TEXT)"),
        ("hardcoded_type", "'x'"),
    ],
)
def test_nonsense_in_the_database_does_not_stop_it(agency: Agency, column: str, value: str) -> None:
    """Whatever somebody wrote into a row of a token, an admin can still end them all (S5, R21)."""
    made, other = agency.api_token(), agency.api_token(name="other")
    ids = [built_in(agency).id, other.token.id]
    nonsense = update(tables.tokens).where(tables.tokens.c.id.in_(ids))
    with agency.office.database.transaction() as tx:
        tx.execute(text("PRAGMA ignore_check_constraints = 1"))
        tx.execute(nonsense.values({column: text(value)}))
        tx.execute(text("PRAGMA ignore_check_constraints = 0"))
    with agency.looking(agency.ada) as work:
        count_tokens(work)
    end_all(agency)
    for one in (made, other):
        assert not opens(agency, one)
    assert opens(agency, agency.api_token(name="later"))


@pytest.mark.each_engine
def test_what_a_restored_copy_is_told_seals_no_lowered_row(agency: Agency) -> None:
    """A row that somebody lowered says nothing: whoever is told of an earlier end keeps all dead.

    Else the row would be sealed with less than it had said (S5, R12).
    """
    first = agency.head() - 1
    made = agency.api_token()
    end_all(agency)
    with agency.office.database.transaction() as tx:
        tx.execute(update(cut_offs).values(cut_off=1))
    with agency.operating() as work:
        retell(work, CutOff(subject=agency.id, at=first), "It was restored.")
    assert agency.state(made.token.id) is State.REVOKED
    agency.hall.replica.rebuild(agency.hall.source)
    assert not opens(agency, made)


@pytest.mark.each_engine
@pytest.mark.parametrize("was_ended", [True, False])
def test_a_row_that_is_taken_away_ends_all(agency: Agency, *, was_ended: bool) -> None:
    """Every organization has one: without it all is dead, also at gates built anew of the tables.

    So nobody who can write there revives anything by having each replica forget (S5).
    """
    made = agency.api_token()
    if was_ended:
        end_all(agency)
    with agency.office.database.transaction() as tx:
        tx.execute(delete(cut_offs))
    agency.hall.replica.rebuild(agency.hall.source)
    assert not opens(agency, made)
    assert agency.state(made.token.id) is State.REVOKED
    assert Rounds(agency.office).turn() == 1
    assert agency.trail().count(("organization.distrust", "allowed")) == 1
    assert Rounds(agency.office).turn() == 0
    assert agency.hall.rebuilt() == agency.hall.replica.dump()
    assert not opens(agency, made)
    assert opens(agency, agency.api_token(name="later"))
