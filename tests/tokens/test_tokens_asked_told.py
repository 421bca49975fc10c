"""Rules of approval are set, foreseen and told: to whoever asks, and to whoever approves (K8)."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from counterfoil import directory
from counterfoil.directory.presets import PRESETS
from counterfoil.kernel.errors import Code, Invalid
from counterfoil.kernel.page import Wanted
from counterfoil.tokens.approval import Reason, Rule
from counterfoil.tokens.preview import offer
from counterfoil.tokens.show import list_requests, show_request
from support.asked import NOBODY, change, foresee, until
from support.tokens import PUBLISH, READ, WRITE, Agency, code, pointer, request_of

pytestmark = pytest.mark.each_engine


def why(agency: Agency, **wish: Any) -> tuple[Reason, ...]:
    """Return by which rules what Dan asks for waits, as his approver is told."""
    asked = agency.ask(agency.dan, **wish)
    with agency.looking(agency.ada) as work:
        listed = {one.request.id: one.reasons for one in list_requests(work, Wanted(), None).items}
        shown = show_request(work, request_of(asked)).reasons
    assert listed[request_of(asked)] == shown
    return shown


def test_who_approves_reads_which_rule_asks(agency: Agency) -> None:
    """Every rule that asks is named, with its scopes, by the policy of now (A8)."""
    assert why(agency) == (Reason(Rule.ALWAYS, value="all_but_admins"),)
    named = ("content:publish", "content:delete")
    change(agency, quota=None, approval_scopes=named, approval_writes=True, approval_lifetime="P7D")
    change(agency, **NOBODY)
    assert why(agency, scopes=READ | WRITE | PUBLISH, **until(7)) == (
        Reason(Rule.SCOPES, PUBLISH),
        Reason(Rule.WRITES, WRITE | PUBLISH),
    )
    door = agency.door(agency.caller(agency.ada))
    listed = door("GET", "/cma/token_requests?filter[state]=open").json["data"]
    assert [
        {"rule": "approval_scopes", "scopes": ["content:publish"], "value": None},
        {"rule": "approval_writes", "scopes": ["content:publish", "content:write"], "value": None},
    ] in [one["attributes"]["approval_rules"] for one in listed]
    assert why(agency, scopes=READ, **until(8)) == (Reason(Rule.LIFETIME, value="P7D"),)
    assert why(agency, inherit=True, **until(7)) == (
        Reason(Rule.SCOPES, None),
        Reason(Rule.WRITES, None),
    )


def test_a_rule_that_is_gone_is_not_named(agency: Agency) -> None:
    """What waits by a rule of yesterday waits by none, and what was decided by none either."""
    change(agency, approval_scopes=("content:publish",), **NOBODY)
    asked = agency.ask(agency.dan, scopes=PUBLISH)
    for rules, named in (
        ({}, [Rule.SCOPES]),
        ({"approval_scopes": None}, []),
        ({"approval": "everybody"}, [Rule.ALWAYS]),
    ):
        change(agency, **rules)
        with agency.looking(agency.dan) as work:
            found = show_request(work, request_of(asked)).reasons
        assert [one.rule for one in found] == named
    agency.approve(asked)
    with agency.looking(agency.ada) as work:
        assert show_request(work, request_of(asked)).reasons == ()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"approval_scopes": ("content:read", "content:sell")}, "approval_scopes/1"),
        ({"approval_scopes": ("",)}, "approval_scopes/0"),
        ({"approval_scopes": ()}, "approval_scopes"),
        ({"approval_lifetime": "90 days"}, "approval_lifetime"),
        ({"approval_lifetime": "P200Y"}, "approval_lifetime"),
    ],
)
def test_what_makes_no_sense(agency: Agency, wrong: dict[str, Any], field: str) -> None:
    """Unknown scopes, an empty list and terms that are none are refused, before and on saving."""
    for attempt in (foresee, change):
        with pytest.raises(Invalid) as caught:
            attempt(agency, **wrong)
        assert caught.value.field == f"/data/attributes/{field}"
    with agency.office.database.reading() as tx:
        assert directory.policy(tx, agency.id) == PRESETS["default"]


def test_what_is_foreseen(agency: Agency) -> None:
    """The preview counts the tokens whose like would ask, and those that would ask no more."""
    change(agency, **NOBODY)
    agency.ask(agency.dan, "writes", scopes=READ | WRITE, **until(10))
    agency.ask(agency.rea, "reads", **until(60))
    agency.ask(agency.rea, "short", **until(6))
    counted: list[tuple[dict[str, Any], tuple[int, int]]] = [
        ({"approval_writes": True}, (1, 0)),
        ({"approval_lifetime": "P30D"}, (1, 0)),
        ({"approval_writes": True, "approval_lifetime": "P30D"}, (2, 0)),
        ({"approval": "everybody"}, (3, 0)),
        ({"quota": 9}, (0, 0)),
    ]
    for changes, said in counted:
        seen = foresee(agency, **changes)
        assert (seen.alike_asking, seen.alike_free) == said
    change(agency, approval_writes=True, approval_lifetime="P30D")
    seen = foresee(agency, approval_writes=False)
    assert (seen.alike_asking, seen.alike_free, seen.newly_asking) == (0, 1, 0)
    assert foresee(agency, approval="everybody").newly_asking == 3


def test_what_may_be_chosen_says_what_asks(agency: Agency) -> None:
    """Before they choose, a member is told which of it somebody else decides (X6)."""
    change(agency, approval_scopes=("content:publish", "users:manage"), **NOBODY)
    with agency.looking(agency.dan) as work:
        found = offer(work)
    assert (found.needs_approval, found.asked_scopes, found.inherit_asks) == (False, PUBLISH, True)
    change(agency, approval_scopes=None)
    with agency.looking(agency.dan) as work:
        assert not offer(work).may_ask


def test_over_http(agency: Agency) -> None:
    """The rules are set, foreseen and shown over HTTP, and on record; a wrong one is pointed at."""
    change(agency, **NOBODY)
    agency.ask(agency.dan, "writes", scopes=READ | WRITE)
    ask = partial(agency.door(agency.caller(agency.ada)), type_="token_policy")
    path = f"/cma/organizations/{agency.id}/token_policy"
    wanted = {
        "approval_scopes": ["content:write", "content:publish", "content:write"],
        "approval_writes": False,
        "approval_lifetime": "P90D",
    }
    facts = ask("POST", f"{path}/preview", wanted).json["data"]["attributes"]
    assert (facts["tokens_newly_asking"], facts["tokens_newly_free"]) == (1, 0)
    told = ask("PATCH", path, wanted, {"If-Match": '"2"'})
    assert told.status_code == 200, told.text
    shown = ask("GET", path).json["data"]["attributes"]
    assert {name: shown[name] for name in wanted} == {
        **wanted,
        "approval_scopes": ["content:write", "content:publish"],
    }
    assert ("policy.edit", "allowed") in agency.trail()[-3:]
    dan = agency.door(agency.caller(agency.dan))
    options = dan("GET", "/cma/personal_access_tokens/options").json["data"]["attributes"]
    assert options["approval_scopes"] == ["content:publish", "content:write"]
    assert (options["approval_inherit"], options["approval_lifetime"]) == (True, "P90D")
    for scope, status in (("content:write", 202), ("content:read", 201)):
        made = dan("POST", "/cma/personal_access_tokens", {"name": "ci", "scopes": [scope]})
        assert made.status_code == status, made.text
    for wrong, field in (
        ({"approval_scopes": ["content:sell"]}, "approval_scopes/0"),
        ({"approval_scopes": "content:read"}, "approval_scopes"),
        ({"approval_scopes": [7]}, "approval_scopes/0"),
        ({"approval_writes": "yes"}, "approval_writes"),
        ({"approval_lifetime": 90}, "approval_lifetime"),
    ):
        refused = ask("PATCH", path, wrong, {"If-Match": '"3"'})
        assert (refused.status_code // 100, pointer(refused)) == (4, f"/data/attributes/{field}")
        assert code(refused) == Code.INVALID_FIELD
