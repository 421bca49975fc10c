"""A form in the middle of which a provider asks who it is: nothing that was typed is lost (S44)."""

from __future__ import annotations

import hashlib
import html
import re
from dataclasses import replace

import pytest

from counterfoil.runtime.provider import Providers
from counterfoil.web.form import PLACE, TOKEN, token_of
from support.issuer import Issuer
from support.office import StandingClock
from support.signin import BEN, House, Seen, Visitor
from support.traveller import Traveller

KEPT = "counterfoil-kept"
TYPED = {
    "name": "nightly „export“ <b>",
    "scope_mode": "explicit",
    "scopes": "content:read",
    "justification": "Every night.\nOn & on.",
}


@pytest.fixture
def ada(house: House, clock: StandingClock) -> Traveller:
    """Ada, whom only her provider lets in, and who proved long ago who she is."""
    issuer = Issuer(clock)
    house.office.providers = Providers({"acme": issuer.relied_on()})
    traveller = Traveller(Visitor(house.office), issuer)
    traveller.visitor.sign_in()
    assert traveller.link("ada").status == 200
    house.office.providers = Providers({"acme": issuer.relied_on()}, passwords=False)
    assert traveller.sign_in("ada").status == 200
    clock.move_on(minutes=16)
    return traveller


def send(visitor: Visitor, path: str, **form: str) -> Seen:
    """Send a form of this session."""
    token = token_of(visitor.cookies["counterfoil"])
    return visitor.go("POST", path, form={TOKEN: token, **form})


def fields(page: Seen) -> dict[str, str]:
    """Return what is hidden in the form of a page."""
    found = re.findall(rb'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.body)
    return {name.decode(): html.unescape(value.decode()) for name, value in found}


def test_what_was_typed_comes_back_from_the_provider(ada: Traveller, house: House) -> None:
    """Who proves by a provider who they are finds the form as it was, and sends it on."""
    asked = send(ada.visitor, "/tokens/new", **TYPED)
    assert (asked.status, b"fresh proof" in asked.body) == (403, True)
    next_ = re.search(rb'name="next" value="([^"]+)"', asked.body)
    assert next_ is not None
    back = ada.sign_in("ada", next=next_[1].decode())
    assert b'content="0; url=/again/form"' in back.body
    page = ada.visitor.go("GET", "/again/form")
    assert page.status == 200
    shown = fields(page)
    carried = {TOKEN: token_of(ada.visitor.cookies["counterfoil"]), PLACE: str(house.id)}
    assert shown == {**carried, **TYPED}
    assert b'action="/tokens/new"' in page.body
    done = ada.visitor.go("POST", "/tokens/new", form=shown)
    assert (done.status, b"Token created" in done.body) == (200, True), done.body


def test_it_is_kept_for_its_person_and_for_ten_minutes(
    ada: Traveller, house: House, clock: StandingClock
) -> None:
    """Nobody else finds it in the browser, nor does anybody later, or what was tampered with."""
    send(ada.visitor, "/tokens/new", **TYPED)
    kept = ada.visitor.cookies[KEPT]
    house.office.providers = Providers()
    ben = Visitor(house.office, cookies={KEPT: kept})
    ben.sign_in(BEN)
    assert ben.go("GET", "/again/form").headers["Location"] == "/"
    changed = replace(ada.visitor, cookies={**ada.visitor.cookies, KEPT: f"A{kept[1:]}"})
    house.office.providers = Providers({"acme": ada.issuer.relied_on()}, passwords=False)
    assert changed.go("GET", "/again/form").status == 303
    ada.sign_in("ada")
    assert ada.visitor.go("GET", "/again/form").status == 200
    clock.move_on(minutes=10)
    assert ada.visitor.go("GET", "/again/form").headers["Location"] == "/"


def test_who_was_signed_out_meanwhile_loses_nothing(
    ada: Traveller, house: House, clock: StandingClock
) -> None:
    """A form that comes when its session is over waits for its person, and for nobody else."""
    clock.move_on(minutes=40)
    asked = send(ada.visitor, "/tokens/new", **{**TYPED, "_password_hint": "hush"})
    assert (asked.status, b"signed out meanwhile" in asked.body) == (401, True)
    kept = ada.visitor.cookies[KEPT]
    assert b'name="next" value="/again/form"' in asked.body
    ada.sign_in("ada", next="/again/form")
    page = ada.visitor.go("GET", "/again/form")
    carried = {TOKEN: token_of(ada.visitor.cookies["counterfoil"]), PLACE: str(house.id)}
    assert fields(page) == {**carried, **TYPED}
    assert b"hush" not in page.body
    house.office.providers = Providers()
    ben = Visitor(house.office, cookies={KEPT: kept})
    ben.sign_in(BEN)
    assert ben.go("GET", "/again/form").headers["Location"] == "/"


def test_nobodys_form_is_not_kept(ada: Traveller, clock: StandingClock) -> None:
    """A form that was made for another session, or for none, waits for nobody."""
    clock.move_on(minutes=40)
    asked = ada.visitor.go("POST", "/tokens/new", form={TOKEN: token_of("another"), **TYPED})
    assert (asked.status, b"keep a copy of it first" in asked.body) == (401, True)
    ada.visitor.cookies.pop("counterfoil")
    ada.visitor.go("POST", "/tokens/new", form={TOKEN: token_of("another"), **TYPED})
    assert KEPT not in ada.visitor.cookies


def test_neither_secrets_nor_what_is_too_long_is_kept(ada: Traveller) -> None:
    """A field for a secret is not in it, and what no cookie holds is not cut short."""
    noise = "".join(hashlib.sha512(bytes([n])).hexdigest() for n in range(80))
    asked = send(ada.visitor, "/tokens/new", **{**TYPED, "description": noise})
    assert KEPT not in ada.visitor.cookies
    assert b"keep a copy of it first" in asked.body
    send(ada.visitor, "/tokens/new", **{**TYPED, "_password_hint": "hush"})
    ada.sign_in("ada")
    assert "hush" not in ada.visitor.go("GET", "/again/form").body.decode()
