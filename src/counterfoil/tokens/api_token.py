"""API tokens: made for programs, by a person or by another API token (K4, K5, D11, Q6)."""

from __future__ import annotations

from counterfoil.access.scope import Scope
from counterfoil.kernel.errors import Code
from counterfoil.operation import Work, operation
from counterfoil.secret import Kind
from counterfoil.tokens.steps.authority import MANAGERS, require_administrator
from counterfoil.tokens.steps.issue import draw_up
from counterfoil.tokens.steps.record import Issued
from counterfoil.tokens.wish import Wish


@operation(
    "api_token.create",
    requires=Scope.TOKENS_MANAGE,
    methods=MANAGERS,
    fresh=True,
    denies_with=Code.PAT_CANNOT_CREATE_PAT,
)
def create_api_token(work: Work, wish: Wish) -> Issued:
    """Make an API token: of at most the caller's own power and, made by a token, own life."""
    work.permit()
    require_administrator(work)
    return draw_up(work, wish, Kind.SERVICE)
