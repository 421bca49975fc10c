"""A token is told what it could be given: what whoever is behind it has beyond it."""

from __future__ import annotations

from counterfoil import tokens
from counterfoil.access.surface import ALL_SURFACES
from counterfoil.secret import Secret
from support.tokens import READ, Agency


def lacks(agency: Agency, secret: Secret) -> set[str]:
    """Return what a token is told that it lacks."""
    return set(agency.door(secret)("GET", "/cma/token").json["data"]["attributes"]["lacks"])


def test_a_token_lacks_what_its_owner_or_role_has(agency: Agency) -> None:
    """What no role behind it holds, no edit would give it: that is not named (X6)."""
    mine = agency.granted(agency.rea, scopes=READ, surfaces=ALL_SURFACES)
    ours = agency.api_token("reader", scopes=READ, surfaces=ALL_SURFACES)
    for made in (mine, ours):
        assert lacks(agency, made.secret) == {"assets:read", "content-types:read"}


def test_what_no_edit_widens_lacks_nothing(agency: Agency) -> None:
    """What was exchanged is exchanged anew instead, and who holds all lacks nothing."""
    whole = agency.granted(agency.rea, scopes=None, surfaces=ALL_SURFACES)
    with agency.with_token(whole.secret) as work:
        child = tokens.attenuate(work, READ)
    assert lacks(agency, whole.secret) == set()
    assert lacks(agency, child.secret) == set()
