"""Where a person acts is changed by nobody but them, however many organizations they join."""

from __future__ import annotations

import html
import re

import pytest
from sqlalchemy import select

from counterfoil.audit.record import entries
from counterfoil.directory.enroll import enroll
from counterfoil.directory.steps.admit import Newcomer
from counterfoil.kernel.ids import OrganizationId
from counterfoil.kernel.page import Wanted
from counterfoil.office import Office
from counterfoil.tokens.show import list_tokens
from counterfoil.web.form import PLACE
from support.directory import Company
from support.office import StandingClock
from support.signin import ADA, BEN, House, Visitor

pytestmark = pytest.mark.each_engine


def lower(house: House, clock: StandingClock) -> Company:
    """Return an organization that was founded later and whose id, by chance, comes first."""
    for number in range(64):
        clock.move_on(minutes=1)
        made = Company(house.office, f"Bolt{number}")
        if made.id < house.id:
            return made
    raise AssertionError


def admit(there: Company, email: str) -> None:
    """Make somebody of the house a member of one more organization, at once."""
    with there.operating() as work:
        enroll(work, Newcomer("Somebody", email), [there.roles["admin"].id])


def hidden(visitor: Visitor) -> dict[str, str]:
    """Return what the forms of a page carry unseen."""
    page = visitor.go("GET", "/settings")
    found = re.findall(rb'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.body)
    return {name.decode(): html.unescape(value.decode()) for name, value in found}


def place(visitor: Visitor) -> OrganizationId:
    """Return where a visitor acts."""
    return OrganizationId(int(hidden(visitor)[PLACE]))


def switch(visitor: Visitor, to: Company) -> None:
    form = {**hidden(visitor), "organization": str(to.id)}
    assert visitor.go("POST", "/organization", form=form).status == 303


def make_token(visitor: Visitor, name: str) -> None:
    carried = hidden(visitor)
    form = {name: carried[name] for name in ("_form", PLACE)}
    form |= {"name": name, "scope_mode": "inherit", "expires_at": "30"}
    assert visitor.go("POST", "/tokens/new", form=form).status == 200


def test_who_joins_another_stays(house: House, visitor: Visitor, clock: StandingClock) -> None:
    """A session goes on where it was, and the next begins where the person joined first (S25)."""
    visitor.sign_in()
    make_token(visitor, "nightly")
    bolt = lower(house, clock)
    admit(bolt, ADA)
    assert place(visitor) == house.id
    anew = Visitor(house.office)
    anew.sign_in()
    assert place(anew) == house.id
    with house.office.database.reading() as tx:
        done = entries.c.operation.like("signin.%")
        query = select(entries.c.organization_id).where(done, entries.c.user_id == house.ada)
        assert set(tx.scalars(query)) == {house.id}
    with house.looking(house.ada) as work:
        assert [one.token.name for one in list_tokens(work, Wanted(), house.ada).items] == [
            "nightly"
        ]


def test_a_browser_knows_where_one_was_last(
    house: House, visitor: Visitor, clock: StandingClock
) -> None:
    """Whoever signs out and in again is where they were; another browser begins at the first."""
    bolt = lower(house, clock)
    admit(bolt, ADA)
    visitor.sign_in()
    switch(visitor, bolt)
    assert visitor.go("POST", "/signout", form=hidden(visitor), accept="text/html").status == 303
    visitor.sign_in()
    assert place(visitor) == bolt.id
    other = Visitor(house.office)
    other.sign_in()
    assert place(other) == house.id


def test_the_next_person_at_a_browser_is_not_led_along(
    house: House, visitor: Visitor, clock: StandingClock
) -> None:
    """Whoever signs in after somebody else begins at their own first organization (S25)."""
    bolt = lower(house, clock)
    for email in (ADA, BEN):
        admit(bolt, email)
    visitor.sign_in()
    switch(visitor, bolt)
    visitor.sign_in(BEN)
    assert place(visitor) == house.id


def test_what_is_no_place_is_none(house: House, visitor: Visitor) -> None:
    """A cookie that somebody has written to their own taste leads nowhere."""
    visitor.sign_in()
    for said in ("", ".", f"{house.id}", f"{house.id}.x", f"1.{house.ada}", f"{2**53}.{house.ada}"):
        visitor.cookies["counterfoil-organization"] = said
        assert place(visitor) == house.id


def test_organizations_are_told_the_longest_known_first(
    house: House, office: Office, clock: StandingClock
) -> None:
    """The switch lists organizations in the order in which the person joined them."""
    bolt = lower(house, clock)
    admit(bolt, ADA)
    visitor = Visitor(office)
    visitor.sign_in()
    page = visitor.go("GET", "/settings").body
    assert page.index(f'value="{house.id}"'.encode()) < page.index(f'value="{bolt.id}"'.encode())
