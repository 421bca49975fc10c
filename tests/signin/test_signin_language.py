"""In which language a person reads is kept with their account, for what is told them elsewhere."""

from __future__ import annotations

from counterfoil import directory
from counterfoil.kernel.ids import UserId
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
