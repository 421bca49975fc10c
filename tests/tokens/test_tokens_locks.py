"""Locks on API tokens: a second admin sees who holds one, and cannot save (Q14)."""

from __future__ import annotations

import pytest

from counterfoil.access.scope import Scope
from counterfoil.access.surface import ALL_SURFACES
from counterfoil.tokens.model import State
from support.tokens import Agency


@pytest.mark.each_engine
def test_a_second_admin_cannot_save(agency: Agency) -> None:
    """While Ada holds the lock, Bea reads the token and its holder but changes nothing (Q14)."""
    bea = agency.hire("Bea", "admin")
    token = agency.api_token().token
    here = f"/cma/api_tokens/{token.id}"
    first, second = agency.door(agency.caller(agency.ada)), agency.door(agency.caller(bea))
    assert first("GET", f"{here}/lock").status_code == 404
    taken = first("PUT", f"{here}/lock")
    assert taken.status_code == 200
    assert taken.json["data"]["relationships"]["holder"]["data"]["id"] == str(agency.ada)
    assert second("GET", f"{here}/lock").json == taken.json
    assert second("GET", here).status_code == 200
    before = agency.token(token.id)
    for method, path, attributes in (
        ("PATCH", here, {"name": "other"}),
        ("POST", f"{here}/regenerate", None),
        ("PUT", f"{here}/lock", None),
    ):
        refused = second(method, path, attributes, type_="api_token")
        assert refused.status_code == 409, refused.text
        (error,) = refused.json["errors"]
        assert error["code"] == "LOCKED"
        assert error["meta"]["holder"]["user"] == str(agency.ada)
    assert agency.token(token.id) == before
    assert first("PATCH", here, {"name": "mine"}, type_="api_token").status_code == 200
    assert first("DELETE", f"{here}/lock").status_code == 204
    assert second("PATCH", here, {"name": "hers"}, type_="api_token").status_code == 200


def test_a_lock_ends_and_is_released_by_an_admin(agency: Agency) -> None:
    """An admin releases another's lock; who manages tokens alone does not, and waits its time."""
    agency.role("keeper", Scope.TOKENS_MANAGE, Scope.ROLES_READ, Scope.CONTENT_READ)
    manager = agency.hire("Mo", "keeper")
    token = agency.api_token().token
    here = f"/cma/api_tokens/{token.id}"
    mo, ada = agency.door(agency.caller(manager)), agency.door(agency.caller(agency.ada))
    assert ada("PUT", f"{here}/lock").status_code == 200
    refused = mo("DELETE", f"{here}/lock")
    assert (refused.status_code, refused.json["errors"][0]["code"]) == (409, "LOCKED")
    agency.hall.clock.move_on(minutes=30)
    assert mo("PUT", f"{here}/lock").status_code == 200
    assert ada("PATCH", here, {"name": "x"}, type_="api_token").status_code == 409
    assert ada("DELETE", f"{here}/lock").status_code == 204
    assert ada("PATCH", here, {"name": "x"}, type_="api_token").status_code == 200


def test_a_lock_keeps_nobody_from_revoking(agency: Agency) -> None:
    """A locked token that leaked is revoked at once, by anybody who may: safety asks no lock."""
    bea = agency.hire("Bea", "admin")
    made = agency.api_token("admin", surfaces=ALL_SURFACES)
    here = f"/cma/api_tokens/{made.token.id}"
    agency.door(agency.caller(agency.ada))("PUT", f"{here}/lock")
    assert agency.door(agency.caller(bea))("DELETE", here).status_code == 200
    assert agency.hall.refusal(made.secret) == "INVALID_TOKEN"
    assert agency.state(made.token.id) is State.REVOKED
    for method in ("GET", "PUT", "DELETE"):
        assert agency.door(agency.caller(bea))(method, f"{here}/lock").status_code == 404


def test_locking_takes_the_right_to_manage(agency: Agency) -> None:
    """A reader and a personal token lock no API token, and see no holder (Q2, S17)."""
    token = agency.api_token().token
    here = f"/cma/api_tokens/{token.id}/lock"
    personal = agency.granted(agency.ada, inherit=True, surfaces=ALL_SURFACES).secret
    for who in (agency.caller(agency.rea), personal):
        for method in ("GET", "PUT", "DELETE"):
            assert agency.door(who)(method, here).status_code == 403
