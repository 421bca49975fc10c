"""In which language a person reads is kept with their account, for what is told them elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.exc import DatabaseError

from counterfoil import directory
from counterfoil.kernel.ids import UserId
from counterfoil.signin.store import rows
from support.signin import ADA, BEN, PASSWORD, House, Visitor

GERMAN = {"accept": "text/html", "accept_language": "de-AT, en;q=0.5"}


def known(house: House, user: UserId) -> str | None:
    with house.office.database.reading() as tx:
        return directory.language(tx, user)


def test_who_signs_in_at_a_page_reads_in_its_language(house: House, visitor: Visitor) -> None:
    """The first page that somebody comes in by says it, until they choose another one."""
    entered = {"email": BEN, "password": PASSWORD}
    assert visitor.go("POST", "/signin", form=entered, **GERMAN).status == 303
    assert (known(house, house.ben), known(house, house.ada)) == ("de", None)
    other = Visitor(house.office)
    assert other.go("POST", "/signin", form=entered, accept="text/html").status == 303
    assert known(house, house.ben) == "de"


def test_a_choice_is_kept(house: House, visitor: Visitor) -> None:
    """Whoever is signed in chooses for their account, whatever it was; and nobody for others."""
    nobody = visitor.go("POST", "/language", form={"language": "de", "next": "/signin"})
    assert nobody.status == 303
    visitor.go("POST", "/signin", form={"email": ADA, "password": PASSWORD}, **GERMAN)
    for wanted in ("en", "de"):
        assert visitor.go("POST", "/language", form={"language": wanted}).status == 303
        assert known(house, house.ada) == wanted
    assert visitor.go("POST", "/language", form={"language": "xx"}).status == 422
    assert (known(house, house.ada), known(house, house.ben)) == ("de", None)


def test_a_program_says_no_language(house: House, visitor: Visitor) -> None:
    """A sign-in that no page took part in leaves it open."""
    assert visitor.sign_in().status == 204
    assert known(house, house.ada) is None


@pytest.fixture
def no_language(house: House) -> Iterator[None]:
    """Let the database refuse a language."""
    database = house.office.database
    with database.engine.begin() as tx:
        tx.exec_driver_sql(_FORBID_EMBEDDED if database.embedded else _FORBID)
    yield
    with database.engine.begin() as tx:  # the tests that come after share the server's tables
        tx.exec_driver_sql(_ALLOW_EMBEDDED if database.embedded else _ALLOW)


@pytest.mark.usefixtures("no_language")
def test_it_is_kept_with_the_session_or_neither_is(house: House, visitor: Visitor) -> None:
    """Nobody is left with a session without its cookie, for want of a language."""
    entered = {"email": ADA, "password": PASSWORD}
    with pytest.raises(DatabaseError, match="no language"):
        visitor.go("POST", "/signin", form=entered, **GERMAN)
    with house.office.database.reading() as tx:
        assert (rows.of_user(tx, house.ada), directory.language(tx, house.ada)) == ([], None)


_FORBID_EMBEDDED = """
CREATE TRIGGER no_language BEFORE UPDATE OF language ON "user"
BEGIN SELECT RAISE(ABORT, 'no language'); END
"""
_ALLOW_EMBEDDED = "DROP TRIGGER no_language"
_FORBID = """
CREATE FUNCTION no_language() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'no language'; END $$;
CREATE TRIGGER no_language BEFORE UPDATE OF language ON "user"
FOR EACH ROW EXECUTE FUNCTION no_language()
"""
_ALLOW = "DROP FUNCTION no_language CASCADE"
