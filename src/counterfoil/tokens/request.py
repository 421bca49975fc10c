"""A person asks for a token of their own. It works at once, or once somebody else approves it."""

from __future__ import annotations

from dataclasses import dataclass

from counterfoil.kernel.errors import Code
from counterfoil.kernel.ids import Prefix, TokenId, spell
from counterfoil.operation import Work, operation
from counterfoil.secret import Kind, Secret
from counterfoil.tokens.ask import ask, others_who_approve
from counterfoil.tokens.asking import Asking, Request, RequestKind
from counterfoil.tokens.model import State, Token, TokenGrant
from counterfoil.tokens.plan import Plan, caller_member, plan
from counterfoil.tokens.record import issue
from counterfoil.tokens.wish import Wish


@dataclass(frozen=True, slots=True)
class Requested:
    """A new personal token with its secret, shown this once.

    Attributes:
        request: what waits at home; None if the token works there already.
        approvers: how many people could decide it (A10d).
    """

    token: Token
    secret: Secret
    request: Request | None
    approvers: int


@operation("token.request", requires=None, otherwise=Code.PAT_CANNOT_CREATE_PAT)
def request_token(work: Work, wish: Wish) -> Requested:
    """Ask for a personal token: active at once, or pending until somebody approves it."""
    work.permit()
    return carry_out(work, plan(work, wish, hold=True))


def carry_out(work: Work, planned: Plan, predecessor: TokenId | None = None) -> Requested:
    """Make the planned token, and ask for approval where it is needed.

    The secret is minted now, so that approval needs no second visit and nothing recoverable is
    kept; a pending token opens nothing (G14).
    """
    user = caller_member(work)
    new = Token(
        id=TokenId(work.new_id()),
        organization=work.caller.organization,
        kind=Kind.PERSONAL,
        name=planned.name,
        authority="user",
        subject=user,
        position=work.head(),
        created_at=work.now,
        grants=tuple(
            TokenGrant(
                place.organization,
                State.PENDING if place.needs_approval else State.ACTIVE,
                planned.bounds,
            )
            for place in planned.places
        ),
        owner=user,
        issuer=user,
        description=planned.description,
        expires_at=planned.expires_at,
        predecessor=predecessor,
    )
    work.permit(target=spell(Prefix.TOKEN, new.id))
    issued = issue(work, new)
    asking = Asking(RequestKind.NEW, planned.bounds, planned.expires_at, planned.justification)
    asked = {
        place.organization: ask(work, new, asking, place.organization, place.policy)
        for place in planned.places
        if place.needs_approval
    }
    request = asked.get(new.organization)
    approvers = others_who_approve(work, new.organization, user) if request else 0
    return Requested(issued.token, issued.secret, request, approvers)
