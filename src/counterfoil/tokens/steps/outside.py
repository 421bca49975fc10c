"""Which tokens do not abide by a policy, and when each of them would end by it."""

from __future__ import annotations

from datetime import datetime
from itertools import islice

from counterfoil.directory import Policy
from counterfoil.kernel.ids import OrganizationId
from counterfoil.operation import Work
from counterfoil.tokens.abide import abides, end_under
from counterfoil.tokens.steps.notify import LASTING
from counterfoil.tokens.store.lasting import Lasting, lasting


def outside_of(work: Work, rules: Policy, most: int | None = None) -> list[Lasting]:
    """Return the tokens here that do not abide by a policy, the one used last coming first."""
    found = lasting(work.tx, work.caller.organization, work.now, LASTING)
    outside = (one for one in found if not abides(rules, one.made_at, one.ends_at))
    return list(islice(outside, most))


def end_of(rules: Policy, one: Lasting, at: datetime, here: OrganizationId) -> datetime:
    """Return when a token ends here that comes under a policy at an instant."""
    return end_under(rules, one.made_at, one.ends_at, at) if one.home == here else at
