"""Who is invited chooses a password by a one-time code, and nobody else does by it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from counterfoil.access.caller import Method
from counterfoil.access.scope import Scope
from counterfoil.audit.record import entries
from counterfoil.directory.deactivate import deactivate_user, reactivate_user
from counterfoil.directory.enroll import assign, deactivate
from counterfoil.jsonapi.idempotency import table as idempotency
from counterfoil.kernel.ids import UserId
from counterfoil.signin import invite
from counterfoil.signin.store.tables import invitations
from support.directory import Company
from support.directory_doors import knock_as, new_user
from support.doors import Probe
from support.office import StandingClock
from support.signin import BEN, PASSWORD, House, Seen, Visitor

CARA = "cara@people.test"
CHOSEN = "a password of Cara's own"


def enrol(house: House, *roles: str) -> tuple[UserId, str]:
    """Enrol Cara as the admin does; return who she is, and her code."""
    told = knock_as(house, house.ada)("POST", "/cma/users", new_user(house, CARA, *roles)).json
    return UserId(int(told["data"]["id"])), told["meta"]["invitation"]["code"]


def redeem(visitor: Visitor, code: str, password: str = CHOSEN) -> Seen:
    return visitor.go("POST", "/setup", json={"code": code, "password": password})


def test_who_is_enrolled_can_sign_in(house: House, visitor: Visitor) -> None:
    """The answer to an enrolment carries a code, by which a person chooses what they sign in by."""
    _, code = enrol(house, "reader")
    assert visitor.sign_in(CARA, CHOSEN).status == 401
    assert redeem(visitor, code).status == 204
    assert visitor.sign_in(CARA, CHOSEN).status == 204
    assert visitor.redeem(visitor.code()).status == 200


def test_the_form_does_as_the_program(house: House, visitor: Visitor) -> None:
    """A browser gets a page for the code, and a page that says what is wrong or leads on."""
    _, code = enrol(house, "reader")
    page = visitor.go("GET", "/setup")
    assert (page.status, b'name="code"' in page.body) == (200, True)
    wanted = {"code": code, "password": "short"}
    short = visitor.go("POST", "/setup", form=wanted, accept="text/html")
    assert (short.status, b"12 to 512 characters" in short.body) == (422, True)
    assert code.encode() not in short.body
    wanted = {"code": f" {code}\n", "password": CHOSEN}
    done = visitor.go("POST", "/setup", form=wanted, accept="text/html")
    assert (done.status, done.headers["Location"]) == (303, "/signin#top")
    assert visitor.sign_in(CARA, CHOSEN).status == 204


def test_a_code_is_good_once(house: House, visitor: Visitor) -> None:
    """A second use of a code is refused, and leaves the password that was chosen."""
    _, code = enrol(house, "reader")
    redeem(visitor, code)
    again = redeem(visitor, code, "somebody else's idea")
    assert (again.status, again.error) == (401, "INVALID_INVITATION")
    assert visitor.sign_in(CARA, CHOSEN).status == 204


@pytest.mark.parametrize("wrong", ["", "cfi_", "cfi_" + "0" * 49, "x" * 9_000, "ünknown"])
def test_no_other_code(house: House, visitor: Visitor, wrong: str) -> None:
    """What is no code is refused alike, whatever is wrong with it."""
    enrol(house, "reader")
    seen = redeem(visitor, wrong)
    assert (seen.status, seen.error) == (401, "INVALID_INVITATION")


def test_a_code_is_no_token_and_a_token_no_code(house: House, visitor: Visitor) -> None:
    """The codes of invitations open nothing but their own door, and nothing else opens that."""
    tokens = visitor.tokens()
    for secret in (tokens["access_token"], tokens["refresh_token"]):
        assert redeem(visitor, secret).error == "INVALID_FIELD"
    _, code = enrol(house, "reader")
    assert visitor.refresh(code).error == "invalid_grant"


def test_a_code_dies_in_three_days(house: House, visitor: Visitor, clock: StandingClock) -> None:
    """A code works until the instant that the answer names, and not at it."""
    told = knock_as(house, house.ada)("POST", "/cma/users", new_user(house, CARA, "reader")).json
    invitation = told["meta"]["invitation"]
    assert invitation["expires_at"] == "2026-03-04T12:00:00Z"
    clock.move_on(days=3)
    assert redeem(visitor, invitation["code"]).error == "INVALID_INVITATION"


def test_the_code_rests_nowhere(house: House) -> None:
    """A code is kept as a digest alone, and a repeated answer shows it no more (S4, S9)."""
    admin = knock_as(house, house.ada)
    key = {"idempotency-key": "enrol-cara-once-please"}
    first = admin("POST", "/cma/users", new_user(house, CARA, "reader"), key)
    code = first.json["meta"]["invitation"]["code"]
    assert "no-store" in first.headers["cache-control"]
    again = admin("POST", "/cma/users", new_user(house, CARA, "reader"), key)
    assert again.json["meta"]["invitation"]["code"] is None
    assert again.json["meta"]["secret_already_shown"] is True
    with house.office.database.reading() as tx:
        for kept in (invitations, idempotency, entries):
            assert code not in str(tx.execute(select(kept)).all())


def test_an_invitation_that_is_sent_twice_is_one(house: House, visitor: Visitor) -> None:
    """Under one Idempotency-Key the first code stays good, and is shown once (A12, R9)."""
    id_, _ = enrol(house, "reader")
    admin, key = knock_as(house, house.ada), {"idempotency-key": "invite-cara-once-please"}
    first, again = (admin("POST", f"/cma/users/{id_}/invitation", None, key) for _ in range(2))
    said, told = first.json["meta"], again.json["meta"]
    code = said["invitation"]["code"]
    assert told == {
        "effective": "host",
        "position": int(first.headers["counterfoil-position"]),
        "audit_event": said["audit_event"],
        "proof": said["proof"],
        "invitation": {**said["invitation"], "code": None},
        "secret_already_shown": True,
    }
    assert said["position"] == told["position"]
    assert first.headers["counterfoil-position"] == again.headers["counterfoil-position"]
    with house.office.database.reading() as tx:
        for kept in (invitations, idempotency, entries):
            assert code not in str(tx.execute(select(kept)).all())
    assert redeem(visitor, code).status == 204
    assert admin("POST", f"/cma/users/{house.ben}/invitation", None, key).status == 200


def test_a_service_user_is_not_invited(house: House) -> None:
    """Who never signs in gets no code, at no door."""
    admin = knock_as(house, house.ada)
    made = admin("POST", "/cma/users", new_user(house, None, "reader"))
    assert (made.status, "meta" in made.json) == (201, False)
    told = admin("POST", f"/cma/users/{made.json['data']['id']}/invitation")
    assert (told.status, told.code) == (409, "CONFLICT")


def test_a_reset_takes_the_old_way_in_away(house: House, visitor: Visitor) -> None:
    """An admin's invitation ends password and sessions at once, and leads to a new one (S44)."""
    ben = Visitor(house.office)
    assert ben.sign_in(BEN).status == 204
    tokens = ben.redeem(ben.code()).json
    told = knock_as(house, house.ada)("POST", f"/cma/users/{house.ben}/invitation")
    assert told.status == 200
    assert told.json["meta"]["effective"] == "host"
    assert told.headers["counterfoil-position"] == str(told.json["meta"]["position"])
    assert house.live() == set()
    assert ben.refresh(tokens["refresh_token"]).error == "invalid_grant"
    assert visitor.sign_in(BEN, PASSWORD).status == 401
    assert redeem(visitor, told.json["meta"]["invitation"]["code"]).status == 204
    assert visitor.sign_in(BEN, CHOSEN).status == 204


def test_the_last_code_counts(house: House, visitor: Visitor) -> None:
    """A new invitation takes the place of the one before."""
    cara, first = enrol(house, "reader")
    told = knock_as(house, house.ada)("POST", f"/cma/users/{cara}/invitation").json
    assert redeem(visitor, first).error == "INVALID_INVITATION"
    assert redeem(visitor, told["meta"]["invitation"]["code"]).status == 204


def test_an_old_session_invites_nobody(house: House, clock: StandingClock) -> None:
    """A code is worth an account, so it asks for a fresh proof; a service user does not (S44)."""
    admin = knock_as(house, house.ada)
    clock.move_on(minutes=16)
    for path, body in (
        ("/cma/users", new_user(house, CARA, "reader")),
        (f"/cma/users/{house.ben}/invitation", None),
    ):
        assert admin("POST", path, body).code == "STEP_UP_REQUIRED"
    assert admin("POST", "/cma/users", new_user(house, None, "reader")).status == 201
    with house.office.database.reading() as tx:
        assert tx.execute(select(invitations)).all() == []


@pytest.mark.parametrize("method", [Method.PERSONAL, Method.SERVICE, Method.EXCHANGED])
def test_no_token_invites(house: House, method: Method) -> None:
    """No token gives out a code or ends a session, whatever its scopes (G9, S17)."""
    token = knock_as(house, house.ada, method)
    for verb, path in (("POST", "invitation"), ("DELETE", "sessions")):
        seen = token(verb, f"/cma/users/{house.ben}/{path}")
        assert (seen.status, seen.code) == (403, "PAT_CANNOT_MANAGE_USERS")


def test_nobody_takes_over_who_is_above_them(house: House, visitor: Visitor) -> None:
    """Whoever manages users invites and signs out nobody who reaches further than they (S17)."""
    house.role("desk", Scope.USERS_MANAGE, Scope.CONTENT_READ)
    desk = knock_as(house, house.hire("Dora", "desk"))
    assert visitor.sign_in().status == 204
    for verb, path in (("POST", "invitation"), ("DELETE", "sessions")):
        assert desk(verb, f"/cma/users/{house.ada}/{path}").code == "INSUFFICIENT_ROLE"
    assert visitor.code()


def test_a_code_is_not_worth_more_than_its_giver(house: House, visitor: Visitor) -> None:
    """Who was promoted beyond their inviter is not taken over by the code (S21)."""
    house.role("desk", Scope.USERS_MANAGE, Scope.CONTENT_READ)
    house.role("shelf", Scope.CONTENT_READ)
    desk = knock_as(house, house.hire("Dora", "desk"))
    told = desk("POST", "/cma/users", new_user(house, CARA, "shelf")).json
    with house.operating() as work:
        assign(work, UserId(int(told["data"]["id"])), [house.roles["admin"].id])
    assert redeem(visitor, told["meta"]["invitation"]["code"]).error == "INVALID_INVITATION"


def test_the_codes_of_who_left_are_dead(house: House, visitor: Visitor) -> None:
    """What somebody gave out dies with their own place, or with that of who holds it (S20)."""
    dora = house.hire("Dora", "admin")
    told = knock_as(house, dora)("POST", "/cma/users", new_user(house, CARA, "reader")).json
    with house.operating() as work:
        deactivate(work, dora)
    assert redeem(visitor, told["meta"]["invitation"]["code"]).error == "INVALID_INVITATION"
    emil, code = _invited(house, "Emil")
    with house.operating() as work:
        deactivate_user(work, emil)
    assert redeem(visitor, code).error == "INVALID_INVITATION"
    with house.operating() as work:
        reactivate_user(work, emil)
    assert redeem(visitor, code).error == "INVALID_INVITATION"


def test_who_is_shared_belongs_to_no_admin(house: House, visitor: Visitor) -> None:
    """No admin opens the account of somebody who is at home elsewhere too (S25)."""
    cara, code = enrol(house, "reader")
    other = Company(house.office, "Bolt")
    stranger = knock_as(other, other.ada)
    stranger("POST", "/cma/users", new_user(other, CARA, "reader"))
    house.joins(cara, other)
    assert redeem(visitor, code).error == "INVALID_INVITATION"
    assert stranger("POST", f"/cma/users/{cara}/invitation").code == "INSUFFICIENT_ROLE"
    assert stranger("POST", f"/cma/users/{house.ben}/invitation").status == 404
    with other.operating() as work:
        by_hand = invite(work, cara).code.reveal()
    assert redeem(visitor, by_hand).status == 204
    assert visitor.sign_in(CARA, CHOSEN).status == 204


def test_an_admin_ends_sessions(house: House, visitor: Visitor) -> None:
    """An admin ends every session of somebody, who may sign in again; anybody their own (S44)."""
    ben = Visitor(house.office)
    for doing in (house.ada, house.ben):
        assert ben.sign_in(BEN).status == 204
        tokens = ben.redeem(ben.code()).json
        told = knock_as(house, doing)("DELETE", f"/cma/users/{house.ben}/sessions")
        assert (told.status, told.json["meta"]["effective"]) == (200, "host")
        assert house.live() == set()
        assert ben.refresh(tokens["refresh_token"]).error == "invalid_grant"
        assert ben.authorize().headers["Location"].startswith("/signin")
    assert knock_as(house, house.ben)("DELETE", f"/cma/users/{house.ada}/sessions").status == 403
    assert visitor.sign_in(BEN).status == 204


def test_invitations_are_on_record(house: House, visitor: Visitor) -> None:
    """The code given and the password chosen are one entry each, with whom it is about (S9)."""
    cara, code = enrol(house, "reader")
    redeem(visitor, code)
    trail: list[Any] = list(_about(knock_as(house, house.ada), cara))
    assert trail == ["password.choose", "user.invite", "user.enroll"]


def _about(admin: Probe, user: UserId) -> list[str]:
    said = admin("GET", f"/cma/audit_events?filter[target]=usr_{user}").json["data"]
    return [entry["attributes"]["operation"] for entry in said]


def _invited(house: House, name: str) -> tuple[UserId, str]:
    body = new_user(house, f"{name.lower()}@people.test", "reader")
    told = knock_as(house, house.ada)("POST", "/cma/users", body).json
    return UserId(int(told["data"]["id"])), told["meta"]["invitation"]["code"]
