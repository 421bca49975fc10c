"""What stands behind a credential now: the roles of a member, the ancestors of a node.

Nothing is believed because it once was so: a role must still be of the organization in which it is
used, and a node must still hang on the organization's tree (S21).
"""

from __future__ import annotations

import struct
from functools import lru_cache
from typing import Final

from counterfoil.access.grant import Grant
from counterfoil.access.roots import NOWHERE, Lineage
from counterfoil.gate.books import Books, Txn
from counterfoil.gate.records import PAIR, PATHS, read_bounds, read_role

DEEPEST: Final = len(PATHS) - 1
"""A node below more than so many others is nowhere, as is one in a circle."""


@lru_cache(maxsize=1 << 16)
def grant(bounds: bytes, *roles: bytes | None) -> Grant:
    """Read a token's bounds and the roles behind it as a grant.

    This is pure reading, so it is remembered by the very bytes: most tokens of an organization say
    the same about themselves. A role that is gone, or another organization's, gives nothing.
    """
    organization, own, surfaces = read_bounds(bounds)
    held = [read_role(role) for role in roles if role is not None]
    terms = tuple(term for owner, term in held if owner == organization)
    return Grant(terms).narrowed(scopes=own.scopes, roots=own.roots, surfaces=surfaces)


def lineage(txn: Txn, books: Books, organization: int, node: int) -> Lineage:
    """Return a node and all its ancestors; NOWHERE if it hangs on no tree of the organization."""
    try:
        key, top = PAIR.pack(organization, node), PAIR.pack(organization, 0)
    except struct.error:
        return NOWHERE
    get, nodes = txn.get, books.nodes
    path = b""
    for depth in range(1, DEEPEST + 1):
        path += key
        above = get(key, None, nodes)
        if above is None:
            return NOWHERE
        if above == top:
            return frozenset(PATHS[depth].unpack(path))
        key = above
    return NOWHERE
