"""What a token may do and how long it lives decide whether somebody must approve it (K8)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil import directory, tokens
from counterfoil.access.role import Role
from counterfoil.access.scope import Scope, scopes
from counterfoil.access.vocabulary import Vocabulary
from counterfoil.directory import Member, Policy
from counterfoil.directory.api import ApiWish
from counterfoil.directory.define_role import create_role
from counterfoil.directory.edit_policy import edit_policy
from counterfoil.directory.enroll import enroll
from counterfoil.directory.presets import PRESETS
from counterfoil.directory.register_api import create_api, retire
from counterfoil.directory.steps.admit import Newcomer
from counterfoil.kernel.errors import Code, CounterfoilError, Invalid
from counterfoil.kernel.ids import OrganizationId, RoleId, UserId
from counterfoil.kernel.page import Wanted
from counterfoil.tokens.approval import Reason, Rule, needs_approval
from counterfoil.tokens.edit import edit
from counterfoil.tokens.model import State
from counterfoil.tokens.preview import offer, preview_token
from counterfoil.tokens.preview_policy import Impact, preview_policy
from counterfoil.tokens.renew import renew
from counterfoil.tokens.show import list_requests, show_request
from counterfoil.tokens.wish import Wish
from support.office import START
from support.tokens import PUBLISH, READ, WRITE, Agency, Hall, code, pointer, request_of

pytestmark = pytest.mark.each_engine

NOBODY = {"approval": "nobody"}
TYPES = scopes(Scope.CONTENT_TYPES_READ)


def change(agency: Agency, **changes: Any) -> Policy:
    with agency.office.database.reading() as tx:
        version = directory.policy(tx, agency.id).version
    with agency.acting(agency.ada) as work:
        return edit_policy(work, version, changes)


def why(agency: Agency, **wish: Any) -> tuple[Reason, ...]:
    """Return by which rules what Dan asks for waits, as his approver is told."""
    asked = agency.ask(agency.dan, **wish)
    with agency.looking(agency.ada) as work:
        listed = {one.request.id: one.reasons for one in list_requests(work, Wanted(), None).items}
        shown = show_request(work, request_of(asked)).reasons
    assert listed[request_of(asked)] == shown
    return shown


def foresee(agency: Agency, **changes: Any) -> Impact:
    with agency.looking(agency.ada) as work:
        return preview_policy(work, changes)


def until(days: int) -> dict[str, Any]:
    return {"expires_at": START + timedelta(days=days)}


def waits(agency: Agency, user: UserId, **wish: Any) -> bool:
    """Say whether a token waits; preview and gate say the same."""
    asked = agency.ask(user, **wish)
    wanted = wish if "inherit" in wish else {"scopes": READ, **wish}
    with agency.looking(user) as work:
        foreseen = preview_token(work, Wish(name="laptop", **wanted)).plan.places[0].needs_approval
    said = agency.hall.refusal(asked.secret)
    assert said == (Code.TOKEN_PENDING_APPROVAL if asked.request else "allowed")
    assert foreseen == (asked.request is not None)
    return foreseen


@pytest.mark.parametrize(
    ("rule", "asks", "asks_not"),
    [
        ({"approval_scopes": ("content:publish",)}, {"scopes": READ | PUBLISH}, {"scopes": WRITE}),
        ({"approval_writes": True}, {"scopes": READ | WRITE}, {"scopes": READ | TYPES}),
        ({"approval_lifetime": "P30D"}, until(31), until(30)),
        ({"approval_scopes": ("content:publish",)}, {"inherit": True}, {"scopes": WRITE}),
        ({"approval_writes": True}, {"inherit": True}, {}),
        (
            {"approval_lifetime": "P100Y", "allow_no_expiration": True, "lifetime_max": None},
            {"expires_at": None},
            until(4_000),
        ),
    ],
)
def test_one_rule_asks_of_everybody(
    agency: Agency, rule: dict[str, Any], asks: dict[str, Any], asks_not: dict[str, Any]
) -> None:
    """By scope, by writing, by lifetime: what it names waits, admins' too; the rest is at once."""
    change(agency, quota=None, **NOBODY, **rule)
    for user in (agency.dan, agency.ada):
        assert waits(agency, user, **asks)
        assert not waits(agency, user, **asks_not)


def test_any_rule_that_asks_wins(agency: Agency) -> None:
    """Rules add to each other: who need not ask as such asks for what is named (K8)."""
    change(agency, quota=None, approval_scopes=("content:publish",), approval_lifetime="P7D")
    assert waits(agency, agency.dan, **until(5))
    assert not waits(agency, agency.ada, **until(5))
    assert waits(agency, agency.ada, **until(8))
    assert waits(agency, agency.ada, scopes=PUBLISH, **until(5))
    change(agency, approval="nobody")
    assert not waits(agency, agency.dan, **until(5))
    assert waits(agency, agency.dan, scopes=PUBLISH, **until(5))


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


def test_what_was_approved_works(agency: Agency) -> None:
    """Once approved it works, or less of it does; and nobody approves what they asked for (S22)."""
    change(agency, approval_scopes=("content:publish",), **NOBODY)
    asked = agency.ask(agency.dan, scopes=READ | PUBLISH)
    agency.approve(asked)
    assert agency.hall.verify(asked.secret).grant.scopes == READ | PUBLISH
    own = agency.ask(agency.ada, scopes=PUBLISH)
    with pytest.raises(CounterfoilError) as refused:
        agency.approve(own)
    assert refused.value.code is Code.OWN_REQUEST
    assert agency.hall.refusal(own.secret) == Code.TOKEN_PENDING_APPROVAL


def test_no_edit_goes_round_it(agency: Agency) -> None:
    """What an edit adds waits where a new token would; the rest of it holds at once (X14, A10c)."""
    change(agency, approval_scopes=("content:publish",), **NOBODY)
    asked = agency.ask(agency.dan, scopes=READ)
    with agency.acting(agency.dan) as work:
        done = edit(work, asked.token.id, Wish(scopes=READ | WRITE))
    assert not done.waits
    for wider in ({"scopes": READ | PUBLISH}, {"inherit": True}):
        with agency.acting(agency.dan) as work:
            done = edit(work, asked.token.id, Wish(**wider))
        assert done.waits
        assert not agency.hall.verify(asked.secret).grant.scopes & PUBLISH
    with agency.acting(agency.dan) as work:
        assert not edit(work, asked.token.id, Wish(scopes=READ)).waits
    assert agency.hall.verify(asked.secret).grant.scopes == READ


def test_asking_for_less_needs_nobody(agency: Agency) -> None:
    """Who takes out of a request what has to be approved has the token at once."""
    change(agency, approval_scopes=("content:publish",), approval_lifetime="P30D", **NOBODY)
    asked = agency.ask(agency.dan, scopes=READ | PUBLISH, **until(60))
    with agency.acting(agency.dan) as work:
        assert edit(work, asked.token.id, Wish(scopes=READ)).waits
    with agency.acting(agency.dan) as work:
        assert not edit(work, asked.token.id, Wish(**until(30))).waits
    assert agency.hall.verify(asked.secret).grant.scopes == READ
    assert agency.hall.verify(asked.secret).expires_at == START + timedelta(days=30)


def test_no_successor_goes_round_it(agency: Agency) -> None:
    """A successor of what was made before the rule waits as any new token; the old one goes on."""
    change(agency, **NOBODY)
    old = agency.ask(agency.dan, scopes=PUBLISH)
    change(agency, approval_scopes=("content:publish",))
    with agency.acting(agency.dan) as work:
        new = renew(work, old.token.id, Wish())
    assert new.request is not None
    assert agency.hall.refusal(new.secret) == Code.TOKEN_PENDING_APPROVAL
    assert agency.hall.refusal(old.secret) == "allowed"
    with agency.acting(agency.dan) as work:
        assert renew(work, old.token.id, Wish(scopes=READ)).request is None


def test_no_exchange_goes_round_it(agency: Agency) -> None:
    """What waits is exchanged for nothing, and what works for no more than it holds (S50)."""
    change(agency, approval_scopes=("content:publish",), **NOBODY)
    waiting = agency.ask(agency.dan, scopes=READ | PUBLISH)
    with pytest.raises(CounterfoilError) as refused, agency.with_token(waiting.secret) as work:
        tokens.attenuate(work, READ)
    assert refused.value.code is Code.TOKEN_PENDING_APPROVAL
    free = agency.ask(agency.dan, "free", scopes=READ)
    with pytest.raises(Invalid) as above, agency.with_token(free.secret) as work:
        tokens.attenuate(work, READ | PUBLISH)
    assert above.value.code is Code.SCOPE_ABOVE_ROLE
    with agency.acting(agency.dan) as work:
        edit(work, free.token.id, Wish(scopes=READ | PUBLISH))  # which waits
    with agency.with_token(free.secret) as work:
        child = tokens.attenuate(work)
    assert agency.hall.verify(child.secret).grant.scopes == READ


def test_no_other_organization_goes_round_it(hall: Hall) -> None:
    """A token of all organizations that follows its owner waits where its like would (K3)."""
    acme, beta = Agency(hall), Agency(hall, "Beta")
    for one in (acme, beta):
        change(one, **NOBODY)
    change(beta, approval_lifetime="P30D")
    made = {
        days: acme.ask(acme.dan, f"for {days}", span_all=True, **until(days)) for days in (20, 40)
    }
    with hall.database.reading() as tx:
        dan = directory.user(tx, acme.dan)
    with beta.operating() as work:
        enroll(work, Newcomer(dan.name, dan.email), [beta.roles["editor"].id])
    assert acme.state(made[20].token.id, beta.id) is State.ACTIVE
    assert acme.state(made[40].token.id, beta.id) is State.PENDING
    both = acme.ask(acme.dan, span_all=True, **until(40))
    assert both.token.state_in(acme.id) is State.ACTIVE
    assert both.token.state_in(beta.id) is State.PENDING


def test_a_scope_of_an_api_is_named(agency: Agency) -> None:
    """Scopes of registered APIs are named as ours are, and count as writing but for `…:read`."""
    wished = [("shop:read", "Read orders"), ("shop:refund", "Give money back")]
    with agency.acting(agency.ada) as work:
        api = create_api(work, ApiWish("Shop", "https://shop.test/", wished))
    with agency.office.database.reading() as tx:
        words = directory.vocabulary(tx, agency.id)
    read, refund = (words.read([name]) for name in ("shop:read", "shop:refund"))
    with agency.acting(agency.ada) as work:
        agency.roles["seller"] = create_role(work, "seller", read | refund | READ)
    sue = agency.hire("SueAcme", "seller")
    change(agency, approval_writes=True, quota=None, **NOBODY)
    assert waits(agency, sue, scopes=refund)
    assert not waits(agency, sue, scopes=read | READ)
    change(agency, approval_writes=False, approval_scopes=("shop:read",))
    assert waits(agency, sue, scopes=read)
    assert not waits(agency, sue, scopes=refund)
    with agency.acting(agency.ada) as work:
        retire(work, api.id)
    assert change(agency, quota=7).approval_scopes == ("shop:read",)
    assert change(agency, approval_scopes=("shop:read", "content:write")).version
    with pytest.raises(Invalid):
        change(agency, approval_scopes=("shop:refund", "content:write"))


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


def test_api_tokens_ask_nobody(agency: Agency) -> None:
    """The organization's own tokens are made by who manages them, whatever they do (K8)."""
    change(agency, approval="everybody", approval_writes=True, approval_lifetime="P1D")
    made = agency.api_token(role="editor", **until(300))
    assert agency.hall.refusal(made.secret) == "allowed"


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


_RULES = st.fixed_dictionaries(
    {
        "approval": st.sampled_from(["nobody", "all_but_admins", "everybody"]),
        "approval_scopes": st.none() | st.sets(st.sampled_from(list(map(str, Scope))), min_size=1),
        "approval_writes": st.booleans(),
        "approval_lifetime": st.none() | st.sampled_from(["P1D", "P30D", "P2Y"]),
    }
)
_WANTED = st.none() | st.sets(st.sampled_from(list(Scope)), min_size=1)


@given(_RULES, _RULES, _WANTED, st.none() | st.integers(1, 1_000), st.booleans())
def test_more_rules_ask_no_less(
    one: dict[str, Any],
    other: dict[str, Any],
    wanted: set[Scope] | None,
    days: int | None,
    admin: bool,  # noqa: FBT001 - Hypothesis gives it by place
) -> None:
    """Whatever asks by either of two policies asks by one that says what both say (K8)."""
    order = ["nobody", "all_but_admins", "everybody"]
    named = {*(one["approval_scopes"] or ()), *(other["approval_scopes"] or ())}
    terms = [rule["approval_lifetime"] for rule in (one, other) if rule["approval_lifetime"]]
    both = {
        "approval": max(one["approval"], other["approval"], key=order.index),
        "approval_scopes": tuple(named) or None,
        "approval_writes": one["approval_writes"] or other["approval_writes"],
        "approval_lifetime": min(terms, key=["P1D", "P30D", "P2Y"].index, default=None),
    }
    role = Role(RoleId(1), OrganizationId(1), "admin", 0, built_in=admin)
    member = Member(OrganizationId(1), UserId(1), (role,), enabled=True, joined_at=START)
    life = (START, None if days is None else START + timedelta(days=days))
    mask = None if wanted is None else scopes(*wanted)

    def asks(rules: dict[str, Any]) -> bool:
        kept = rules["approval_scopes"]
        policy = replace(Policy(), **{**rules, "approval_scopes": kept and tuple(kept)})
        return needs_approval(policy, member, Vocabulary(), mask, life)

    assert asks(both) >= (asks(one) or asks(other))
