"""What a personal token could do, said before it is made: the same rules, and nothing written."""

from __future__ import annotations

from dataclasses import dataclass

from counterfoil import directory
from counterfoil.access.grant import Grant
from counterfoil.access.scope import Scopes
from counterfoil.kernel.errors import Code
from counterfoil.operation import Work, operation
from counterfoil.tokens import policy
from counterfoil.tokens.policy import Choice
from counterfoil.tokens.steps.plan import Plan, active, caller_member, lineage_of, plan
from counterfoil.tokens.store import lists
from counterfoil.tokens.wish import Wish


@dataclass(frozen=True, slots=True)
class Preview:
    """A planned token and its power in the organization of the request."""

    plan: Plan
    effective: Grant


@dataclass(frozen=True, slots=True)
class Offer:
    """What a member may choose from (X6, X10).

    Attributes:
        scopes: those that they could give a token of their own.
        quota: how many tokens they may have here; None for any number.
        held: how many count now.
        needs_approval: whether somebody else decides.
        approvers: how many people could decide.
    """

    scopes: Scopes
    expirations: tuple[Choice, ...]
    quota: int | None
    held: int
    needs_approval: bool
    approvers: int


@operation("token.preview", requires=None, reads=True, denies_with=Code.PAT_CANNOT_CREATE_PAT)
def preview_token(work: Work, wish: Wish) -> Preview:
    """Say what a personal token could do, by the rules that would make it."""
    work.permit()
    planned = plan(work, wish, hold=False)
    return Preview(planned, planned.bounds.of(planned.authority))


@operation("token.offer", requires=None, reads=True, denies_with=Code.PAT_CANNOT_CREATE_PAT)
def offer(work: Work) -> Offer:
    """Say which scopes and expirations the caller may choose for a personal token."""
    work.permit()
    home, user = work.caller.organization, caller_member(work)
    member = active(directory.member, work.tx, home, user)
    rules = directory.policy(work.tx, home)
    return Offer(
        scopes=policy.grantable(member.terms, None, lineage_of(work.tx, home), work.vocabulary()),
        expirations=policy.expirations(rules, work.now),
        quota=rules.quota,
        held=lists.count_held(work.tx, home, user, member.cut_off, work.now),
        needs_approval=policy.needs_approval(rules, member),
        approvers=sum(one != user for one in directory.approvers(work.tx, home)),
    )
