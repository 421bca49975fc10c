"""Whose act it was: the trail of what an API token does."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import structs

from counterfoil.access.grant import Grant, Term
from counterfoil.access.scope import Scope
from counterfoil.content.tree import create_folder
from counterfoil.directory.doors import audit_events
from counterfoil.kernel.ids import UserId
from counterfoil.kernel.page import Wanted
from counterfoil.operation import OPERATIONS
from counterfoil.tokens.show_trail import Side, show_trail
from support.doors import Probe
from support.office import ORIGIN
from support.tokens import Agency


def acts(agency: Agency, token: int) -> list[dict[str, Any]]:
    """Return what the trail says of whoever a token's acts are put down to."""
    admin = agency.caller(agency.ada)
    asking = Probe(agency.office, admin, routes=audit_events.ROUTES, operations=OPERATIONS)
    found = asking("GET", f"/cma/audit_events?filter[token]={token}").json["data"]
    return [one["relationships"] for one in found]


def person(user: UserId | None) -> dict[str, Any]:
    return {"data": None if user is None else {"type": "user", "id": str(user)}}


@pytest.mark.parametrize("lent", ["user", "role"])
def test_the_trail_names_all_three(agency: Agency, lent: str) -> None:
    """A record of an API token's act names its maker, itself, and its chosen user (Q18, K5)."""
    chosen = agency.dan if lent == "user" else agency.roles["reader"].id
    made = agency.api_token(authority=lent, subject=chosen)
    assert agency.door(made.secret)("GET", "/cma/token").status_code == 200
    (act,) = acts(agency, made.token.id)
    assert act == {
        "token": {"data": {"type": "access_token", "id": str(made.token.id)}},
        "user": person(agency.dan if lent == "user" else None),
        "issuer": person(agency.ada),
        "api": {"data": None},
    }
    assert agency.hall.rebuilt() == agency.hall.replica.dump()


def test_a_personal_token_is_its_owners(agency: Agency) -> None:
    """Who acts by a token of their own is named once, and nobody issued it to them (X2)."""
    made = agency.granted(agency.dan)
    assert agency.door(made.secret)("GET", "/cma/token").status_code == 200
    (act,) = acts(agency, made.token.id)
    assert (act["user"], act["issuer"]) == (person(agency.dan), person(None))


def test_a_token_s_trail_is_bounded_by_its_reader_s_roots(agency: Agency) -> None:
    """What another's token did outside one's roots is told to whom no roots bound alone (S30)."""
    left, right = agency.folder("left"), agency.folder("right")
    made = agency.granted(agency.ada, scopes=Scope.CONTENT_WRITE.bit)
    for folder in (left, right):
        with agency.office.work(agency.bearing(made.secret), ORIGIN) as work:
            create_folder(work, folder, "below")
    auditor = agency.caller(agency.dan)
    told = []
    for roots in (None, frozenset({left})):
        grant = Grant((Term(Scope.AUDIT_READ.bit, roots),))
        with agency.office.read(structs.replace(auditor, grant=grant), ORIGIN) as work:
            found = show_trail(work, made.token.id, Side.WITH, Wanted()).items
        told.append([one.target for one in found if one.operation == "node.create_folder"])
    assert len(told[0]) == 2
    assert told[1] == told[0][1:]
