"""The API token that every organization begins with: it has no secret until it is regenerated."""

from __future__ import annotations

from typing import Final

from counterfoil import directory
from counterfoil.access.caller import Method
from counterfoil.access.surface import Surface
from counterfoil.kernel.ids import OrganizationId, Prefix, TokenId, spell
from counterfoil.operation import Work, operation
from counterfoil.secret import Kind
from counterfoil.tokens.bounds import Bounds
from counterfoil.tokens.model import State, Token, TokenGrant
from counterfoil.tokens.steps.record import tell
from counterfoil.tokens.store import rows

NAME: Final = "Read-only API token"
HARDCODED_TYPE: Final = "readonly_access_token"


@operation("api_token.seed", requires=None, methods=frozenset({Method.SYSTEM}))
def seed_built_in(work: Work, organization: OrganizationId) -> Token:
    """Make the built-in API token of a new organization: it reads what is published."""
    role = directory.role_named(work.tx, organization, "reader")
    new = Token(
        id=TokenId(work.new_id()),
        organization=organization,
        kind=Kind.SERVICE,
        name=NAME,
        authority="role",
        subject=role.id,
        position=work.head(),
        created_at=work.now,
        grants=(TokenGrant(organization, State.ACTIVE, Bounds(surfaces=Surface.DELIVERY.bit)),),
        hardcoded_type=HARDCODED_TYPE,
    )
    work.permit(target=spell(Prefix.TOKEN, new.id))
    rows.add(work.tx, new)
    tell(work, new)
    return new
