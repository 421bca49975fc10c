"""What an agent's program turned down is on record, by the tool's name and by nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from counterfoil.audit.record import entries
from counterfoil.operation import OPERATIONS
from counterfoil.tokens.doors.agents import ROUTES
from support.doors import Probe
from support.tokens import READ, Agency
from support.trail import bodies

PATH = "/cma/token/turned_down"


def call(tool: object, why: object = "unknown_tool", **more: object) -> dict[str, Any]:
    return {"data": {"type": "agent_call", "attributes": {"tool": tool, "why": why, **more}}}


def test_a_call_that_was_turned_down_is_a_refusal(agency: Agency) -> None:
    """The entry is the token's, names the tool, and is refused; a token is no name (G15)."""
    token = agency.granted(agency.dan, "agent", scopes=READ)
    ask = Probe(agency.office, agency.bearing(token.secret), routes=ROUTES, operations=OPERATIONS)
    for tool, why in (("get_item", "arguments"), ("drop_everything", "unknown_tool")):
        assert ask("POST", PATH, call(tool, why)).status == 204
    assert ask("POST", PATH, call(token.secret.reveal())).status == 422
    with agency.office.database.reading() as tx:
        found = bodies(tx, entries.c.operation == "agent.call")
    assert [(one.target, one.outcome) for one in found] == [
        ("tool get_item", "INVALID_FIELD"),
        ("tool drop_everything", "NOT_FOUND"),
        (None, "INVALID_FIELD"),
    ]
    assert {(one.token_id, one.user_id) for one in found} == {(token.token.id, agency.dan)}


@pytest.mark.parametrize(
    "body",
    [call(""), call("a" * 65), call("a b"), call("get_item", "bored"), call(7),
     call("get_item", arguments={"a": 1}), {"data": {}}, {}],
)  # fmt: skip
def test_what_is_no_such_call_is_refused(agency: Agency, body: dict[str, Any]) -> None:
    """A name of other characters, another reason, or arguments are a 4xx that names the field."""
    token = agency.granted(agency.dan, "agent", scopes=READ)
    ask = Probe(agency.office, agency.bearing(token.secret), routes=ROUTES, operations=OPERATIONS)
    said = ask("POST", PATH, body)
    assert said.status == 422
    assert said.json["errors"][0]["source"]["pointer"]
