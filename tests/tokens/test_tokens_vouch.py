"""What a gate on another host tells of a token counts only where the books bear it out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from msgspec import structs

from counterfoil import directory
from counterfoil.directory.api import ApiWish
from counterfoil.directory.edit_policy import edit_policy
from counterfoil.directory.register_api import create_api
from counterfoil.gate.record.decided import Decided
from counterfoil.gate.record.usage import Count, Outcome, Use
from counterfoil.gates.model import Gate
from counterfoil.gates.store import rows as gates
from counterfoil.kernel.ids import GateId, OrganizationId, TokenId
from counterfoil.tokens.idle import disable_idle
from counterfoil.tokens.model import State
from counterfoil.tokens.store.last_used import last_uses
from counterfoil.tokens.sweep import sweep
from counterfoil.tokens.vouch import take_counts_told, vouched
from support.decisions import ROW
from support.office import START, StandingClock
from support.tokens import Agency, Hall

pytestmark = pytest.mark.each_engine

NOBODY = 1_999_999_999_999_999


def switch_off_after(agency: Agency, days: int) -> None:
    with agency.acting(agency.ada) as work:
        version = directory.policy(work.tx, agency.id).version
        edit_policy(work, version, {"idle_days": days})


class Books(NamedTuple):
    """Two organizations, each with an API, a person's token and one of its own."""

    ours: Agency
    theirs: Agency
    rows: dict[str, Decided]


@pytest.fixture
def books(hall: Hall) -> Books:
    rows: dict[str, Decided] = {}
    found = [Agency(hall), Agency(hall, "Other")]
    for word, agency in zip(("our", "their"), found, strict=True):
        wish = ApiWish("Orders", f"https://{word}.test", (("orders:read", "See orders"),))
        with agency.acting(agency.ada) as work:
            api = create_api(work, wish).id
        row = structs.replace(ROW, organization=agency.id, api=api, token_name="laptop")
        personal = agency.granted(agency.dan).token.id
        service = agency.api_token().token
        rows[f"{word} personal"] = structs.replace(row, user=agency.dan, token=personal)
        rows[f"{word} service"] = structs.replace(
            row, user=None, token=service.id, issuer=agency.ada, method="service"
        )
        rows[f"{word} session"] = structs.replace(
            row, user=agency.rea, token=NOBODY, method="session"
        )
    return Books(found[0], found[1], rows)


def is_borne_out(books: Books, *told: Decided) -> list[bool]:
    with books.ours.office.database.reading() as tx:
        return vouched(tx, told)


def test_what_was_so_is_borne_out(books: Books) -> None:
    """All that an honest gate tells comes in, also of a token that was revoked since (X2)."""
    told = list(books.rows.values())
    assert is_borne_out(books, *told) == [True] * len(told)
    refused = structs.replace(books.rows["our personal"], outcome="ROUTE_NOT_LISTED", route=None)
    elsewhere = structs.replace(refused, api=books.rows["their personal"].api)
    assert is_borne_out(books, refused, elsewhere) == [True, True]


FORGED: dict[str, tuple[str, str]] = {
    "another organization": ("organization", "their personal"),
    "somebody else": ("user", "our session"),
    "somebody from elsewhere": ("user", "their personal"),
    "somebody else's token": ("token", "their personal"),
    "an organization's token": ("token", "our service"),
    "another kind": ("method", "our service"),
    "an API of elsewhere": ("api", "their personal"),
    "an issuer from elsewhere": ("issuer", "their personal"),
}


@pytest.mark.parametrize("forgery", FORGED)
def test_what_is_forged_is_not(books: Books, forgery: str) -> None:
    """With a stolen credential nobody writes what a token, its owner or its home belies (S17)."""
    name, whence = FORGED[forgery]
    of = "user" if name == "issuer" else name
    said: dict[str, Any] = {name: getattr(books.rows[whence], of)}
    assert is_borne_out(books, structs.replace(books.rows["our personal"], **said)) == [False]


@pytest.mark.parametrize(
    "said",
    [
        {"outcome": "ALL_IS_WELL"},
        {"late_s": 61},
        {"late_s": -1},
        {"late_s": 3, "outcome": "ROUTE_NOT_LISTED"},
    ],
)
def test_what_no_gate_comes_to_is_not(books: Books, said: dict[str, Any]) -> None:
    """Nobody has words of their own for an outcome, or a grace that no API gives (S17)."""
    assert is_borne_out(books, structs.replace(books.rows["our personal"], **said)) == [False]
    kept = structs.replace(books.rows["our personal"], late_s=60)
    assert is_borne_out(books, kept) == [True]


@pytest.mark.parametrize("name", ["organization", "user", "token", "issuer", "api"])
def test_what_nobody_knows_is_not(books: Books, name: str) -> None:
    """What no book knows, as after a restore, comes into no trail (R12)."""
    said: dict[str, Any] = {name: NOBODY}
    assert is_borne_out(books, structs.replace(books.rows["our personal"], **said)) == [False]


def test_a_session_is_no_token(books: Books) -> None:
    """What says that somebody signed in names nobody's token, and somebody who belongs there."""
    session = books.rows["our session"]
    token = structs.replace(session, token=books.rows["our personal"].token)
    stranger = structs.replace(session, user=books.rows["their personal"].user)
    assert is_borne_out(books, token, stranger, structs.replace(session, user=None)) == [False] * 3


def used_at(agency: Agency, token: int) -> object:
    with agency.office.database.reading() as tx:
        found = last_uses(tx, agency.id, [TokenId(token)]).get(TokenId(token))
    return None if found is None else found.at


def count(organization: int, token: int, at: float) -> dict[Use, Count]:
    who = OrganizationId(organization), TokenId(token)
    use = Use(who, None, Outcome.ALLOWED, "curl/8", "192.0.2.0/24")
    return {use: Count(3, at, at)}


def test_a_use_counts_where_the_token_speaks(books: Books) -> None:
    """A last use that another host tells of never goes back, and is nobody else's."""
    ours, theirs = books.ours, books.theirs
    token = books.rows["our personal"].token or 0
    at = START.timestamp()
    for organization, when in ((theirs.id, at), (ours.id, at - 60), (ours.id, at - 3_600)):
        with ours.office.database.transaction() as tx:
            take_counts_told(tx, count(organization, token, when), {})
    assert used_at(ours, token) == START - timedelta(seconds=60)
    assert used_at(theirs, token) is None


def test_nothing_is_idle_while_a_gate_has_not_told_all(books: Books, clock: StandingClock) -> None:
    """While a gate may know of a use, no token is switched off for want of it (G12e)."""
    agency, gate = books.ours, Gate(GateId(NOBODY), "eu-1", START)
    year = {"expires_at": START + timedelta(days=365)}
    token = agency.granted(agency.rea, "unused", **year).token.id
    switch_off_after(agency, 90)
    with agency.office.database.transaction() as tx:
        gates.add(tx, gate, bytes(32))
    clock.move_on(days=100)
    with agency.office.database.transaction() as tx:
        gates.keep_heard(tx, [replace(gate, heard_at=clock())])
    sweep(agency.office)
    assert agency.state(token) is State.ACTIVE
    with agency.office.database.transaction() as tx:
        gates.told(tx, gate.id, clock(), untold=0)
    clock.move_on(seconds=61)
    sweep(agency.office)
    assert agency.state(token) is State.DISABLED


def test_nothing_is_idle_that_a_gate_has_just_told_of(books: Books, clock: StandingClock) -> None:
    """A token that works at another host alone is not switched off (G12e)."""
    agency = books.ours
    token = agency.granted(agency.rea, "far", expires_at=START + timedelta(days=365)).token.id
    switch_off_after(agency, 90)
    clock.move_on(days=100)
    with agency.office.database.transaction() as tx:
        take_counts_told(tx, count(agency.id, token, clock.seconds() - 60), {})
    sweep(agency.office)
    assert agency.state(token) is State.ACTIVE


def test_a_sweep_that_began_before_it_was_known(books: Books, clock: StandingClock) -> None:
    """Whoever is about to switch a token off looks once more whether all was told (G12e)."""
    agency = books.ours
    token = agency.granted(agency.rea, "late", expires_at=START + timedelta(days=365)).token.id
    switch_off_after(agency, 90)
    clock.move_on(days=100)
    with agency.office.database.transaction() as tx:
        gate = Gate(GateId(NOBODY), "eu-1", START)
        gates.add(tx, gate, bytes(32))
        gates.keep_heard(tx, [replace(gate, heard_at=clock())])
    with agency.operating() as work:
        disable_idle(work, token)
    assert agency.state(token) is State.ACTIVE
