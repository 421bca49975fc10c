"""What is done to one token costs as much among many tokens and members as among few."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from counterfoil.kernel.ids import UserId
from counterfoil.operation import Work
from counterfoil.tokens.api_token_edit import regenerate, revoke_api_token
from counterfoil.tokens.approve import approve
from counterfoil.tokens.request import request_token
from counterfoil.tokens.revoke import revoke
from counterfoil.tokens.wish import Wish
from support.plans import planned
from support.tokens import READ, Agency

FEW = {"feed_head", "gate"}
"""Tables that have a row for an installation, or one for each of a few hosts."""


@contextmanager
def walked(agency: Agency, user: UserId, found: set[str]) -> Iterator[Work]:
    """Work as somebody; take down which tables were walked from end to end meanwhile."""
    with agency.acting(user) as work:
        with planned(work.tx) as plans:
            yield work
        for statement, steps in plans:
            walks = filter(None, (re.match(r"SCAN (\w+)", step) for step in steps))
            found |= {f"{walk[1]}: {statement}" for walk in walks if walk[1] not in FEW}


ACTS: dict[str, Callable[[Agency, set[str]], None]] = {}


def act(does: Callable[[Agency, set[str]], None]) -> Callable[[Agency, set[str]], None]:
    """Take in what is done to a token."""
    ACTS[does.__name__] = does
    return does


@act
def ask(agency: Agency, found: set[str]) -> None:
    with walked(agency, agency.dan, found) as work:
        request_token(work, Wish(name="laptop", scopes=READ))


@act
def grant(agency: Agency, found: set[str]) -> None:
    asked = agency.ask(agency.dan)
    assert asked.request is not None
    with walked(agency, agency.ada, found) as work:
        approve(work, asked.request.id, asked.request.version, Wish())


@act
def rotate(agency: Agency, found: set[str]) -> None:
    made = agency.api_token()
    with walked(agency, agency.ada, found) as work:
        regenerate(work, made.token.id)


@act
def end(agency: Agency, found: set[str]) -> None:
    made = agency.granted(agency.dan)
    with walked(agency, agency.dan, found) as work:
        revoke(work, made.token.id)


@act
def end_a_machine_s(agency: Agency, found: set[str]) -> None:
    made = agency.api_token()
    with walked(agency, agency.ada, found) as work:
        revoke_api_token(work, made.token.id)


@pytest.mark.parametrize("name", ACTS)
def test_it_walks_through_no_table(agency: Agency, name: str) -> None:
    """No statement that it takes goes through a whole table (R21)."""
    found: set[str] = set()
    ACTS[name](agency, found)
    assert found == set()
