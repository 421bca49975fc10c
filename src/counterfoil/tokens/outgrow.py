"""A policy changes under tokens that were made before: they go on, and their holders are told.

What a token was given it keeps until its end. Only a successor lives by the new policy, so whoever
counts on one hears of it in time.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from counterfoil import notices
from counterfoil.access.caller import Method
from counterfoil.directory import Policy, PolicyEdited
from counterfoil.kernel.errors import Invalid
from counterfoil.kernel.ids import Prefix, spell
from counterfoil.notices import Facts
from counterfoil.notices import Kind as Told
from counterfoil.operation import Work, operation
from counterfoil.tokens import policy
from counterfoil.tokens.steps.notify import LASTING
from counterfoil.tokens.store.ending import Lasting, longest

_LIMITS: Final = ("lifetime_max", "allow_no_expiration")


def tell_of_policy(work: Work, told: PolicyEdited) -> None:
    """Tell the holders of tokens that could not be made any more as they are."""
    if all(getattr(told.before, name) == getattr(told.after, name) for name in _LIMITS):
        return
    outside = [
        one
        for one in longest(work.tx, told.organization, work.now, LASTING)
        if _fits(told.before, one) and not _fits(told.after, one)
    ]
    if outside:
        tell_outside(work, outside)


@operation("token.tell_of_policy", requires=None, methods=frozenset({Method.SESSION}))
def tell_outside(work: Work, outside: list[Lasting]) -> None:
    """Tell the holders of these tokens that a new policy would not allow them."""
    work.permit(target=spell(Prefix.ORGANIZATION, work.caller.organization))
    for one in outside:
        facts: Facts = {"name": one.name, "expires_at": _spelled(one.expires_at)}
        about = spell(Prefix.TOKEN, one.id)
        notices.tell(work, Told.POLICY_CHANGED, [one.holder], about, facts)


def _fits(rules: Policy, one: Lasting) -> bool:
    try:
        policy.ends_at(rules, one.expires_at, one.created_at)
    except Invalid:
        return False
    return True


def _spelled(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
