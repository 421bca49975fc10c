"""What is done to one token costs as much among many tokens and members as among few."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeAlias

import pytest

from counterfoil.directory.edit_policy import edit_policy
from counterfoil.directory.show import show_policy
from counterfoil.kernel.ids import UserId
from counterfoil.operation import Work
from counterfoil.tokens.api_token_edit import regenerate, revoke_api_token
from counterfoil.tokens.approve import approve
from counterfoil.tokens.request import request_token
from counterfoil.tokens.revoke import revoke
from counterfoil.tokens.wish import Wish
from support.plans import looked_at, planned
from support.tokens import READ, Agency

Act: TypeAlias = Callable[[Agency], tuple[UserId, Callable[[Work], object]]]
"""Prepares what is to be done; says who does it, and how."""

CROWD = 100
"""So many more there are then."""
FEW = {"feed_head", "gate"}
"""Tables that have a row for an installation, or one for each of a few hosts."""

ACTS: dict[str, Act] = {}


def act(prepare: Act) -> Act:
    """Take in what is done to a token."""
    ACTS[prepare.__name__] = prepare
    return prepare


@act
def ask(agency: Agency) -> tuple[UserId, Callable[[Work], object]]:
    return agency.dan, lambda work: request_token(work, Wish(name="laptop", scopes=READ))


@act
def grant(agency: Agency) -> tuple[UserId, Callable[[Work], object]]:
    asked = agency.ask(agency.dan).request
    assert asked is not None
    return agency.ada, lambda work: approve(work, asked.id, asked.version, Wish())


@act
def rotate(agency: Agency) -> tuple[UserId, Callable[[Work], object]]:
    made = agency.api_token()
    return agency.ada, lambda work: regenerate(work, made.token.id)


@act
def end(agency: Agency) -> tuple[UserId, Callable[[Work], object]]:
    made = agency.granted(agency.dan)
    return agency.dan, lambda work: revoke(work, made.token.id)


@act
def end_a_machine_s(agency: Agency) -> tuple[UserId, Callable[[Work], object]]:
    made = agency.api_token()
    return agency.ada, lambda work: revoke_api_token(work, made.token.id)


@pytest.mark.parametrize("name", ACTS)
def test_it_walks_through_no_table(agency: Agency, name: str) -> None:
    """No statement that it takes goes through a whole table (R21)."""
    user, does = ACTS[name](agency)
    with agency.acting(user) as work, planned(work.tx) as plans:
        does(work)
    walked = {
        f"{walk[1]}: {statement}"
        for statement, steps in plans
        for walk in filter(None, (re.match(r"SCAN (\w+)", step) for step in steps))
        if walk[1] not in FEW
    }
    assert walked == set()


@pytest.mark.each_engine
def test_it_looks_at_no_more_among_many(agency: Agency) -> None:
    """Each costs about the same among many that its organization has as among few (R21).

    Who asks for a token pays for their own alone.
    """
    with agency.acting(agency.ada) as work:
        edit_policy(work, show_policy(work).version, {"quota": None, "creations_per_hour": None})
    few = {name: looked(agency, one) for name, one in ACTS.items()}
    for _ in range(CROWD):
        agency.api_token()
        agency.ask(agency.dan)
    many = {name: looked(agency, one) for name, one in ACTS.items()}
    allowed = dict.fromkeys(ACTS, CROWD) | {"ask": 40 * CROWD}
    grown = {name: many[name] - few[name] for name in ACTS}
    assert {name: more for name, more in grown.items() if more > allowed[name]} == {}


def looked(agency: Agency, prepare: Act) -> int:
    """Return how much is looked at while something is done."""
    user, does = prepare(agency)
    with agency.acting(user) as work, looked_at(work.tx) as found:
        does(work)
    return found[0]
