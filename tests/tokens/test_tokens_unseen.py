"""What is somebody else's is not there for who may not see it."""

from __future__ import annotations

from typing import Final

import pytest

from support.tokens import READ, Agency, code, request_of

TOKENS = "/cma/personal_access_tokens"
REQUESTS = "/cma/token_requests"
UNKNOWN = "4031846205310216"
DOORS: Final[tuple[tuple[str, str, dict[str, object] | None], ...]] = (
    ("GET", f"{TOKENS}/{{}}", None),
    ("PATCH", f"{TOKENS}/{{}}", {"name": "mine"}),
    ("PATCH", f"{TOKENS}/{{}}", {"enabled": False}),
    ("DELETE", f"{TOKENS}/{{}}", None),
    ("GET", f"{TOKENS}/{{}}/usage", None),
    ("DELETE", f"{TOKENS}/{{}}/flags", None),
    ("POST", f"{TOKENS}/{{}}/successor", {}),
    ("GET", f"{REQUESTS}/{{}}", None),
    ("POST", f"{REQUESTS}/{{}}/cancel", None),
    ("POST", f"{REQUESTS}/{{}}/remind", None),
)


@pytest.mark.parametrize(
    ("method", "path", "attributes"), DOORS, ids=[f"{how} {path}" for how, path, _ in DOORS]
)
def test_a_colleagues_is_as_one_that_never_was(
    agency: Agency, method: str, path: str, attributes: dict[str, object] | None
) -> None:
    """A member is told the same of a colleague's id as of an unknown one (S31)."""
    asked = agency.ask(agency.dan, scopes=READ)
    rea, ada = (agency.door(agency.caller(one)) for one in (agency.rea, agency.ada))
    its_own = request_of(asked) if path.startswith(REQUESTS) else asked.token.id
    headers = {"If-Match": '"1"'}
    theirs, unknown = (
        rea(method, path.format(id_), attributes, headers) for id_ in (its_own, UNKNOWN)
    )
    assert (theirs.status_code, code(theirs)) == (404, "NOT_FOUND")
    told, same = (one.json["errors"][0] for one in (theirs, unknown))
    assert told | {"id": ""} == same | {"id": ""}
    assert ada("GET", f"{TOKENS}/{asked.token.id}").status_code == 200
