"""What a token has made does not outgrow it when its role grows, nor outlive it (I3, K4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from counterfoil.access.scope import EVERY_SCOPE, Scope, Scopes, scopes
from counterfoil.access.surface import ALL_SURFACES
from counterfoil.directory.define_role import edit_role
from counterfoil.kernel.errors import Code
from counterfoil.tokens.api_token import create_api_token
from counterfoil.tokens.api_token_edit import edit_api_token
from counterfoil.tokens.steps.record import Issued
from counterfoil.tokens.wish import Wish
from support.office import START, StandingClock
from support.tokens import READ, WRITE, Agency, Hall

MANAGE: Scopes = scopes(Scope.TOKENS_MANAGE)


def child(agency: Agency, maker: Issued, role: str) -> Issued:
    with agency.with_token(maker.secret) as work:
        subject = agency.roles[role].id
        return create_api_token(
            work, Wish(name="child", inherit=True, authority="role", subject=subject)
        )


def grow(agency: Agency, role: str, more: Scopes, **changed: Any) -> None:
    with agency.acting(agency.ada) as work:
        id_ = agency.roles[role].id
        edit_role(work, id_, lambda before: replace(before, scopes=more, **changed))


def test_by_scopes(agency: Agency) -> None:
    """A bounded token gives the scopes that it holds at that moment, whatever the role becomes."""
    agency.role("plain", Scope.CONTENT_READ)
    maker = agency.api_token("admin", scopes=MANAGE | READ, surfaces=ALL_SURFACES)
    made = child(agency, maker, "plain")
    grow(agency, "plain", READ | WRITE)
    assert agency.hall.verify(made.secret).grant.scopes == READ
    other = agency.api_token("plain", scopes=READ)
    with agency.with_token(maker.secret) as work:
        edit_api_token(work, other.token.id, Wish(surfaces=ALL_SURFACES, name="same"))
    assert agency.hall.verify(other.secret).grant.scopes == READ


def test_by_roots(agency: Agency) -> None:
    """A token that is restricted gives what lies under its own roots, wherever the role reaches."""
    agency.role("pressmen", Scope.CONTENT_READ, roots=frozenset({agency.press}))
    maker = agency.api_token("admin", roots=frozenset({agency.public}), surfaces=ALL_SURFACES)
    made = child(agency, maker, "pressmen")
    grow(agency, "pressmen", READ, roots=None)
    grant = agency.hall.verify(made.secret).grant
    assert grant.limits == (frozenset({agency.public}),)


def test_whoever_has_everything_gives_what_grows(agency: Agency) -> None:
    """A token of all power makes one that follows its role, as a person does (D10)."""
    agency.role("plain", Scope.CONTENT_READ)
    made = child(agency, agency.api_token("admin", surfaces=ALL_SURFACES), "plain")
    grow(agency, "plain", READ | WRITE)
    assert agency.hall.verify(made.secret).grant.scopes == READ | WRITE
    assert agency.hall.verify(agency.api_token("admin").secret).grant.scopes == EVERY_SCOPE


@pytest.mark.each_engine
@pytest.mark.parametrize("preset", ["default", "datocms"])
def test_by_time(hall: Hall, clock: StandingClock, preset: str) -> None:
    """An earlier end of a token is that of what it made, and of what that made, as its revocation.

    Where the policy lets children live on, they do (S24, CONTRACT: minting).
    """
    agency = Agency(hall, "Acme", preset)
    maker = agency.api_token("admin", surfaces=ALL_SURFACES)
    made = child(agency, maker, "admin")
    with agency.with_token(maker.secret) as work:
        edit_api_token(work, made.token.id, Wish(surfaces=ALL_SURFACES))
    grandchild, apart = child(agency, made, "reader"), agency.api_token()
    sooner = START + timedelta(hours=1)
    with agency.acting(agency.ada) as work:
        edit_api_token(work, maker.token.id, Wish(expires_at=sooner))
    clock.move_on(hours=1)
    assert hall.refusal(maker.secret) == Code.TOKEN_EXPIRED
    follows = Code.TOKEN_EXPIRED if preset == "default" else "allowed"
    assert [hall.refusal(one.secret) for one in (made, grandchild, apart)] == [
        follows,
        follows,
        "allowed",
    ]
    assert hall.rebuilt() == hall.replica.dump()
