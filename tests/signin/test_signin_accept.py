"""Whoever made an account holds nothing by it in an organization that invites its address later."""

from __future__ import annotations

import pytest

from counterfoil.access.scope import Scope
from counterfoil.directory.enroll import assign, deactivate, end, enroll
from counterfoil.directory.steps.admit import Newcomer
from counterfoil.kernel.ids import UserId
from counterfoil.secret import Kind, Secret
from counterfoil.signin import invite
from support.directory import Company
from support.directory_doors import knock_as, new_user
from support.doors import Seen
from support.office import StandingClock
from support.signin import House, Visitor

CARA = "cara@people.test"
SQUATTED = "chosen by whoever came first"
CHOSEN = "a password of Cara's own"


@pytest.fixture
def bolt(house: House) -> Company:
    """Return the organization that invites Cara; the house is where she was enrolled first."""
    return Company(house.office, "Bolt")


@pytest.fixture
def cara(house: House, visitor: Visitor) -> UserId:
    """Enrol Cara in the house, whose admin uses the code himself."""
    return enrolled(house, visitor)


def enrolled(house: House, visitor: Visitor, email: str = CARA) -> UserId:
    told = knock_as(house, house.ada)("POST", "/cma/users", new_user(house, email, "reader")).json
    chosen = {"code": told["meta"]["invitation"]["code"], "password": SQUATTED}
    assert visitor.go("POST", "/setup", json=chosen).status == 204
    return UserId(int(told["data"]["id"]))


def invited(bolt: Company, email: str = CARA, *roles: str) -> dict[str, str]:
    """Enrol somebody whom another organization has; return what stands beside them."""
    body = new_user(bolt, email, *(roles or ("developer",)))
    told = knock_as(bolt, bolt.ada)("POST", "/cma/users", body)
    assert (told.status, told.json["data"]["attributes"]["active"]) == (201, False)
    assert "no-store" in told.headers["cache-control"]
    return dict(told.json["meta"]["invitation"])


def accepts(house: House, user: UserId, bolt: Company, code: object) -> Seen:
    body = {"data": {"type": "invitation", "attributes": {"code": code}}}
    return knock_as(house, user)("POST", f"/cma/invitations/{bolt.id}/accept", body)


def is_refused(said: Seen) -> bool:
    pointer = said.json["errors"][0]["source"]["pointer"]
    return (said.status, said.code, pointer) == (422, "INVALID_FIELD", "/data/attributes/code")


def test_an_account_and_the_code_together(house: House, bolt: Company, cara: UserId) -> None:
    """Who is signed in joins by the code of the invitation, which names where to use it (S25)."""
    given = invited(bolt)
    assert given["url"].endswith(f"/cma/invitations/{bolt.id}/accept")
    assert accepts(house, cara, bolt, f" {given['code']}\n").status == 200
    assert bolt.member(cara).active
    assert accepts(house, cara, bolt, given["code"]).status == 404


def test_the_account_alone_accepts_nothing(
    house: House, bolt: Company, cara: UserId, visitor: Visitor
) -> None:
    """Whoever holds an account by its first code lacks the one that Cara was given (S25)."""
    invited(bolt)
    other = enrolled(house, visitor, "dan@people.test")
    of_another = invited(bolt, "dan@people.test")["code"]
    own = house.code_for(cara)
    unknown = Secret.mint(Kind.INVITATION, bytes).reveal()
    for code in (of_another, own, unknown, "", "cfi_", "x" * 9_000, "\x00ü"):
        assert is_refused(accepts(house, cara, bolt, code))
    for body in (None, {}, {"data": {"type": "invitation", "attributes": {}}}):
        said = knock_as(house, cara)("POST", f"/cma/invitations/{bolt.id}/accept", body)
        assert 400 <= said.status < 500
    assert not bolt.member(cara).active
    assert accepts(house, other, bolt, of_another).status == 200


def test_the_code_alone_opens_no_account(
    house: House, bolt: Company, cara: UserId, visitor: Visitor
) -> None:
    """What Bolt gives out is worth nothing where passwords are chosen: Cara's stays (S44)."""
    code = invited(bolt)["code"]
    seen = visitor.go("POST", "/setup", json={"code": code, "password": CHOSEN})
    assert (seen.status, seen.error) == (401, "INVALID_INVITATION")
    assert visitor.sign_in(CARA, SQUATTED).status == 204
    assert accepts(house, cara, bolt, code).status == 200


def test_codes_do_not_get_in_each_others_way(
    house: House, bolt: Company, cara: UserId, visitor: Visitor
) -> None:
    """A new password leaves the codes to other places good, and each place has one code (S44)."""
    third = Company(house.office, "Clip")
    first, other = invited(bolt)["code"], invited(third)["code"]
    chosen = {"code": house.code_for(cara), "password": CHOSEN}
    assert visitor.go("POST", "/setup", json=chosen).status == 204
    second = bolt.code_for(cara)
    assert is_refused(accepts(house, cara, bolt, first))
    assert is_refused(accepts(house, cara, bolt, other))
    assert accepts(house, cara, third, other).status == 200
    assert accepts(house, cara, bolt, second).status == 200


def test_a_code_dies(house: House, bolt: Company, cara: UserId, clock: StandingClock) -> None:
    """A code is worth nothing after three days, or once its invitation was taken back (S20)."""
    late = invited(bolt)["code"]
    clock.move_on(days=3)
    assert is_refused(accepts(house, cara, bolt, late))
    fresh = bolt.code_for(cara)
    with bolt.acting(bolt.ada) as work:
        end(work, cara)
    assert accepts(house, cara, bolt, fresh).status == 404
    again = invited(bolt)["code"]
    assert is_refused(accepts(house, cara, bolt, fresh))
    assert accepts(house, cara, bolt, again).status == 200


def test_a_code_is_worth_what_its_giver_is(house: House, bolt: Company, cara: UserId) -> None:
    """It dies with its giver's place, and lets in nobody who is above them (S20, S21)."""
    bolt.role("desk", Scope.USERS_MANAGE, Scope.CONTENT_READ)
    bolt.role("shelf", Scope.CONTENT_READ)
    desk, head = bolt.hire("Dora", "desk"), bolt.hire("Emil", "admin")
    told = knock_as(bolt, desk)("POST", "/cma/users", new_user(bolt, CARA, "shelf")).json
    with bolt.operating() as work:
        assign(work, cara, [bolt.roles["admin"].id])
    assert is_refused(accepts(house, cara, bolt, told["meta"]["invitation"]["code"]))
    code = knock_as(bolt, head)("POST", f"/cma/users/{cara}/invitation").json["meta"]["invitation"]
    with bolt.operating() as work:
        deactivate(work, head)
    assert is_refused(accepts(house, cara, bolt, code["code"]))
    assert not bolt.member(cara).active


def test_an_account_that_was_left_behind(
    house: House, bolt: Company, cara: UserId, visitor: Visitor
) -> None:
    """Whom nobody has any more begins anew: the account is its former holder's no longer (S25)."""
    assert visitor.sign_in(CARA, SQUATTED).status == 204
    tokens = visitor.redeem(visitor.code()).json
    with house.acting(house.ada) as work:
        end(work, cara)
    told = knock_as(bolt, bolt.ada)("POST", "/cma/users", new_user(bolt, CARA, "admin")).json
    assert told["data"]["attributes"]["active"] is True
    assert visitor.sign_in(CARA, SQUATTED).status == 401
    assert visitor.refresh(tokens["refresh_token"]).error == "invalid_grant"
    given = told["meta"]["invitation"]
    assert given["url"].endswith("/setup")
    chosen = {"code": given["code"], "password": CHOSEN}
    assert visitor.go("POST", "/setup", json=chosen).status == 204
    assert visitor.sign_in(CARA, CHOSEN).status == 204


def test_the_operator_settles_whose_an_address_is(
    house: House, bolt: Company, cara: UserId, visitor: Visitor
) -> None:
    """By the operator's code the account is Cara's, and then the invitation is (S25)."""
    code = invited(bolt)["code"]
    with house.operating() as work:
        told = invite(work, cara).code.reveal()
    assert visitor.sign_in(CARA, SQUATTED).status == 401
    assert visitor.go("POST", "/setup", json={"code": told, "password": CHOSEN}).status == 204
    assert accepts(house, cara, bolt, code).status == 200


def test_being_enrolled_alone_lets_nobody_in(
    house: House, bolt: Company, cara: UserId, visitor: Visitor
) -> None:
    """A door that enrols and gives no code out leaves a known account outside (S25)."""
    with house.acting(house.ada) as work:
        end(work, cara)
    with bolt.acting(bolt.ada) as work:
        enroll(work, Newcomer("Cara", CARA), [bolt.roles["admin"].id])
    assert not bolt.member(cara).active
    assert visitor.sign_in(CARA, SQUATTED).status == 401
    code = bolt.code_for(cara)
    assert bolt.member(cara).active
    assert visitor.sign_in(CARA, SQUATTED).status == 401
    assert visitor.go("POST", "/setup", json={"code": code, "password": CHOSEN}).status == 204
    assert visitor.sign_in(CARA, CHOSEN).status == 204
