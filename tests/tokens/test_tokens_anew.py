"""Power that was taken away while a request was under way commits nothing any more (I1)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from counterfoil.access.caller import Caller, Method
from counterfoil.access.grant import Grant
from counterfoil.access.scope import Scope
from counterfoil.access.surface import ALL_SURFACES, Surface
from counterfoil.app.anew import UnknownCallerError, anew
from counterfoil.content.tree import create_folder
from counterfoil.directory.define_role import edit_role
from counterfoil.directory.enroll import assign, deactivate
from counterfoil.kernel.errors import Conflict, CounterfoilError, Denied, Refused
from counterfoil.office import Office
from counterfoil.operation import Work
from counterfoil.tokens.api_token import create_api_token
from counterfoil.tokens.api_token_edit import edit_api_token, regenerate, revoke_api_token
from counterfoil.tokens.revoke import revoke
from counterfoil.tokens.steps.record import Issued
from counterfoil.tokens.wish import Wish
from support.office import ORIGIN, office_on
from support.tokens import READ, Agency

Taking = Callable[[Work, Agency, Issued], object]


def maker(agency: Agency) -> Issued:
    """Make an API token that may make others, and write."""
    agency.role(
        "maker", Scope.TOKENS_MANAGE, Scope.CONTENT_READ, Scope.CONTENT_WRITE, Scope.ASSETS_WRITE
    )
    return agency.api_token("maker", surfaces=ALL_SURFACES)


def _demote(work: Work, agency: Agency, _made: Issued) -> object:
    role = agency.roles["maker"]
    return edit_role(work, role.id, lambda before: replace(before, scopes=READ))


def _restrict(work: Work, agency: Agency, made: Issued) -> object:
    return edit_api_token(work, made.token.id, Wish(roots=frozenset({agency.press})))


TAKEN: dict[str, Taking] = {
    "revoked": lambda work, _agency, made: revoke_api_token(work, made.token.id),
    "disabled": lambda work, _agency, made: edit_api_token(
        work, made.token.id, Wish(enabled=False)
    ),
    "given another secret": lambda work, _agency, made: regenerate(work, made.token.id),
    "demoted": _demote,
    "restricted": _restrict,
    "shut out": lambda work, _agency, made: edit_api_token(
        work, made.token.id, Wish(surfaces=Surface.DELIVERY.bit)
    ),
}


def another(agency: Agency) -> Wish:
    return Wish(name="late", authority="role", subject=agency.roles["maker"].id)


def elsewhere(agency: Agency) -> Office:
    """Return the office of a process that has not told the gate of this host yet."""
    hall = agency.hall
    return office_on(hall.database, hall.clock, hall.entropy)


def taken_by(office: Office, agency: Agency, take: Taking, made: Issued) -> None:
    with office.work(agency.caller(agency.ada), ORIGIN) as work:
        take(work, agency, made)


def work_as(agency: Agency, caller: Caller, act: Callable[[Work], object]) -> None:
    with agency.office.work(caller, ORIGIN) as work:
        act(work)


@pytest.mark.each_engine
@pytest.mark.parametrize("told", [True, False], ids=["told", "not told yet"])
@pytest.mark.parametrize("how", TAKEN)
def test_between_gate_and_office(agency: Agency, how: str, *, told: bool) -> None:
    """A token that lost its power after the gate let it in makes no other (I1, S19, S23).

    That holds also if the gate of this host has not heard of it: the office then asks after it.
    """
    made = maker(agency)
    caller = agency.bearing(made.secret)
    work_as(agency, caller, lambda work: create_api_token(work, another(agency)))
    office = agency.office if told else elsewhere(agency)
    taken_by(office, agency, TAKEN[how], made)
    before = agency.counts()

    def late(work: Work) -> None:
        create_api_token(work, another(agency))

    with pytest.raises((Refused, Denied, Conflict)):
        work_as(agency, caller, late)
    assert agency.counts() == before


@pytest.mark.parametrize(
    "take",
    [
        lambda work, _agency, made: revoke(work, made.token.id),
        lambda work, agency, _made: deactivate(work, agency.dan),
        lambda work, agency, _made: assign(work, agency.dan, [agency.roles["reader"].id]),
        lambda work, agency, _made: assign(work, agency.dan, []),
    ],
    ids=["revoked", "owner dismissed", "owner demoted", "owner without a role"],
)
def test_a_personal_token_too(agency: Agency, take: Taking) -> None:
    """What its owner may not do any more, a personal token does not, however late (I1, G8)."""
    asked = agency.granted(agency.dan, inherit=True, surfaces=ALL_SURFACES)
    caller = agency.bearing(asked.secret)
    work_as(agency, caller, lambda work: create_folder(work, agency.root, "early"))
    with agency.acting(agency.ada) as work:
        take(work, agency, asked)  # type: ignore[arg-type]
    with pytest.raises((Refused, Denied)):
        work_as(agency, caller, lambda work: create_folder(work, agency.root, "late"))
    assert "late" not in slugs(agency)


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
@pytest.mark.parametrize("how", TAKEN)
def test_between_begin_and_commit(agency: Agency, how: str) -> None:
    """Where writers do not wait for each other, what commits first is seen by who commits next.

    So whoever was told that a token is dead will see no commit of it (I1, R1, R8).
    """
    made = maker(agency)
    caller = agency.bearing(made.secret)

    def late(work: Work) -> None:
        create_folder(work, agency.press, "late")
        taken_by(agency.office, agency, TAKEN[how], made)

    with pytest.raises((Refused, Conflict)):
        work_as(agency, caller, late)
    assert "late" not in slugs(agency)
    assert agency.trail()[-1] in {
        ("node.create_folder", "INVALID_TOKEN"),
        ("node.create_folder", "TOKEN_DISABLED"),
        ("node.create_folder", "CONFLICT"),
    }


def slugs(agency: Agency) -> set[str]:
    with agency.office.database.reading() as tx:
        return {row[0] for row in tx.exec_driver_sql("SELECT slug FROM node")}


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_others_may_commit_meanwhile(agency: Agency) -> None:
    """That somebody else commits something else in between hinders nobody (R8)."""
    caller = agency.bearing(maker(agency).secret)

    def late(work: Work) -> None:
        create_folder(work, agency.press, "late")
        agency.hire("Eve", "reader")

    work_as(agency, caller, late)
    assert "late" in slugs(agency)


def test_who_cannot_be_asked_about_does_nothing(agency: Agency) -> None:
    """A caller with scopes whom no gate has made is let in by nobody's word (I7)."""
    hall = agency.hall
    verify = anew(hall.verifier, hall.replica, hall.source)
    made_up = agency.caller(agency.ada)
    with pytest.raises(UnknownCallerError):
        verify(made_up, 0, "")
    powerless = Caller(agency.id, agency.ada, Method.SESSION, Grant(()))
    assert verify(powerless, 0, "") == (powerless, 0)


def test_a_gate_that_cannot_follow_lets_nothing_happen(agency: Agency) -> None:
    """Where the gate cannot say who somebody is now, nothing is changed: 503 (I7)."""
    caller = agency.bearing(maker(agency).secret)
    verify = anew(agency.hall.verifier, agency.hall.replica, agency.hall.source)
    with pytest.raises(CounterfoilError) as caught:
        verify(caller, agency.head() + 1, "")
    assert caught.value.code == "NOT_READY"


def test_what_is_not_known_is_not_there(agency: Agency) -> None:
    """A caller is verified again by the very secret that it showed (I1, K12)."""
    made = maker(agency)
    caller = agency.bearing(made.secret)
    assert agency.hall.verifier.again(caller) == caller
    with agency.acting(agency.ada) as work:
        again = regenerate(work, made.token.id)
    with pytest.raises(Refused):
        agency.hall.verifier.again(caller)
    assert agency.hall.verifier.again(agency.bearing(again.secret)).token == caller.token
