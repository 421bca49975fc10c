"""What an organization's policy asks of the doors, read from the replica.

It is read in the state in which the gate saw who asks, or in a later one. So a change of it holds
on the next request, in every process of the host, and costs no database.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple, TypeAlias

from counterfoil.gate.replica.records import ID, LIMITS
from counterfoil.gate.verifier import Verifier
from counterfoil.kernel.ids import OrganizationId


class Rules(NamedTuple):
    """The fields of a policy that are asked at each request.

    Attributes:
        limit: requests of one token per window on the management surface.
        window_ms: that window.
        rate: requests of one token per second on the others; below 0 there is no limit.
        audit_strict: whether a read goes on record before it is answered.
    """

    limit: int
    window_ms: int
    rate: float
    audit_strict: bool


RulesOf: TypeAlias = Callable[[OrganizationId], Rules]

OTHERWISE: Final = Rules(30, 3_000, -1.0, audit_strict=True)
"""Where the replica does not know the organization yet."""


def rules_from(verifier: Verifier) -> RulesOf:
    """Return what looks up the rules of an organization in which somebody was verified."""
    replica, books = verifier.replica, verifier.replica.books
    remembered: tuple[int, dict[OrganizationId, Rules]] = (-1, {})

    def look(organization: OrganizationId) -> Rules:
        nonlocal remembered
        state = verifier.seen()
        if remembered[0] != state:
            remembered = (state, {})
        of = remembered[1]
        if organization not in of:
            kept = replica.read(lambda txn: txn.get(ID.pack(organization), db=books.organizations))
            of[organization] = OTHERWISE if kept is None else Rules(*LIMITS.unpack_from(kept))
        return of[organization]

    return look
