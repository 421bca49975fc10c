"""What a personal token could do, said before it is made: the same rules, and nothing written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from counterfoil import content, directory
from counterfoil.access.caller import Caller, Method
from counterfoil.access.grant import Grant
from counterfoil.access.scope import ALL_BUILT_IN, Scope, Scopes
from counterfoil.kernel.errors import Code, Denied
from counterfoil.operation import OPERATIONS, Operation, Work, operation
from counterfoil.tokens import policy
from counterfoil.tokens.approval import asks_always, asks_for, free
from counterfoil.tokens.policy import Choice
from counterfoil.tokens.steps.plan import Plan, active, caller_member, lineage_of, plan
from counterfoil.tokens.store import lists
from counterfoil.tokens.wish import Wish


@dataclass(frozen=True, slots=True)
class Preview:
    """A planned token and its power in the organization of the request.

    Attributes:
        operations: what a request with it would be let in to, for the scope that it holds.
        closed: built-in scopes that it holds and that open nothing to it, for it is let in at none
            of the surfaces where they count.
        personal: those that open nothing to any personal token: a person alone does this.
        reached: how much of the tree it would see.
    """

    plan: Plan
    effective: Grant
    operations: tuple[str, ...]
    closed: Scopes
    personal: Scopes
    reached: content.Reached


@dataclass(frozen=True, slots=True)
class Offer:
    """What a member may choose from (X6, X10).

    Attributes:
        scopes: those that they could give a token of their own.
        quota: how many tokens they may have here; None for any number.
        held: how many count now.
        needs_approval: whether somebody else decides, whatever they choose.
        asked_scopes: those of the scopes for which somebody else decides.
        asked_lifetime: the life beyond which somebody else decides; None for any.
        inherit_asks: whether somebody else decides on a token of all that they may do.
        approvers: how many people could decide.
    """

    scopes: Scopes
    expirations: tuple[Choice, ...]
    quota: int | None
    held: int
    needs_approval: bool
    asked_scopes: Scopes
    asked_lifetime: str | None
    inherit_asks: bool
    approvers: int

    @property
    def may_ask(self) -> bool:
        """Whether somebody else decides on some of what they may choose."""
        return bool(self.needs_approval or self.inherit_asks or self.asked_lifetime)


@operation("token.preview", requires=None, reads=True, denies_with=Code.PAT_CANNOT_CREATE_PAT)
def preview_token(work: Work, wish: Wish) -> Preview:
    """Say what a personal token could do, by the rules that would make it."""
    work.permit()
    planned = plan(work, wish, hold=False)
    effective = planned.bounds.of(planned.authority)
    opened, operations = 0, []
    for one in _admitted(work, effective):
        bit = _bit(work, one)
        if bit & effective.scopes:
            opened |= bit
            operations.append(one.name)
    if opened & Scope.CONTENT_READ.bit:  # what lists content shows assets by their own scope
        opened |= Scope.ASSETS_READ.bit
    for_tokens = sum({_bit(work, one) for one in OPERATIONS.values() if _is_for_tokens(one)})
    idle = effective.scopes & ALL_BUILT_IN & ~opened
    return Preview(
        planned,
        effective,
        tuple(operations),
        idle & for_tokens,
        idle & ~for_tokens,
        content.reached(work.tx, work.caller.organization, effective),
    )


@operation("token.offer", requires=None, reads=True, denies_with=Code.PAT_CANNOT_CREATE_PAT)
def offer(work: Work) -> Offer:
    """Say which scopes and expirations the caller may choose for a personal token."""
    work.permit()
    home, user = work.caller.organization, caller_member(work)
    member = active(directory.member, work.tx, home, user)
    rules, words = directory.policy(work.tx, home), work.vocabulary()
    scopes = policy.grantable(member.terms, None, lineage_of(work.tx, home), words)
    return Offer(
        scopes=scopes,
        expirations=policy.expirations(rules, work.now),
        quota=rules.quota,
        held=lists.count_held(work.tx, home, user, member.cut_off, work.now),
        needs_approval=asks_always(rules, member),
        asked_scopes=scopes & ~free(rules, words),
        asked_lifetime=rules.approval_lifetime,
        inherit_asks=asks_for(rules, words, None),
        approvers=sum(one != user for one in directory.approvers(work.tx, home)),
    )


def _admitted(work: Work, effective: Grant) -> Iterator[Operation]:
    """Yield what a personal token with this power would be admitted to, by the gate of each."""
    holder = Caller(work.caller.organization, work.caller.user, Method.PERSONAL, effective)
    for one in OPERATIONS.values():
        try:
            one.admit(holder, work.now)
        except Denied:
            continue
        yield one


def _bit(work: Work, one: Operation) -> Scopes:
    asked = one.requires
    if asked is None:
        return 0
    return (work.vocabulary().scope(asked) if isinstance(asked, str) else asked).bit


def _is_for_tokens(one: Operation) -> bool:
    return isinstance(one.requires, Scope) and Method.PERSONAL in one.methods
