"""What a token may do and how long it lives decide whether somebody must approve it (K8)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil import directory
from counterfoil.access.role import Role
from counterfoil.access.scope import Scope, scopes
from counterfoil.access.vocabulary import Vocabulary
from counterfoil.directory import Member, Policy
from counterfoil.directory.api import ApiWish
from counterfoil.directory.define_role import create_role
from counterfoil.directory.register_api import create_api, retire
from counterfoil.kernel.errors import Invalid
from counterfoil.kernel.ids import OrganizationId, RoleId, UserId
from counterfoil.tokens.approval import needs_approval
from support.asked import NOBODY, change, until, waits
from support.office import START
from support.tokens import PUBLISH, READ, WRITE, Agency

pytestmark = pytest.mark.each_engine

TYPES = scopes(Scope.CONTENT_TYPES_READ)


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
