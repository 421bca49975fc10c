"""A person asks for a token of their own. It works at once, or once somebody else approves it."""

from __future__ import annotations

from counterfoil.kernel.errors import Code
from counterfoil.operation import Work, operation
from counterfoil.tokens.steps.issue import Requested, carry_out
from counterfoil.tokens.steps.plan import plan
from counterfoil.tokens.wish import Wish


@operation("token.request", requires=None, fresh=True, denies_with=Code.PAT_CANNOT_CREATE_PAT)
def request_token(work: Work, wish: Wish) -> Requested:
    """Ask for a personal token: active at once, or pending until somebody approves it."""
    work.permit()
    return carry_out(work, plan(work, wish, hold=True))
