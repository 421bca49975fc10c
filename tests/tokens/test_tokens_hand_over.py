"""What rests on somebody who leaves is handed over, all at once, and goes on with its secret."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from counterfoil.audit.record import entries
from counterfoil.directory.enroll import deactivate, enroll
from counterfoil.directory.steps.admit import Newcomer
from counterfoil.kernel.errors import Code, Conflict, Denied, Invalid, NotFound
from counterfoil.kernel.ids import Prefix, UserId, spell
from counterfoil.tokens.api_token import create_api_token
from counterfoil.tokens.api_token_lock import lock_api_token
from counterfoil.tokens.hand_over import FIELD, hand_over
from counterfoil.tokens.key_pair import create_pair
from counterfoil.tokens.steps.record import Issued
from counterfoil.tokens.wish import Wish
from support.tokens import Agency

pytestmark = pytest.mark.each_engine


@pytest.fixture
def robot(agency: Agency) -> UserId:
    """A service user who reads."""
    with agency.acting(agency.ada) as work:
        reader = agency.roles["reader"].id
        return enroll(work, Newcomer("Robot", None), [reader]).user.id


@pytest.fixture
def lent(agency: Agency) -> list[Issued]:
    """An API token and a pair that take Dan's permissions."""
    wish = Wish("lent", authority="user", subject=agency.dan)
    with agency.acting(agency.ada) as work:
        token = create_api_token(work, wish)
    with agency.acting(agency.ada) as work:
        return [token, create_pair(work, Wish("pair", authority="user", subject=agency.dan))]


def entries_of(agency: Agency, operation: str) -> set[str | None]:
    """Return on what the trail says that an operation was done."""
    with agency.office.database.reading() as tx:
        query = select(entries.c.target).where(entries.c.operation == operation)
        return set(tx.execute(query).scalars())


def test_all_of_it_goes_on(agency: Agency, robot: UserId, lent: list[Issued]) -> None:
    """After it nothing stops when the member is shut out, and their own tokens do (K5, S20)."""
    own = agency.granted(agency.dan)
    role = agency.api_token("reader")
    with agency.acting(agency.ada) as work:
        done = hand_over(work, agency.dan, robot)
    assert {one.id for one in done} == {one.token.id for one in lent}
    assert {one.subject for one in done} == {robot}
    assert entries_of(agency, "token.pass_on") == {spell(Prefix.TOKEN, one.id) for one in done}
    assert agency.hall.refusal(lent[0].secret) == "allowed"
    with agency.acting(agency.ada) as work:
        deactivate(work, agency.dan, None)
    assert agency.hall.refusal(lent[0].secret) == "allowed"
    assert agency.hall.refusal(role.secret) == "allowed"
    assert agency.hall.refusal(own.secret) == Code.OWNER_DEACTIVATED
    with agency.acting(agency.ada) as work:
        assert hand_over(work, agency.dan, robot) == []


def test_it_does_what_the_heir_may(agency: Agency, robot: UserId, lent: list[Issued]) -> None:
    """From the next request on it has the permissions of whoever lends theirs now (I2)."""
    verified = agency.hall.verifier.verify
    before = verified(lent[0].secret.reveal()).grant.scopes
    with agency.acting(agency.ada) as work:
        hand_over(work, agency.dan, robot)
    after = verified(lent[0].secret.reveal()).grant.scopes
    assert (before != after, after & ~before) == (True, 0)


def test_who_cannot_take_it(agency: Agency, robot: UserId, lent: list[Issued]) -> None:
    """Nobody from elsewhere, nobody who is shut out, not the leaver; and it stays as it was."""
    with agency.acting(agency.ada) as work:
        deactivate(work, robot, None)
    for nobody in (robot, agency.dan, UserId(1000000000000000)):
        with (
            pytest.raises(Invalid, match="another active member"),
            agency.acting(agency.ada) as work,
        ):
            hand_over(work, agency.dan, nobody)
    with pytest.raises(NotFound), agency.acting(agency.ada) as work:
        hand_over(work, UserId(1000000000000000), agency.ada)
    with pytest.raises(Denied), agency.acting(agency.dan) as work:
        hand_over(work, agency.dan, agency.ada)
    assert agency.token(lent[0].token.id).subject == agency.dan


def test_what_somebody_edits_is_theirs(agency: Agency, robot: UserId, lent: list[Issued]) -> None:
    """While somebody holds the lock of one of them none changes hands (Q14)."""
    with agency.acting(agency.ada) as work:
        lock_api_token(work, lent[0].token.id)
        bea = enroll(work, Newcomer("Bea", "bea@acme.example"), [agency.roles["admin"].id]).user.id
    with pytest.raises(Conflict), agency.acting(bea) as work:
        hand_over(work, agency.dan, robot)
    assert agency.token(lent[1].token.id).subject == agency.dan


def to(user: str) -> str:
    """Return the body that names who takes over."""
    heir = {"user": {"data": {"type": "user", "id": user}}}
    return json.dumps({"data": {"type": "user", "relationships": heir}})


def test_over_http(agency: Agency, robot: UserId, lent: list[Issued]) -> None:
    """A POST names who takes over, and is told what did; a token may not (G9)."""
    path = f"/cma/users/{agency.dan}/hand_over"
    ask = agency.door(agency.caller(agency.ada))
    told = ask.raw("POST", path, to(str(robot)))
    assert told.status_code == 200
    assert {one["type"] for one in told.json["data"]} == {"api_token", "key_pair"}
    assert {int(one["id"]) for one in told.json["data"]} == {one.token.id for one in lent}
    for wrong in ("x", str(agency.dan), "1000000000000000"):
        told = ask.raw("POST", path, to(wrong))
        assert (told.status_code, told.json["errors"][0]["source"]["pointer"]) == (422, FIELD)
    manager = agency.door(agency.api_token("admin").secret)
    assert manager.raw("POST", path, to(str(robot))).status_code == 403
