"""A form of one organization does nothing in another, to which the person has switched since."""

from __future__ import annotations

import html
import re

import pytest

from counterfoil.directory.enroll import end, enroll
from counterfoil.directory.steps.admit import Newcomer
from counterfoil.kernel.page import Wanted
from counterfoil.tokens.show import list_tokens
from counterfoil.web.form import PLACE
from support.directory import Company
from support.office import StandingClock
from support.signin import ADA, PASSWORD, House, Seen, Visitor


@pytest.fixture
def bolt(house: House, visitor: Visitor) -> Company:
    """Return the other organization of Ada, who is signed in."""
    made = Company(house.office, "Bolt")
    with made.operating() as work:
        enroll(work, Newcomer("Ada", ADA), [made.roles["admin"].id])
    visitor.sign_in()
    return made


def hidden(visitor: Visitor, path: str) -> dict[str, str]:
    """Return what the forms of a page carry unseen."""
    page = visitor.go("GET", path)
    found = re.findall(rb'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.body)
    return {name.decode(): html.unescape(value.decode()) for name, value in found}


def switch(visitor: Visitor, to: Company, form: dict[str, str] | None = None) -> int:
    """Act elsewhere from now on."""
    form = {**(form or hidden(visitor, "/settings")), "organization": str(to.id)}
    return visitor.go("POST", "/organization", form=form).status


def begun(visitor: Visitor) -> dict[str, str]:
    """Return the form of a new token as somebody has filled it in."""
    carried = hidden(visitor, "/tokens/new")
    kept = {name: carried[name] for name in ("_form", PLACE, "once")}
    return {**kept, "name": "nightly", "scope_mode": "inherit", "expires_at": "30"}


def send(visitor: Visitor, form: dict[str, str]) -> Seen:
    return visitor.go("POST", "/tokens/new", form=form)


def made(house: House, where: Company) -> int:
    """Return how many tokens Ada has there."""
    with where.looking(house.ada) as work:
        return len(list_tokens(work, Wanted(), house.ada).items)


def test_a_form_acts_where_it_was_made(house: House, bolt: Company, visitor: Visitor) -> None:
    """Of an old tab nothing is done elsewhere: its form comes back as it was typed (S25)."""
    switch(visitor, house)
    form = begun(visitor)
    switch(visitor, bolt)
    refused = send(visitor, form)
    assert (refused.status, b"another organization" in refused.body) == (409, True)
    assert b'value="nightly"' in refused.body
    assert (made(house, house), made(house, bolt)) == (0, 0)
    switch(visitor, house)
    assert send(visitor, form).status == 200
    assert (made(house, house), made(house, bolt)) == (1, 0)


def test_nor_does_it_where_one_falls_back_to(house: House, bolt: Company, visitor: Visitor) -> None:
    """Whose membership ends while a page of it is open does nothing at home by that page (S25)."""
    switch(visitor, bolt)
    form = begun(visitor)
    with bolt.operating() as work:
        end(work, house.ada)
    switch(visitor, house, form)
    assert send(visitor, form).status == 409
    assert made(house, house) == 0


def test_a_proof_in_between_changes_no_place(
    house: House, bolt: Company, visitor: Visitor, clock: StandingClock
) -> None:
    """The question who it is carries along where the form was made (S25, S44)."""
    switch(visitor, house)
    form = begun(visitor)
    clock.move_on(minutes=16)
    asked = send(visitor, form)
    mark = f'name="{PLACE}" value="{house.id}"'.encode()
    assert (asked.status, mark in asked.body) == (403, True)
    switch(visitor, bolt)
    assert send(visitor, {**form, "_email": ADA, "_password": PASSWORD}).status == 409
    assert (made(house, house), made(house, bolt)) == (0, 0)


def test_who_one_is_knows_no_place(house: House, bolt: Company, visitor: Visitor) -> None:
    """Switching and signing out work from every tab, however old."""
    switch(visitor, house)
    old = hidden(visitor, "/settings")
    switch(visitor, bolt)
    assert switch(visitor, house, old) == 303
    switch(visitor, bolt)
    assert visitor.go("POST", "/signout", form=old, accept="text/html").status == 303
