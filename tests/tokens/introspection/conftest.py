"""Who may ask about tokens, and where they ask."""

from __future__ import annotations

import pytest

from counterfoil.access.scope import Scope, scopes
from counterfoil.access.surface import ALL_SURFACES
from counterfoil.tokens.key_pair import create_pair
from counterfoil.tokens.steps.record import Issued
from counterfoil.tokens.wish import Wish
from support.introspecting import Doors
from support.tokens import Agency

INTROSPECT = scopes(Scope.GATES_INTROSPECT)


@pytest.fixture
def doors(agency: Agency) -> Doors:
    return Doors(agency)


@pytest.fixture
def gate(agency: Agency) -> Issued:
    """An API token that may ask, and do nothing else."""
    return agency.api_token("admin", scopes=INTROSPECT, surfaces=ALL_SURFACES, name="gate")


@pytest.fixture
def pair(agency: Agency) -> Issued:
    """A pair that may ask."""
    wish = Wish(
        name="resource server",
        authority="role",
        subject=agency.roles["admin"].id,
        scopes=INTROSPECT,
        surfaces=ALL_SURFACES,
    )
    with agency.acting(agency.ada) as work:
        return create_pair(work, wish)
