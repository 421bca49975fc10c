"""What the records of a credential come to: its bounds, and the roles behind it, as a grant."""

from __future__ import annotations

from functools import lru_cache
from typing import TypeAlias

from msgspec import structs

from counterfoil.access.conditions import NONE, Conditions
from counterfoil.access.grant import Grant, Term
from counterfoil.access.scope import Scopes
from counterfoil.access.surface import Surfaces
from counterfoil.gate.replica.conditions import read_conditions
from counterfoil.gate.replica.records import BOUNDS, CONDITIONS, ROLE, read_tail
from counterfoil.kernel.ids import NodeId

Limits: TypeAlias = tuple[frozenset[NodeId], ...]


@lru_cache(maxsize=1 << 16)
def grant(bounds: bytes, *roles: bytes | None) -> Grant:
    """Return what a token's bounds leave of the roles behind it, as `Grant.narrowed` would.

    A role that is gone, or another organization's, gives nothing (S21). This is pure reading, so it
    is remembered by the very bytes: most tokens of an organization say the same about themselves.
    """
    organization, scopes, surfaces, limits, conditions = _read(bounds)
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


@lru_cache(maxsize=1 << 12)
def lent(bounds: bytes, held: Grant) -> Grant:
    """Return what a token's bounds leave of what the token holds that lends it its authority.

    Its own roots stand before those of the other: that is what it is told to be bounded by.
    """
    _, scopes, surfaces, limits, conditions = _read(bounds)
    narrowed = held.narrowed(scopes=scopes, surfaces=surfaces, conditions=conditions)
    return structs.replace(narrowed, limits=(*limits, *held.limits))


def _read(bounds: bytes) -> tuple[int, Scopes, Surfaces, Limits, Conditions]:
    organization, scopes, surfaces, flags = BOUNDS.unpack_from(bounds)
    limits: Limits = ()
    conditions = NONE
    if flags:
        tail = bounds[BOUNDS.size :]
        if flags & CONDITIONS:
            conditions, tail = read_conditions(tail)
        scopes, limits = read_tail(scopes, flags, tail)
    return organization, scopes, surfaces, limits, conditions
