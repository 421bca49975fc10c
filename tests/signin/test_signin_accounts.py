"""How members sign in, and when they last did, for who looks after them."""

from __future__ import annotations

import pytest

from counterfoil.directory import Sought
from counterfoil.directory.enroll import enroll
from counterfoil.directory.steps.admit import Newcomer
from counterfoil.kernel.errors import Code, Denied
from counterfoil.kernel.ids import UserId
from counterfoil.kernel.page import Wanted
from counterfoil.office import Office
from counterfoil.operation import OPERATIONS
from counterfoil.signin.accounts import Account, list_accounts, show_account
from counterfoil.signin.doors.accounts import ROUTES, source
from support.directory import Company
from support.doors import Probe
from support.office import StandingClock
from support.signin import House, Visitor


@pytest.fixture
def acme(office: Office) -> House:
    return House(office)


def account(acme: House, user: UserId) -> Account:
    with acme.looking(acme.ada) as work:
        return show_account(work, user)


def test_when_somebody_last_came_outlives_their_session(acme: House, clock: StandingClock) -> None:
    """A sign-out takes the session away and not the date, and the next sign-in moves it."""
    assert account(acme, acme.ada).ways.last_at is None
    visitor = Visitor(acme.office)
    assert visitor.sign_in().status == 204
    first = clock()
    assert visitor.go("POST", "/signout").status in {200, 204, 303}
    clock.move_on(days=2)
    assert account(acme, acme.ada).ways.last_at == first
    assert visitor.sign_in().status == 204
    assert account(acme, acme.ada).ways.last_at == clock()


def test_a_wrong_password_is_no_sign_in(acme: House) -> None:
    """Whoever fails to sign in has not come."""
    assert Visitor(acme.office).sign_in(password="not the one at all").status == 401
    assert account(acme, acme.ada).ways.last_at is None


def test_what_somebody_signs_in_by_is_told(acme: House) -> None:
    """A password makes an account local; who has nothing yet is nowhere."""
    assert source(account(acme, acme.ben)) == "local"
    bob = acme.hire("Bob", "reader")
    assert source(account(acme, bob)) == "none"


def test_nothing_is_told_of_who_is_only_invited(acme: House) -> None:
    """Whom another organization has is no open book to who types their address."""
    other = Company(acme.office, "Other")
    with acme.acting(acme.ada) as work:
        invited = enroll(work, Newcomer("Somebody", "ada@other.test"), []).user.id
    assert invited == other.ada
    seen = account(acme, invited)
    assert (seen.ways.password, seen.ways.last_at, source(seen)) == (False, None, "none")


def test_only_who_reads_members_is_told(acme: House) -> None:
    """Without users:read there is no list of accounts, and no account (S17)."""
    for ask in (
        lambda work: list_accounts(work, Wanted(), Sought()),
        lambda work: show_account(work, acme.ada),
    ):
        with pytest.raises(Denied) as refusal, acme.looking(acme.ben) as work:
            ask(work)
        assert refusal.value.code is Code.INSUFFICIENT_SCOPE


def test_accounts_over_http(acme: House) -> None:
    """The list and the one say the same, with the tokens counted by state."""
    caller = acme.caller(acme.ada)
    ask = Probe(acme.office, caller, routes=ROUTES, operations=OPERATIONS)
    listed = ask("GET", "/cma/accounts?filter[query]=ben").json["data"]
    assert [one["id"] for one in listed] == [str(acme.ben)]
    facts = listed[0]["attributes"]
    assert facts["tokens"] == dict.fromkeys(
        ("pending", "active", "disabled", "expired", "revoked", "denied", "lapsed"), 0
    )
    assert (facts["source"], facts["password"], facts["passkeys"]) == ("local", True, 0)
    assert facts["second_factor"] is False
    assert ask("GET", f"/cma/accounts/{acme.ben}").json["data"] == listed[0]
    assert ask("GET", "/cma/accounts/4031846205310216").status == 404
