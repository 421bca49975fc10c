"""A row that says nothing sensible hides no other one, and is closed as every other (S5)."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from counterfoil import directory
from counterfoil.app.background import sweep
from counterfoil.directory.define_role import restore_role
from counterfoil.directory.enroll import assign
from counterfoil.directory.rounds import Rounds
from counterfoil.directory.steps.replay import role_record
from counterfoil.directory.store import places
from counterfoil.kernel.errors import CounterfoilError
from counterfoil.office import Office
from counterfoil.tokens.distrust import Rounds as TokenRounds
from support.tokens import Agency

pytestmark = pytest.mark.each_engine

HUGE = 1 << 100
OF_EDITOR = "UPDATE role SET {} WHERE name = 'editor'"
OF_DAN = "UPDATE membership SET {} WHERE user_id = :dan"
DAN = 'UPDATE "user" SET {} WHERE id = :dan'

POISON: dict[str, str] = {
    "roots that are a number": OF_EDITOR.format("roots = '3'"),
    "roots that are no ids": OF_EDITOR.format("roots = '[\"x\"]'"),
    "roots that are an object": "UPDATE role SET roots = '{\"a\" : 1}' WHERE name = 'editor'",
    "roots without end": OF_EDITOR.format(f"roots = '[{HUGE}]'"),
    "a scope without end": OF_EDITOR.format(f"custom = '[{HUGE}]'"),
    "a scope below zero": OF_EDITOR.format("custom = '[-5]'"),
    "a scope that is a word": OF_EDITOR.format("custom = '[\"x\"]'"),
    "the name of another role": OF_EDITOR.format("name = 'Reader'"),
    "the last version of a role": OF_EDITOR.format("version = 2147483647"),
    "a membership of no year": OF_DAN.format("joined_at = 9000000000000000000"),
    "an end of no year": OF_DAN.format("ended_at = 9000000000000000000"),
    "the last version of a membership": OF_DAN.format("version = 2147483647"),
    "the address of somebody else": DAN.format(
        'email = (SELECT email FROM "user" WHERE id = :ada)'
    ),
    "the last version of a user": DAN.format("version = 2147483647"),
    "a policy of no year": "UPDATE policy SET enforce_at = 9000000000000000000",
    "networks that are a number": "UPDATE policy SET ip_ranges = '3'",
    "the last version of a policy": "UPDATE policy SET version = 2147483647",
    "no policy": "DELETE FROM policy",
}
OF_SQLITE: dict[str, str] = {
    "roots that are no JSON": OF_EDITOR.format("roots = '{broken'"),
    "a word for a year": OF_DAN.format("joined_at = 'many'"),
    "a word for a version": OF_DAN.format("version = 'many'"),
    "a word for a seal": OF_DAN.format("seal = 'many'"),
}


def poison(agency: Agency, statement: str) -> None:
    """Change a row as somebody does who has the database alone."""
    known = {"ada": agency.ada, "dan": agency.dan}
    told = {name: value for name, value in known.items() if f":{name}" in statement}
    with agency.office.database.transaction() as tx:
        assert tx.execute(text(statement), told).rowcount == 1


@pytest.mark.parametrize("how", [*POISON, *OF_SQLITE])
def test_what_says_nothing_sensible_is_closed(agency: Agency, how: str) -> None:
    """Whatever somebody writes, the next round closes it, once, and a gate can be built anew (S5).

    Nor does it keep a role beside it from being closed.
    """
    if how in OF_SQLITE and not agency.office.database.embedded:
        return  # Postgres takes none of these
    poison(agency, (POISON | OF_SQLITE)[how])
    poison(agency, "UPDATE role SET scopes = 0 WHERE name = 'developer'")
    assert Rounds(agency.office).turn() == 2
    assert Rounds(agency.office).turn() == 0
    assert agency.hall.rebuilt() == agency.hall.replica.dump()


def test_a_text_that_is_none_hides_nothing(agency: Agency) -> None:
    """SQLite takes any bytes for a text: such a row is closed as every other, and others too (S5).

    A gate can be built anew before that and afterwards, and then everybody can read the row.
    """
    asked = agency.granted(agency.rea)
    if not agency.office.database.embedded:
        return
    for statement in (
        OF_DAN.format("invited_as = CAST(x'ff00' AS text)"),
        OF_EDITOR.format("name = CAST(x'ff41' AS text)"),
        DAN.format("name = CAST(x'c328' AS text)"),
        "UPDATE role SET scopes = 0 WHERE name = 'developer'",
        "UPDATE token SET name = CAST(x'ff' AS text)",
    ):
        poison(agency, statement)
    agency.hall.replica.rebuild(agency.hall.source)
    assert agency.hall.refusal(asked.secret) != "allowed"
    assert Rounds(agency.office).turn() == 3  # a user is closed with their memberships
    assert TokenRounds(agency.office).turn() == 1
    assert Rounds(agency.office).turn() == TokenRounds(agency.office).turn() == 0
    assert agency.hall.rebuilt() == agency.hall.replica.dump()
    with agency.office.database.reading() as tx:
        assert not directory.member(tx, agency.id, agency.dan).active


def test_what_is_told_again_of_a_changed_role_gives_it_no_seal(agency: Agency) -> None:
    """A restore passes over what somebody changed in the database, and a round closes it (R12)."""
    told = role_record(agency.roles["editor"])
    poison(agency, OF_EDITOR.format("scopes = 0"))
    with agency.operating() as work:
        directory.retell(work, told, "it was so later")
    assert Rounds(agency.office).turn() == 1


def test_what_is_called_as_another_role_is_restored_under_its_own_name(agency: Agency) -> None:
    """A role that bears another one's name is closed as a copy of it, and opens as its own (S5)."""
    poison(agency, POISON["the name of another role"])
    Rounds(agency.office).turn()
    with agency.operating() as work:
        restored, _ = restore_role(work, agency.roles["editor"].id, "editor")
    assert restored.name == "editor"


def test_a_sweep_goes_on_behind_what_fails(office: Office) -> None:
    """Where one thing that is due fails of what somebody wrote, the next one is done (S5)."""
    done: list[str] = []

    def fail() -> None:
        raise TypeError

    sweep(office, (fail, lambda: done.append("the next one")))
    assert done == ["the next one"]


def test_a_policy_that_is_gone_is_the_tightest(agency: Agency) -> None:
    """Who takes the row of a policy away has no gate that opens further by it (S5)."""
    asked = agency.granted(agency.rea)
    poison(agency, "DELETE FROM policy")
    with pytest.raises(CounterfoilError):
        agency.ask(agency.rea, "another")
    agency.hall.replica.rebuild(agency.hall.source)
    assert agency.hall.refusal(asked.secret) != "allowed"
    assert Rounds(agency.office).turn() == 1
    with agency.office.database.reading() as tx:
        assert directory.policy(tx, agency.id).token_roles == ()
    assert agency.trail().count(("policy.distrust", "allowed")) == 1


def test_who_is_given_a_role_while_they_are_read_is_not_cut_off(
    agency: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between reading a membership and its roles another office may write: both fit then (S5)."""
    if agency.office.database.embedded:
        return  # there one work sees one state
    given: list[int] = []
    seen = places._roles_of  # noqa: SLF001 - between two statements of one look

    def roles_of(*told: object) -> object:
        if not given:
            given.append(agency.rea)
            with agency.operating() as work:
                assign(work, agency.rea, [agency.roles["developer"].id])
        return seen(*told)  # type: ignore[arg-type]

    monkeypatch.setattr(places, "_roles_of", roles_of)
    with agency.office.database.transaction() as tx:
        found = directory.member(tx, agency.id, agency.rea)
    assert found.active
    assert [role.name for role in found.roles] == ["developer"]
