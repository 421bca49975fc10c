"""Passkeys at the doors: what opens, and what an authenticator that lies does not (S44)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from counterfoil.access.caller import Method
from counterfoil.directory.enroll import deactivate
from counterfoil.operation import OPERATIONS
from counterfoil.runtime.provider import Providers
from counterfoil.signin.doors.sessions import ROUTES
from counterfoil.signin.invite import invite
from counterfoil.signin.store import passkeys
from counterfoil.web.form import token_of
from support.authenticator import PRESENT, Authenticator
from support.doors import Probe
from support.issuer import Issuer
from support.office import StandingClock
from support.signin import BEN, PASSWORD, House, Seen, Visitor
from support.traveller import Traveller

NEW, BEGIN = "/settings/security/passkeys/new", "/settings/security/passkeys/begin"


@pytest.fixture
def visitor(house: House) -> Visitor:
    return Visitor(house.office, host="localhost:8400")


def sent(visitor: Visitor, path: str, **form: str) -> Seen:
    ours = token_of(visitor.cookies.get("counterfoil", ""))
    return visitor.go("POST", path, form={"_form": ours, **form}, accept="text/html")


def asked(visitor: Visitor, path: str = "/signin/passkey/begin", **form: str) -> dict[str, Any]:
    seen = sent(visitor, path, **form)
    assert seen.status == 200, seen.body
    return seen.json


def with_passkey(visitor: Visitor, email: str = BEN, **said: Any) -> Authenticator:
    """Sign somebody in by their password and add a passkey."""
    visitor.sign_in(email)
    authenticator = Authenticator(**said)
    answer = authenticator.make(asked(visitor, BEGIN))
    assert sent(visitor, NEW, credential=answer, name="mine").status == 303
    return authenticator


def entered(visitor: Visitor, answer: str) -> int:
    return sent(visitor, "/signin/passkey", credential=answer).status


def test_a_passkey_signs_in(house: House, visitor: Visitor) -> None:
    """What signs the question that its browser was asked opens a session, and is on record."""
    authenticator = with_passkey(visitor)
    stranger = Visitor(house.office, host="localhost:8400")
    assert entered(stranger, authenticator.sign(asked(stranger))) == 303
    assert house.trail()[-1] == ("signin.login_by_passkey", "allowed")
    assert stranger.go("GET", "/settings/security").status == 200


@pytest.mark.parametrize(
    "lie",
    [
        {"origin": "http://localhost:8401"},
        {"origin": "https://localhost.evil.test"},
        {"host": "evil.test"},
        {"flags": PRESENT},
        {"flags": 0},
        {"count": -1},
        {"key": Authenticator().key},
        {"handle": "AAAAAAAAAAE"},
    ],
    ids=lambda lie: next(iter(lie)),
)
def test_a_signature_for_anything_else_opens_nothing(
    house: House, visitor: Visitor, lie: dict[str, Any]
) -> None:
    """Another origin, host, key or person, no person at all, or a copy: refused, and on record."""
    authenticator = with_passkey(visitor, count=7)
    assert entered(visitor, authenticator.sign(asked(visitor))) == 303
    options = asked(visitor)
    for name, said in lie.items():
        setattr(authenticator, name, said)
    before = visitor.cookies["counterfoil"]
    assert entered(visitor, authenticator.sign(options)) == 401
    assert visitor.cookies["counterfoil"] == before
    assert house.trail()[-1] == ("signin.login_by_passkey", "PASSKEY_REFUSED")


@pytest.mark.parametrize("lie", [{"origin": "http://localhost"}, {"host": "x"}, {"flags": PRESENT}])
def test_no_passkey_is_kept_that_was_made_elsewhere(visitor: Visitor, lie: dict[str, Any]) -> None:
    """A passkey that was made for another origin or host, or without its person, is not kept."""
    visitor.sign_in(BEN)
    answer = Authenticator(**lie).make(asked(visitor, BEGIN))
    assert sent(visitor, NEW, credential=answer).status == 401


def test_an_answer_is_good_once_for_one_purpose_and_not_for_long(
    visitor: Visitor, clock: StandingClock
) -> None:
    """An answer opens nothing a second time, late, or where something else was asked."""
    authenticator = with_passkey(visitor)
    answer = authenticator.sign(asked(visitor))
    assert [entered(visitor, answer), entered(visitor, answer)] == [303, 401]
    for_new = asked(visitor, BEGIN)
    assert entered(visitor, authenticator.sign(for_new)) == 401
    late = authenticator.sign(asked(visitor))
    clock.move_on(minutes=10)
    assert entered(visitor, late) == 401


def test_another_tab_spoils_nothing_and_another_browser_gains_nothing(
    house: House, visitor: Visitor
) -> None:
    """Two questions in one browser are both good; neither is in another browser."""
    authenticator = with_passkey(visitor)
    first, second = asked(visitor), asked(visitor)
    thief = Visitor(house.office, host="localhost:8400")
    asked(thief)
    answer = authenticator.sign(first)
    assert entered(thief, answer) == 401
    assert entered(visitor, answer) == 303
    assert entered(visitor, authenticator.sign(second)) == 303


def test_one_passkey_belongs_to_one_person(visitor: Visitor) -> None:
    """A passkey that lets somebody in is not added to anybody else, nor begun for one of them."""
    visitor.sign_in(BEN)
    answer = Authenticator().make(asked(visitor, BEGIN))
    visitor.sign_in()
    assert sent(visitor, NEW, credential=answer).status == 401


@pytest.mark.parametrize("answer", ["", "{}", "[]", "null", '{"response": {"clientDataJSON": 7}}'])
@pytest.mark.parametrize("path", ["/signin/passkey", "/setup/passkey", NEW])
def test_nonsense_is_refused(visitor: Visitor, path: str, answer: str) -> None:
    """Whatever is sent in the place of a browser's answer is a refusal and no failure."""
    visitor.sign_in()
    assert sent(visitor, path, credential=answer).status == 401


def test_a_stale_session_adds_and_removes_nothing(visitor: Visitor, clock: StandingClock) -> None:
    """Adding and removing a passkey asks for a fresh proof; what was made meanwhile is not lost."""
    visitor.sign_in(BEN)
    authenticator = Authenticator()
    clock.move_on(minutes=10)
    answer = authenticator.make(asked(visitor, BEGIN))
    clock.move_on(minutes=6)
    seen = sent(visitor, NEW, credential=answer)
    assert seen.status == 403
    assert answer.encode() not in seen.body
    assert sent(visitor, BEGIN).status == 403


def test_adding_one_ends_the_other_sessions(house: House, visitor: Visitor) -> None:
    """Whoever was signed in as the person elsewhere is so no more; the one at hand goes on."""
    elsewhere = Visitor(house.office)
    elsewhere.sign_in(BEN)
    with_passkey(visitor)
    assert elsewhere.go("GET", "/settings").status == 303
    assert visitor.go("GET", "/settings").status == 200


def test_an_invitation_is_taken_up_by_a_passkey(house: House, visitor: Visitor) -> None:
    """The code lets a passkey in, once, and at once; the password of before lets nobody in."""
    code = house.code_for(house.ben)
    authenticator = Authenticator()
    options = asked(visitor, "/setup/passkey/begin", code=code)
    assert sent(visitor, "/setup/passkey", credential=authenticator.make(options)).status == 303
    assert visitor.go("GET", "/settings").status == 200
    assert sent(visitor, "/setup/passkey/begin", code=code).status == 401
    assert Visitor(house.office).sign_in(BEN, PASSWORD).status == 401
    assert entered(visitor, authenticator.sign(asked(visitor))) == 303


def test_a_new_code_removes_passkeys(house: House, visitor: Visitor) -> None:
    """Whoever is given a code anew is let in by it alone: the passkeys of before open nothing."""
    authenticator = with_passkey(visitor)
    options = asked(visitor)
    with house.acting(house.ada) as work:
        invite(work, house.ben)
    assert entered(visitor, authenticator.sign(options)) == 401


def test_who_was_shut_out_stays_out(house: House, visitor: Visitor) -> None:
    """A passkey never brings anybody back (S20)."""
    authenticator = with_passkey(visitor)
    options = asked(visitor)
    with house.acting(house.ada) as work:
        deactivate(work, house.ben)
    assert entered(visitor, authenticator.sign(options)) == 401


def test_the_last_way_in_stays(house: House, visitor: Visitor) -> None:
    """Whoever has one passkey and nothing else cannot remove it; with a second one they can."""
    code = house.code_for(house.ben)
    answer = Authenticator().make(asked(visitor, "/setup/passkey/begin", code=code))
    assert sent(visitor, "/setup/passkey", credential=answer).status == 303
    (first,) = held(house)
    removing = f"/settings/security/passkeys/{first}/forget"
    assert sent(visitor, removing).status == 409
    assert held(house) == [first]
    answer = Authenticator().make(asked(visitor, BEGIN))
    assert sent(visitor, NEW, credential=answer).status == 303
    assert sent(visitor, removing).status == 303
    assert len(held(house)) == 1


def test_the_last_account_of_a_provider_stays(house: House, clock: StandingClock) -> None:
    """Where only providers let people in, a password is no way in, and the last link stays."""
    issuer = Issuer(clock)
    house.office.providers = Providers({"acme": issuer.relied_on()})
    traveller = Traveller(Visitor(house.office), issuer)
    traveller.visitor.sign_in()
    traveller.link("ada")
    house.office.providers = Providers({"acme": issuer.relied_on()}, passwords=False)
    page = traveller.visitor.go("GET", "/settings/security").body.decode()
    path = page.split('action="/settings/security/accounts/')[1].split("/forget")[0]
    seen = sent(traveller.visitor, f"/settings/security/accounts/{path}/forget")
    assert seen.status == 409


def test_where_only_providers_let_in_passkeys_do_not(house: House, visitor: Visitor) -> None:
    """COUNTERFOIL_PASSWORDS=off holds for passkeys too: none is asked for, and none opens."""
    authenticator = with_passkey(visitor)
    answer = authenticator.sign(asked(visitor))
    house.office.providers = Providers(passwords=False)
    assert entered(visitor, answer) == 403
    assert sent(visitor, "/signin/passkey/begin").status == 403
    assert b"passkey" not in Visitor(house.office, host="localhost:8400").go("GET", "/signin").body


def test_an_address_of_numbers_has_no_passkeys(house: House) -> None:
    """Where the server is called by an address the pages speak of no passkey, and refuse any."""
    visitor = Visitor(house.office)
    assert sent(visitor, "/signin/passkey/begin").status == 400
    assert b"passkey" not in visitor.go("GET", "/signin").body


def test_too_many_questions_are_refused(visitor: Visitor) -> None:
    """A source that asks and never answers is told to wait, and fills no table (S42)."""
    statuses = [sent(visitor, "/signin/passkey/begin").status for _ in range(31)]
    assert (statuses.count(200), statuses[-1]) == (30, 429)


def held(house: House) -> list[int]:
    with house.office.database.reading() as tx:
        return [one.id for one in passkeys.of_user(tx, house.ben)]


def test_options_say_nothing_of_who_exists(house: House, visitor: Visitor) -> None:
    """At the sign-in a browser is asked for any passkey, whoever has one (S43)."""
    with_passkey(visitor)
    options = asked(Visitor(house.office, host="localhost:8400"))
    assert options["allowCredentials"] == []
    assert (options["rpId"], options["userVerification"]) == ("localhost", "required")
    assert json.dumps(options).isascii()


def test_a_program_lists_and_removes_them(house: House, visitor: Visitor) -> None:
    """Passkeys are listed for their person alone, without the key, and removed by a fresh proof."""
    with_passkey(visitor)
    probe = Probe(
        house.office,
        house.caller(house.ben, Method.SESSION),
        routes=ROUTES,
        operations=OPERATIONS,
    )
    (one,) = probe("GET", "/cma/passkeys").json["data"]
    assert (one["attributes"]["name"], one["attributes"]["used_at"]) == ("mine", None)
    assert set(one["attributes"]) == {"name", "made_at", "used_at"}
    ada = Probe(
        house.office,
        house.caller(house.ada, Method.SESSION),
        routes=ROUTES,
        operations=OPERATIONS,
    )
    assert ada("DELETE", f"/cma/passkeys/{one['id']}").status == 404
    assert probe("DELETE", f"/cma/passkeys/{one['id']}").status == 200
    assert held(house) == []
