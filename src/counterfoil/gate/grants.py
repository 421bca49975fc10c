"""What the records of a credential come to: its bounds, and the roles behind it, as a grant."""

from __future__ import annotations

from functools import lru_cache

from counterfoil.access.conditions import NONE
from counterfoil.access.grant import Grant, Term
from counterfoil.gate.conditions import read_conditions
from counterfoil.gate.records import BOUNDS, CONDITIONS, ROLE, read_tail
from counterfoil.kernel.ids import NodeId


@lru_cache(maxsize=1 << 16)
def grant(bounds: bytes, *roles: bytes | None) -> Grant:
    """Return what a token's bounds leave of the roles behind it, as `Grant.narrowed` would.

    A role that is gone, or another organization's, gives nothing (S21). This is pure reading, so it
    is remembered by the very bytes: most tokens of an organization say the same about themselves.
    """
    organization, scopes, surfaces, flags = BOUNDS.unpack_from(bounds)
    limits: tuple[frozenset[NodeId], ...] = ()
    conditions = NONE
    if flags:
        tail = bounds[BOUNDS.size :]
        if flags & CONDITIONS:
            conditions, tail = read_conditions(tail)
        scopes, limits = read_tail(scopes, flags, tail)
    terms = []
    for role in roles:
        if role is None:
            continue
        owner, allowed, flags = ROLE.unpack_from(role)
        if owner == organization:
            where = None
            if flags:
                allowed, roots = read_tail(allowed, flags, role[ROLE.size :])
                where = roots[0] if roots else None
            terms.append(Term(allowed & scopes, where))
    return Grant(tuple(terms), limits, surfaces, conditions)
