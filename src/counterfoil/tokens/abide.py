"""Whether tokens that are there abide by a policy that came later, and when they would end by it.

These are the rules that new tokens are made by, asked again of what was made before.
"""

from __future__ import annotations

from datetime import datetime

from counterfoil.directory.duration import after
from counterfoil.directory.presets import Policy
from counterfoil.kernel.errors import Invalid
from counterfoil.tokens import policy


def abides(rules: Policy, made_at: datetime, ends_at: datetime | None) -> bool:
    """Say whether a policy would have let a token be made then that ends like this."""
    try:
        policy.ends_at(rules, ends_at, made_at)
    except Invalid:
        return False
    return True


def end_under(rules: Policy, made_at: datetime, ends_at: datetime | None, at: datetime) -> datetime:
    """Return when a token ends that does not abide by a policy and comes under it at an instant.

    It has the life that the policy gives to every token, counted from when it was made, and ends
    no sooner than at that instant. Where tokens must end one day and may live for any time, one
    that had no end gets the life of a token whose request says nothing, from that instant on.
    """
    if rules.lifetime_max is not None:
        longest = after(made_at, rules.lifetime_max)
    else:
        assert rules.lifetime_default is not None  # noqa: S101 - by `rules.sound`
        longest = after(at, rules.lifetime_default)
    return max(at, longest if ends_at is None else min(longest, ends_at))
