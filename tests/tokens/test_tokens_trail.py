"""Whose act it was: the trail of what an API token does."""

from __future__ import annotations

from typing import Any

import pytest

from counterfoil.directory.doors import audit_events
from counterfoil.kernel.ids import UserId
from counterfoil.operation import OPERATIONS
from support.doors import Probe
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
    }
    assert agency.hall.rebuilt() == agency.hall.replica.dump()


def test_a_personal_token_is_its_owners(agency: Agency) -> None:
    """Who acts by a token of their own is named once, and nobody issued it to them (X2)."""
    made = agency.granted(agency.dan)
    assert agency.door(made.secret)("GET", "/cma/token").status_code == 200
    (act,) = acts(agency, made.token.id)
    assert (act["user"], act["issuer"]) == (person(agency.dan), person(None))
