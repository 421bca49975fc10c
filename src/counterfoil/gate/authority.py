"""What stands behind a credential now: the roles of a member, the ancestors of a node.

Nothing is believed because it once was so: a role must still be of the organization in which it is
used, and a node must still hang on the organization's tree (S21).
"""

from __future__ import annotations

import struct
from functools import lru_cache
from typing import Final

from counterfoil.access.grant import Term
from counterfoil.access.roots import NOWHERE, Lineage
from counterfoil.access.scope import Scopes
from counterfoil.gate.books import Books, Txn
from counterfoil.gate.records import ID, IDS, MEMBER, ROLE, read_ids, read_tail

DEEPEST: Final = len(IDS) - 1
"""A node below more than so many others is nowhere, as is one in a circle."""

_TOP: Final = ID.pack(0)


def terms(
    txn: Txn, books: Books, roles: tuple[int, ...], organization: int, asked: Scopes
) -> tuple[Term, ...]:
    """Return what these roles allow now of the scopes asked for, role by role."""
    found = [txn.get(ID.pack(role), None, books.roles) for role in roles]
    return tuple([term(role, organization, asked) for role in found if role is not None])


@lru_cache(maxsize=4096)
def term(role: bytes, organization: int, asked: Scopes) -> Term:
    """Read a role as a term. Equal bytes are equal terms, so this is remembered by its bytes."""
    owner, scopes, flags = ROLE.unpack_from(role)
    if owner != organization:
        return Term(0, frozenset())
    if not flags:
        return Term(scopes & asked)
    tail = read_tail(role, ROLE.size, flags)
    return Term((scopes | tail.custom) & asked, tail.roots)


def member_roles(member: bytes) -> tuple[int, ...]:
    """Return the roles of a membership."""
    return read_ids(member, MEMBER.size, (len(member) - MEMBER.size) // ID.size)


def lineage(txn: Txn, books: Books, organization: int, node: int) -> Lineage:
    """Return a node and all its ancestors; NOWHERE if it hangs on no tree of the organization."""
    try:
        key, owner = ID.pack(node), ID.pack(organization)
    except struct.error:
        return NOWHERE
    get, nodes = txn.get, books.nodes
    path: list[bytes] = []
    while key != _TOP:
        place = get(key, None, nodes)
        if place is None or place[:8] != owner or len(path) == DEEPEST:
            return NOWHERE
        path.append(key)
        key = place[8:]
    return frozenset(IDS[len(path)].unpack(b"".join(path)))
