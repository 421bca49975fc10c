"""A device without a browser is let in by a person in theirs, once, and by nobody else (S49)."""

from __future__ import annotations

from typing import Any

import pytest

from counterfoil.directory.deactivate import deactivate_user
from counterfoil.signin.policy import ALPHABET
from counterfoil.web.form import TOKEN, token_of
from support.office import StandingClock
from support.signin import BEN, House, Seen, Visitor

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
BEGIN = "/oauth/device_authorization"


@pytest.fixture
def device(house: House) -> Visitor:
    """A device, which keeps no cookie of anybody."""
    return Visitor(house.office, address="198.51.100.9")


def begun(device: Visitor) -> dict[str, Any]:
    seen = device.go("POST", BEGIN, form={"client_id": "counterfoil-cli"})
    assert seen.status == 200, seen.body
    return seen.json


def polled(device: Visitor, told: dict[str, Any], **changed: str) -> Seen:
    form = {"grant_type": GRANT, "client_id": "counterfoil-cli"}
    return device.token(**{**form, "device_code": told["device_code"], **changed})


def answer(browser: Visitor, code: str, how: str = "") -> Seen:
    token = token_of(browser.cookies.get("counterfoil", ""))
    return browser.go("POST", f"/device{how}", form={"code": code, TOKEN: token})


def test_a_person_lets_a_device_in(
    house: House, visitor: Visitor, device: Visitor, clock: StandingClock
) -> None:
    """The person sees who asks and from where, says yes, and the device gets a session, once."""
    told = begun(device)
    assert told["verification_uri"] == "http://127.0.0.1:8400/device"
    assert (told["expires_in"], told["interval"]) == (600, 5)
    assert polled(device, told).error == "authorization_pending"
    visitor.sign_in()
    page = answer(visitor, told["user_code"]).body
    assert b"198.51.100.9" in page
    assert b"test/1" in page
    assert b"counterfoil-cli" in page
    assert answer(visitor, told["user_code"], "/approve").status == 303
    clock.move_on(seconds=5)
    tokens = polled(device, told)
    assert tokens.status == 200
    assert device.refresh(tokens.json["refresh_token"]).status == 200
    clock.move_on(seconds=5)
    assert polled(device, told).error == "invalid_grant"
    assert ("oauth.redeem_device", "allowed") in house.trail()


def test_the_code_is_eight_letters(device: Visitor) -> None:
    """It is made of letters that make no words, and read however somebody types it (RFC 8628)."""
    seen = "".join(begun(device)["user_code"] for _ in range(20))
    assert set(seen) - {"-"} <= set(ALPHABET)
    assert len(seen) == 20 * 9


@pytest.mark.parametrize("typed", ["{}", " {} ", "{} "])
def test_a_code_is_typed_as_people_type(device: Visitor, visitor: Visitor, typed: str) -> None:
    """Small letters, blanks and no hyphen make no difference."""
    code = begun(device)["user_code"]
    visitor.sign_in()
    assert answer(visitor, typed.format(code.lower().replace("-", " "))).status == 200


def test_a_no_is_a_no(visitor: Visitor, device: Visitor) -> None:
    """A refused device is told so, and cannot be let in afterwards."""
    told = begun(device)
    visitor.sign_in()
    assert answer(visitor, told["user_code"], "/deny").status == 303
    assert answer(visitor, told["user_code"], "/approve").status == 404
    assert polled(device, told).error == "access_denied"


def test_ten_minutes_are_all(visitor: Visitor, device: Visitor, clock: StandingClock) -> None:
    """Who answers too late answers nothing (S43)."""
    told = begun(device)
    visitor.sign_in()
    clock.move_on(minutes=10)
    assert polled(device, told).error == "expired_token"
    assert answer(visitor, told["user_code"], "/approve").status == 404


def test_an_eager_device_slows_down(device: Visitor, clock: StandingClock) -> None:
    """Each question too soon costs five seconds more (RFC 8628 §3.5; S43)."""
    told = begun(device)
    assert polled(device, told).error == "authorization_pending"
    assert polled(device, told).error == "slow_down"
    clock.move_on(seconds=9)
    assert polled(device, told).error == "slow_down"
    clock.move_on(seconds=15)
    assert polled(device, told).error == "authorization_pending"


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"device_code": "x" * 43}, "invalid_grant"),
        ({"device_code": "é"}, "invalid_grant"),
        ({"client_id": "another"}, "invalid_client"),
        ({"client_secret": "x"}, "invalid_client"),
    ],
)
def test_the_code_is_the_devices_own(device: Visitor, changed: dict[str, str], error: str) -> None:
    """Another code or another client gets nothing."""
    assert polled(device, begun(device), **changed).error == error


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "invalid_request"),
        ({"client_id": "another"}, "invalid_client"),
        ({"client_id": "counterfoil-cli", "scope": "content:read"}, "invalid_scope"),
    ],
)
def test_only_our_client_asks(device: Visitor, form: dict[str, str], error: str) -> None:
    """Who is no client of ours gets no code, and nobody gets scopes by asking."""
    assert device.go("POST", BEGIN, form=form).error == error


def test_saying_yes_asks_for_a_fresh_browser(
    visitor: Visitor, device: Visitor, clock: StandingClock
) -> None:
    """Nobody who is signed out, signed in long ago, or on another site lets a device in (S49)."""
    told = begun(device)
    assert answer(Visitor(visitor.office), told["user_code"], "/approve").status == 401
    visitor.sign_in()
    forged = visitor.go("POST", "/device/approve", form={"code": told["user_code"]})
    assert forged.status == 403
    clock.move_on(minutes=9)
    visitor.authorize()
    clock.move_on(minutes=7)
    late = begun(device)
    assert answer(visitor, late["user_code"], "/approve").status == 403
    assert polled(device, late).error == "authorization_pending"


def test_guesses_become_slow(visitor: Visitor, house: House, device: Visitor) -> None:
    """Whoever types wrong letters again and again has to wait; another person does not (S43)."""
    told = begun(device)
    visitor.sign_in()
    for _ in range(10):
        assert answer(visitor, "BBBB-BBBB").status == 404
    assert answer(visitor, told["user_code"]).status == 429
    ben = Visitor(house.office)
    ben.sign_in(BEN)
    assert answer(ben, told["user_code"]).status == 200


def test_letters_of_ones_own_buy_no_guesses(visitor: Visitor, device: Visitor) -> None:
    """Guesses add up, also of who types the letters of a device of theirs in between (S43)."""
    told, last = begun(device), 0
    visitor.sign_in()
    for _ in range(10):
        assert answer(visitor, "BBBB-BBBB").status == 404
        last = answer(visitor, told["user_code"]).status
    assert last == 429


def test_few_ask_from_one_place(device: Visitor) -> None:
    """A source has thirty questions open at a time (S42)."""
    for _ in range(30):
        begun(device)
    assert device.go("POST", BEGIN, form={"client_id": "counterfoil-cli"}).status == 429


def test_who_is_shut_out_lets_nobody_in(house: House, device: Visitor) -> None:
    """A yes of somebody who was shut out, or signed out, since is worth nothing (S20)."""
    ben = Visitor(house.office)
    ben.sign_in(BEN)
    shut, signed = begun(device), begun(device)
    assert answer(ben, shut["user_code"], "/approve").status == 303
    with house.operating() as work:
        deactivate_user(work, house.ben)
    assert polled(device, shut).error == "invalid_grant"
    ada = Visitor(house.office)
    ada.sign_in()
    assert answer(ada, signed["user_code"], "/approve").status == 303
    ada.go("POST", "/signout")
    assert polled(device, signed).error == "invalid_grant"
