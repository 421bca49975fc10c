"""Every token of an organization is ended at once: by one row and one event, for any number (R21).

For when somebody else may have them all. A token of all organizations goes on in the others, as
where an admin revokes it. Sessions stay: who signs somebody out, or shuts them out, says so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from counterfoil import directory
from counterfoil.access.caller import Method
from counterfoil.access.scope import Scope
from counterfoil.feed.event import CutOff
from counterfoil.kernel.errors import Code, Denied, Invalid
from counterfoil.kernel.ids import Prefix, spell
from counterfoil.operation import SESSION_ONLY, Work, operation
from counterfoil.secret import Kind
from counterfoil.tokens import policy
from counterfoil.tokens.steps.begin_again import begin_again, held_built_in
from counterfoil.tokens.steps.plan import caller_member
from counterfoil.tokens.store.counted import counted_here

_ADMINS: Final = SESSION_ONLY | {Method.SYSTEM}


@dataclass(frozen=True, slots=True)
class Toll:
    """How many tokens it ends, of each kind; built-in ones, and what is over by itself, not.

    `position` is up to where in the feed all are dead; None if nobody has ended them yet.
    """

    personal: int
    service: int
    pairs: int
    exchanged: int
    position: int | None = None

    @property
    def total(self) -> int:
        """How many tokens of all kinds."""
        return self.personal + self.service + self.pairs + self.exchanged


@operation("organization.count_tokens", requires=Scope.TOKENS_APPROVE, methods=_ADMINS, reads=True)
def count_tokens(work: Work) -> Toll:
    """Say how many tokens it would end to revoke all of an organization now."""
    _permit(work)
    return _toll(work, directory.cut(work.tx, work.caller.organization).at or None)


@operation(
    "organization.revoke_tokens",
    requires=Scope.TOKENS_APPROVE,
    methods=_ADMINS,
    fresh=True,
    vital=True,
)
def revoke_tokens(work: Work, reason: str) -> Toll:
    """Revoke every token that was made in the organization up to now, or that speaks there.

    Personal and API tokens, pairs, what they were exchanged for, and what waits for approval. It is
    final; what is made from now on is good. To do it again ends what was made meanwhile.

    Args:
        work: an admin's, or the operator's.
        reason: why, for the trail.

    Raises:
        Denied: INSUFFICIENT_ROLE, for who does not hold the admin role.
        Invalid: without a reason.
    """
    here = work.caller.organization
    _permit(work)
    by_hand = work.caller.method is not Method.SYSTEM
    why = policy.remark(reason, "reason") if by_hand else reason
    if not why:
        raise Invalid(
            Code.INVALID_FIELD, "Say why they are ended.", field="/data/attributes/reason"
        )
    work.note(why)
    toll = _toll(work, None)
    built_in = held_built_in(work, here)
    at = directory.cut_off_tokens(work)
    begin_again(work, built_in, at)
    return replace(toll, position=at)


@operation(
    "organization.begin_again",
    requires=None,
    methods=frozenset({Method.SYSTEM}),
    surface=None,
    vital=True,
)
def begin_anew(work: Work) -> None:
    """Have what every organization begins with outlive that all its tokens were ended."""
    here = work.caller.organization
    work.permit(target=spell(Prefix.ORGANIZATION, here))
    at = max(directory.cut(work.tx, here).at, work.head(hold=True))
    begin_again(work, held_built_in(work, here), at)


def outlive(work: Work, told: CutOff) -> None:
    """Do what follows from the end of all tokens of an organization, where nobody did it yet."""
    here = work.caller.organization
    if told.subject != here:
        return
    if any(token.position <= told.at for token in held_built_in(work, here)):
        begin_anew(work)


def _permit(work: Work) -> None:
    here = work.caller.organization
    work.permit(target=spell(Prefix.ORGANIZATION, here))
    if work.caller.method is Method.SYSTEM:
        return
    if not directory.member(work.tx, here, caller_member(work)).is_admin:
        raise Denied(Code.INSUFFICIENT_ROLE, "Only who holds the admin role may do this.")


def _toll(work: Work, position: int | None) -> Toll:
    found = counted_here(work.tx, work.caller.organization, work.now)
    return Toll(
        found.get(Kind.PERSONAL, 0),
        found.get(Kind.SERVICE, 0),
        found.get(Kind.CLIENT, 0),
        found.get(Kind.EXCHANGED, 0),
        position,
    )
