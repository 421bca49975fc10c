"""Ending every token of an organization over HTTP."""

from __future__ import annotations

import json

import pytest

from counterfoil.access.caller import Method
from counterfoil.kernel.errors import Code
from counterfoil.kernel.ids import UserId
from support.every_kind import WHY, opens, some_of_each
from support.tokens import Agency, Door, code, pointer

pytestmark = pytest.mark.each_engine

TYPE = "token_revocation"


def path(organization: int) -> str:
    return f"/cma/organizations/{organization}/{TYPE}"


def of(agency: Agency, who: UserId) -> Door:
    return agency.door(agency.caller(who))


def test_it_says_how_many_first_and_then_ends_them(agency: Agency) -> None:
    """GET counts and changes nothing; POST ends them and says from where on (R21)."""
    made = some_of_each(agency)
    ada = of(agency, agency.ada)
    before = ada("GET", path(agency.id))
    facts = {
        "position": None, "tokens": 6, "personal_access_tokens": 1, "api_tokens": 2,
        "key_pairs": 1, "exchanged_tokens": 2,
    }  # fmt: skip
    assert before.status_code == 200
    assert before.json["data"] == {"type": TYPE, "id": str(agency.id), "attributes": facts}
    assert all(opens(agency, made[one]) for one in ("personal", "by role", "exchanged"))
    head = agency.head()
    done = ada("POST", path(agency.id), {"reason": WHY}, type_=TYPE)
    assert done.status_code == 200
    assert done.json["data"]["attributes"] == {**facts, "position": head}
    assert done.json["meta"]["position"] == head + 1
    assert not any(opens(agency, one) for one in made.values())
    after = ada("GET", path(agency.id)).json["data"]["attributes"]
    assert after == dict.fromkeys(facts, 0) | {"position": head}
    again = ada("POST", path(agency.id), {"reason": WHY}, type_=TYPE)
    assert (again.status_code, again.json["data"]["attributes"]["tokens"]) == (200, 0)


@pytest.mark.parametrize(
    ("said", "status", "at"),
    [
        ({"type": TYPE, "attributes": {}}, 422, "/data/attributes/reason"),
        ({"type": TYPE, "attributes": {"reason": " "}}, 422, "/data/attributes/reason"),
        ({"type": TYPE, "attributes": {"reason": "x" * 501}}, 422, "/data/attributes/reason"),
        ({"type": TYPE, "attributes": {"reason": "\u202eevil"}}, 422, "/data/attributes/reason"),
        ({"type": TYPE, "attributes": {"reason": 1}}, 422, "/data/attributes/reason"),
        ({"type": "token_policy", "attributes": {"reason": WHY}}, 422, None),
        ({"type": TYPE, "id": "1", "attributes": {"reason": WHY}}, 422, "/data/id"),
        (None, 422, None),
    ],
)
def test_what_is_not_understood_ends_nothing(
    agency: Agency, said: object, status: int, at: str | None
) -> None:
    """Without a reason that can be read, or with another thing, it is a 4xx and nothing is done."""
    made = agency.api_token()
    answer = of(agency, agency.ada).raw("POST", path(agency.id), json.dumps({"data": said}))
    assert answer.status_code == status, answer.text
    if at is not None:
        assert pointer(answer) == at
    assert opens(agency, made)


def test_nobody_else_does_it(agency: Agency) -> None:
    """A member, a token of the admin and an admin of elsewhere are refused (G9, S17, S25)."""
    made = agency.api_token("admin")
    other = Agency(agency.hall, "Beta")
    tries = [
        (of(agency, agency.dan), agency.id, 403, Code.INSUFFICIENT_SCOPE),
        (agency.door(agency.caller(agency.ada, Method.PERSONAL)), agency.id, 403,
         Code.CREDENTIAL_KIND_NOT_ADMITTED),
        (agency.door(made.secret), agency.id, 403, Code.API_NOT_ENABLED_FOR_TOKEN),
        (of(other, other.ada), agency.id, 404, Code.NOT_FOUND),
        (of(agency, agency.ada), 10**15, 404, Code.NOT_FOUND),
    ]  # fmt: skip
    for door, where, status, why in tries:
        for method, said in (("GET", None), ("POST", {"reason": WHY})):
            answer = door(method, path(where), said, type_=TYPE)
            assert answer.status_code == status
            assert code(answer) in {why, Code.CREDENTIAL_KIND_NOT_ADMITTED}
    assert opens(agency, made)
