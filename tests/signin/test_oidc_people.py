"""By which accounts of providers people are known: linked, invited, forgotten; passwords or not."""

from __future__ import annotations

import pytest

from counterfoil.kernel.ids import UserId
from counterfoil.runtime.provider import Providers
from counterfoil.signin import hand_entry, heed, invite
from counterfoil.signin.enter import come_in
from counterfoil.signin.store import outside
from counterfoil.web.form import token_of
from support.directory_doors import knock_as, new_user
from support.issuer import Issuer
from support.office import ORIGIN, StandingClock
from support.signin import BEN, House, Visitor
from support.traveller import Traveller, address

CARA = "cara@people.test"


@pytest.fixture
def issuer(house: House, clock: StandingClock) -> Issuer:
    issuer = Issuer(clock)
    house.office.providers = Providers({"acme": issuer.relied_on()})
    heed(house.office, house.office.providers.each())
    return issuer


@pytest.fixture
def ada(house: House, issuer: Issuer) -> Traveller:
    """Ada, signed in by a password, and known at Acme as `ada`."""
    traveller = Traveller(Visitor(house.office), issuer)
    traveller.visitor.sign_in()
    assert traveller.link("ada").status == 200
    return traveller


def known_as(house: House, user: UserId) -> list[str]:
    with house.office.database.reading() as tx:
        return [one.subject for one in outside.of_user(tx, user)]


def test_linking_asks_for_a_session(house: House, issuer: Issuer) -> None:
    """Nobody who is not signed in links an account (S48)."""
    refused = Traveller(Visitor(house.office), issuer).go_to_link()
    assert (refused.status, b"signed out meanwhile" in refused.body) == (401, True)


def test_linking_asks_for_a_fresh_proof(house: House, issuer: Issuer, clock: StandingClock) -> None:
    """A session of long ago links no account, neither when it leaves nor when it is back (S44)."""
    traveller = Traveller(Visitor(house.office), issuer)
    traveller.visitor.sign_in()
    clock.move_on(minutes=10)
    query = issuer.agreed(address(traveller.go_to_link()), "ada")
    clock.move_on(minutes=6)
    late = traveller.back(**query)
    assert (late.status, b"within 15 minutes" in late.body) == (401, True)
    again = traveller.go_to_link()
    assert (again.status, b"fresh proof" in again.body) == (403, True)
    assert house.trail()[-1] == ("identity.link", "STEP_UP_REQUIRED")
    assert known_as(house, house.ada) == []


def test_the_settings_lead_there(house: House, issuer: Issuer) -> None:
    """Whoever is signed in finds under Settings, Security what links an account of theirs."""
    traveller = Traveller(Visitor(house.office), issuer)
    traveller.visitor.sign_in()
    page = traveller.visitor.go("GET", "/settings/security").body
    assert b'action="/signin/oidc/acme/link"' in page
    assert token_of(traveller.visitor.cookies["counterfoil"]).encode() in page


def test_no_other_site_links_an_account(house: House, issuer: Issuer) -> None:
    """A form that is not of this session links nothing, wherever it comes from (S45)."""
    traveller = Traveller(Visitor(house.office), issuer)
    traveller.visitor.sign_in()
    for form in ({}, {"_form": "x" * 43}):
        refused = traveller.visitor.go("POST", "/signin/oidc/acme/link", form=form)
        assert refused.status == 403


def test_the_session_that_left_comes_back(house: House, issuer: Issuer) -> None:
    """An account is linked to the person who set out, not to whoever signed in meanwhile (S48)."""
    traveller = Traveller(Visitor(house.office), issuer)
    traveller.visitor.sign_in()
    query = issuer.agreed(address(traveller.go_to_link()), "ada")
    traveller.visitor.sign_in(BEN)
    assert traveller.back(**query).status == 401
    assert known_as(house, house.ada) == known_as(house, house.ben) == []


def test_a_session_that_is_over_links_nothing(house: House, issuer: Issuer) -> None:
    """Who signed out on the way back links nothing (S44)."""
    traveller = Traveller(Visitor(house.office), issuer)
    traveller.visitor.sign_in()
    query = issuer.agreed(address(traveller.go_to_link()), "ada")
    traveller.visitor.go("POST", "/signout")
    assert traveller.back(**query).status == 401


def test_linking_ends_every_other_session(house: House, issuer: Issuer) -> None:
    """A new way to sign in is a change of it: all is over, and one session begins (S44)."""
    elsewhere = Visitor(house.office)
    tokens = elsewhere.tokens()
    traveller = Traveller(Visitor(house.office), issuer)
    traveller.visitor.sign_in()
    before = dict(traveller.visitor.cookies)
    assert traveller.link("ada").status == 200
    assert elsewhere.refresh(tokens["refresh_token"]).error == "invalid_grant"
    assert traveller.visitor.cookies["counterfoil"] != before["counterfoil"]
    old = Visitor(house.office, cookies=before)
    assert old.authorize().headers["Location"].startswith("/signin")
    assert "code" in traveller.visitor.authorize().query


def test_an_account_is_one_persons(house: House, ada: Traveller) -> None:
    """What somebody is known by cannot be linked by another (S48)."""
    ben = Traveller(Visitor(house.office), ada.issuer)
    ben.visitor.sign_in(BEN)
    taken = ben.link("ada")
    assert (taken.status, b"Somebody else" in taken.body) == (409, True)
    assert ben.sign_in("ada").status == 200
    assert known_as(house, house.ben) == []


def test_an_account_is_linked_twice_alike(house: House, ada: Traveller) -> None:
    """Linking again what is linked changes nothing."""
    assert ada.link("ada").status == 200
    assert known_as(house, house.ada) == ["ada"]


def enrol(house: House) -> tuple[UserId, str]:
    told = knock_as(house, house.ada)("POST", "/cma/users", new_user(house, CARA, "reader")).json
    return UserId(int(told["data"]["id"])), told["meta"]["invitation"]["code"]


def test_who_is_invited_may_come_by_a_provider(house: House, issuer: Issuer) -> None:
    """The code of an invitation links an account instead of choosing a password, once (S48)."""
    cara, code = enrol(house)
    traveller = Traveller(Visitor(house.office), issuer)
    assert b"Go on with Acme" in traveller.visitor.go("GET", "/setup").body
    assert traveller.sign_in("cara", code=f" {code} ").status == 200
    assert "code" in traveller.visitor.authorize().query
    assert known_as(house, cara) == ["cara"]
    assert house.trail()[-2][0] == "identity.accept"
    again = Traveller(Visitor(house.office), issuer).go(code=code)
    assert (again.status, b"unknown, used or late" in again.body) == (401, True)
    setup = traveller.visitor.go("POST", "/setup", json={"code": code, "password": "x" * 12})
    assert setup.error == "INVALID_INVITATION"


def test_a_code_that_was_used_on_the_way_is_used(house: House, issuer: Issuer) -> None:
    """Of two that come back with one code, one is let in (S48)."""
    cara, code = enrol(house)
    one, two = (Traveller(Visitor(house.office), issuer) for _ in range(2))
    first = issuer.agreed(address(one.go(code=code)), "cara")
    second = issuer.agreed(address(two.go(code=code)), "mallory")
    assert one.back(**first).status == 200
    assert two.back(**second).status == 401
    assert known_as(house, cara) == ["cara"]


def test_a_refused_answer_leaves_the_code(house: House, issuer: Issuer) -> None:
    """Where the provider is not believed the code stays good, and the refusal is on record."""
    cara, code = enrol(house)
    traveller = Traveller(Visitor(house.office), issuer)
    issuer.says = lambda claims: {**claims, "nonce": "another"}
    assert traveller.sign_in("cara", code=code).status == 401
    assert house.trail()[-1] == ("identity.accept", "PROVIDER_REFUSED")
    issuer.says = dict
    assert traveller.sign_in("cara", code=code).status == 200
    assert known_as(house, cara) == ["cara"]


def test_no_account_of_another_is_taken_by_a_code(house: House, ada: Traveller) -> None:
    """An invitation does not take over an account that is somebody's (S48)."""
    cara, code = enrol(house)
    assert Traveller(Visitor(house.office), ada.issuer).sign_in("ada", code=code).status == 409
    assert known_as(house, cara) == []


def test_an_invitation_forgets_the_accounts(house: House, issuer: Issuer) -> None:
    """Who is invited anew is known by nothing from before: the account might be lost (S44)."""
    ben = Traveller(Visitor(house.office), issuer)
    ben.visitor.sign_in(BEN)
    ben.link("ben")
    with house.operating() as work:
        code = invite(work, house.ben).code.reveal()
    assert ben.sign_in("ben").status == 401
    assert ben.sign_in("ben", code=code).status == 200


def test_all_that_a_session_leads_to_says_who_vouched(house: House, ada: Traveller) -> None:
    """The gates are told whether a provider did, through every code and refresh; else not (S48)."""

    def said() -> bool:
        return house.recorded()[-1].vouched_in is None

    assert ada.sign_in("ada").status == 200
    assert said()
    tokens = ada.visitor.redeem(ada.visitor.code()).json
    assert said()
    assert ada.visitor.refresh(tokens["refresh_token"]).status == 200
    assert said()
    visitor = Visitor(house.office)
    assert visitor.sign_in().status == 204
    assert not said()
    assert visitor.redeem(visitor.code()).status == 200
    assert not said()
    with house.operating() as work:
        entry = hand_entry(work, house.ada)
    come_in(house.office, entry, ORIGIN)
    assert not said()


class TestWithoutPasswords:
    """Where the operator takes no passwords."""

    @pytest.fixture(autouse=True)
    def office(self, house: House, ada: Traveller) -> House:
        self.before = Visitor(house.office)
        self.tokens = self.before.tokens()
        known = {"acme": ada.issuer.relied_on()}
        house.office.providers = Providers(known, passwords=False)
        return house

    def test_a_password_is_refused_whoever_it_is(self, office: House) -> None:
        """A right password and a wrong one get the same clear answer, and no session (S48)."""
        visitor = Visitor(office.office)
        right, wrong = visitor.sign_in(), visitor.sign_in(password="x")
        assert (right.status, right.error) == (403, "PASSWORDS_REFUSED")
        assert right.body == wrong.body
        assert visitor.cookies == {}

    def test_the_page_asks_for_none(self, office: House) -> None:
        """The sign-in page shows the provider and no field for a password; so does /setup."""
        for path in ("/signin", "/setup"):
            page = Visitor(office.office).go("GET", path).body
            assert b"Acme" in page
            assert b'name="password"' not in page

    def test_none_is_chosen_or_changed(self, office: House) -> None:
        """Neither a code nor an old password leads to a new one."""
        with office.operating() as work:
            code = invite(work, office.ben).code.reveal()
        visitor = Visitor(office.office)
        chosen = visitor.go("POST", "/setup", json={"code": code, "password": "x" * 12})
        assert chosen.error == "PASSWORDS_REFUSED"
        body = {"email": BEN, "password": "x", "new_password": "y" * 12}
        assert visitor.go("POST", "/password", json=body).error == "PASSWORDS_REFUSED"

    def test_what_a_password_began_is_over(self, ada: Traveller) -> None:
        """Sessions of before that a password began are over; those of a provider go on (S44)."""
        assert self.before.authorize().headers["Location"].startswith("/signin")
        assert self.before.refresh(self.tokens["refresh_token"]).error == "invalid_grant"
        assert ada.sign_in("ada").status == 200
        tokens = ada.visitor.redeem(ada.visitor.code()).json
        assert ada.visitor.refresh(tokens["refresh_token"]).status == 200
