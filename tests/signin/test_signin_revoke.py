"""Ending a session by one of its secrets."""

from __future__ import annotations

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from counterfoil.secret import digest
from support.signin import House, Visitor


@pytest.mark.parametrize("path", ["/oauth/token", "/oauth/revoke"])
def test_secrets_do_not_travel_in_addresses(visitor: Visitor, path: str) -> None:
    """The token endpoint and the revocation endpoint take nothing from the query (S9, S11)."""
    seen = visitor.go("POST", path, query={"token": "x"}, form={"token": "x"})
    assert (seen.status, seen.error) == (400, "invalid_request")


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_a_session_is_revoked_by_either_secret(house: House, visitor: Visitor, kind: str) -> None:
    """Showing any secret of a session ends it; showing it again answers the same (S14)."""
    tokens = visitor.tokens()
    seen = visitor.go("POST", "/oauth/revoke", form={"token": tokens[kind]})
    assert (seen.status, seen.body) == (200, b"")
    assert seen.headers["Counterfoil-Effective"] == house.office.receipts.reach
    assert house.live() == set()
    assert visitor.refresh(tokens["refresh_token"]).error == "invalid_grant"
    again = visitor.go("POST", "/oauth/revoke", form={"token": tokens[kind]})
    assert (again.status, again.body) == (200, b"")


@pytest.mark.parametrize("token", ["cfo_x", "é", "cfp_" + "a" * 49, "cfo_" + "a" * 49, "x" * 5000])
def test_what_is_unknown_counts_as_revoked(visitor: Visitor, token: str) -> None:
    """An unknown token is dead already, and so the answer is 200 (S14, RFC 7009)."""
    seen = visitor.go("POST", "/oauth/revoke", form={"token": token, "token_type_hint": "nonsense"})
    assert seen.status == 200


def test_revoking_one_session_leaves_the_others(house: House, visitor: Visitor) -> None:
    """Ending one client's session ends no other client's."""
    first = visitor.tokens()
    second = visitor.redeem(visitor.code()).json
    visitor.go("POST", "/oauth/revoke", form={"token": first["refresh_token"]})
    assert house.live() == {digest(second["access_token"])}
    assert visitor.refresh(second["refresh_token"]).status == 200


def test_what_could_not_be_written_is_not_called_revoked(house: House, visitor: Visitor) -> None:
    """A revocation that the database did not take answers 503, and the token lives (S14)."""
    tokens = visitor.tokens()
    broken = OperationalError("COMMIT", {}, Exception("disk I/O error"))

    def fail(_connection: object) -> None:
        raise broken

    engine = house.office.database.engine
    event.listen(engine, "commit", fail)
    try:
        seen = visitor.go("POST", "/oauth/revoke", form={"token": tokens["access_token"]})
    finally:
        event.remove(engine, "commit", fail)
    assert (seen.status, seen.error) == (503, "temporarily_unavailable")
    assert house.live() == {digest(tokens["access_token"])}
    assert visitor.refresh(tokens["refresh_token"]).status == 200
