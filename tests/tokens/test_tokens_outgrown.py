"""What a token has made does not outgrow it when the role behind it does (I3, K4)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from counterfoil.access.scope import EVERY_SCOPE, Scope, Scopes, scopes
from counterfoil.access.surface import ALL_SURFACES
from counterfoil.directory.define_role import edit_role
from counterfoil.tokens.api_token import create_api_token
from counterfoil.tokens.api_token_edit import edit_api_token
from counterfoil.tokens.steps.record import Issued
from counterfoil.tokens.wish import Wish
from support.tokens import READ, WRITE, Agency

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
