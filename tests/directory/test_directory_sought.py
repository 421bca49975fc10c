"""Members are found by name, address, state and role, in an order, on both engines."""

from __future__ import annotations

import pytest

from counterfoil.directory import Presence, Sought
from counterfoil.directory.enroll import deactivate, enroll
from counterfoil.directory.show import list_users
from counterfoil.directory.steps.admit import Newcomer
from counterfoil.kernel.entropy import Entropy
from counterfoil.kernel.errors import Malformed
from counterfoil.kernel.page import Wanted
from counterfoil.office import Office
from counterfoil.runtime.database import Database
from support.directory import Company
from support.directory_doors import knock_as
from support.office import StandingClock, office_on


@pytest.fixture
def acme(any_database: Database, clock: StandingClock, entropy: Entropy) -> Company:
    return Company(office_on(any_database, clock, entropy))


def found(acme: Company, **sought: object) -> list[str]:
    with acme.looking(acme.ada) as work:
        page = list_users(work, Wanted(), Sought(by_name=True, **sought))  # type: ignore[arg-type]
    assert page.total == len(page.items)
    return [one.member.invited_as or one.user.name for one in page.items]


def test_a_member_is_found_by_what_they_are_called(acme: Company) -> None:
    """Part of a name or of an address will do, in any case; what LIKE means stands for itself."""
    for name in ("Ben", "Benedict", "Rita"):
        acme.hire(name, "reader")
    assert found(acme, query="BEN") == ["Ben", "Benedict"]
    assert found(acme, query="rita@PEOPLE") == ["Rita"]
    assert found(acme, query="%") == []
    assert found(acme, query="_") == []


def test_a_member_is_found_by_how_they_stand(acme: Company) -> None:
    """Who may come in, who has yet to accept and who is shut out are told apart."""
    ben = acme.hire("Ben", "reader")
    with acme.acting(acme.ada) as work:
        deactivate(work, ben)
    other = Company(acme.office, "Other")
    other.hire("Zoe", "reader")
    with acme.acting(acme.ada) as work:
        enroll(work, Newcomer("Somebody", "zoe@people.test"), [acme.roles["reader"].id])
    assert found(acme, presence=Presence.SHUT_OUT) == ["Ben"]
    assert found(acme, presence=Presence.INVITED) == ["Somebody"]
    assert "Ben" not in found(acme, presence=Presence.ACTIVE)
    assert found(acme, role=acme.roles["reader"].id) == ["Ben", "Somebody"]
    assert found(acme, query="zoe", role=acme.roles["admin"].id) == []


def test_nobody_learns_what_an_invited_person_is_called_elsewhere(acme: Company) -> None:
    """Whoever invites an address does not find its person by the name that another place knows."""
    Company(acme.office, "Other").hire("Zoe", "reader")
    with acme.acting(acme.ada) as work:
        enroll(work, Newcomer("Somebody", "zoe@people.test"), [])
    assert found(acme, query="some") == ["Somebody"]
    other_name = "zoe"
    assert found(acme, query=other_name) == ["Somebody"]  # by the address, which they typed
    assert found(acme, query="Zo ") == []


def test_pages_in_the_order_of_names_miss_nobody(acme: Company) -> None:
    """Each member stands on one page, whatever the case of the names and however many are alike."""
    for name in ("zoe", "Ben", "amy", "Ümit"):
        acme.hire(name, "reader")
    seen: list[str] = []
    after: str | None = None
    while True:
        with acme.looking(acme.ada) as work:
            page = list_users(work, Wanted(2, after), Sought(by_name=True))
        seen += [one.user.name for one in page.items]
        after = page.after
        if after is None:
            break
    assert sorted(seen) == sorted({*seen})
    assert [name for name in seen if name in {"amy", "Ben", "zoe"}] == ["amy", "Ben", "zoe"]
    with pytest.raises(Malformed), acme.looking(acme.ada) as work:
        list_users(work, Wanted(2, "17"), Sought(by_name=True))


def test_the_door_takes_what_is_sought(office: Office) -> None:
    """The list of users takes query, state, role and order, and names what is wrong of them."""
    acme = Company(office)
    ben = acme.hire("Ben", "reader")
    ask = knock_as(acme, acme.ada)
    said = ask("GET", "/cma/users?filter[query]=ben&filter[state]=active&sort=name")
    assert [one["id"] for one in said.json["data"]] == [str(ben)]
    assert (
        ask("GET", f"/cma/users?filter[role]={acme.roles['reader'].id}").json["data"]
        == (said.json["data"])
    )
    for wrong in ("filter[query]=%20", "filter[state]=away", "filter[role]=x", "sort=-name"):
        assert ask("GET", f"/cma/users?{wrong}").status == 400, wrong
