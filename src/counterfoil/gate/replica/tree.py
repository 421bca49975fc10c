"""The tree of nodes: written so that one look-up tells all the ancestors of a node.

A node's record is its path: all from the top down to the node itself. A move is one event; whoever
takes it in writes the paths below anew, so that nobody else has to climb. What hangs on no tree of
its organization (below a node that is trashed or unknown, or in a circle) is nowhere until what it
hangs on comes back; its record is its parent alone, and a zero where the node would stand.
"""

from __future__ import annotations

import struct
from typing import Final

from counterfoil.access.roots import NOWHERE, Ancestry
from counterfoil.gate.replica.records import ID_BYTES, IDS, PAIR
from counterfoil.gate.replica.txn import Database, Txn

DEEPEST: Final = len(IDS) - 1
"""Nodes deeper than this are treated as nowhere, as are those in a circle."""

_NONE: Final = bytes(ID_BYTES)
_ORGANIZATION: Final = slice(ID_BYTES)  # of a key
_NODE: Final = slice(ID_BYTES, None)  # of a key
_LAST: Final = slice(-ID_BYTES, None)  # of a record: the node, if it is anywhere
_PARENT: Final = slice(-2 * ID_BYTES, -ID_BYTES)  # of a record; empty at the top


class Tree:
    """Where the nodes of all organizations stand.

    Args:
        nodes: the book of their records.
        children: the book of the nodes under each node, whether that one is there or not.
    """

    def __init__(self, nodes: Database, children: Database) -> None:
        self._nodes = nodes
        self._children = children

    def lineage(self, txn: Txn, organization: int, node: int) -> Ancestry:
        """Return a node and all its ancestors; NOWHERE if it hangs on no tree there."""
        try:
            record = txn.get(PAIR.pack(organization, node), None, self._nodes)
        except struct.error:  # no id of ours
            return NOWHERE
        if record is None:
            return NOWHERE
        path = IDS[len(record) // ID_BYTES].unpack(record)
        return path if path[-1] == node else NOWHERE

    def place(self, txn: Txn, organization: int, node: int, parent: int) -> None:
        """Let a node stand under a parent from now on, with all that is below it; 0 is the top."""
        key, under = PAIR.pack(organization, node), PAIR.pack(organization, parent)
        self._unlink(txn, key)
        txn.put(under, key[_NODE], db=self._children)
        self._settle(txn, [(key, under[_NODE])])

    def remove(self, txn: Txn, organization: int, node: int) -> None:
        """Take a node away; what is below it hangs in the air."""
        key = PAIR.pack(organization, node)
        self._unlink(txn, key)
        txn.delete(key, db=self._nodes)
        self._settle(txn, self._below(txn, key))

    def _unlink(self, txn: Txn, key: bytes) -> None:
        record = txn.get(key, None, self._nodes)
        if record is not None:
            above = key[_ORGANIZATION] + (record[_PARENT] or _NONE)
            txn.delete(above, key[_NODE], self._children)

    def _settle(self, txn: Txn, moved: list[tuple[bytes, bytes]]) -> None:
        """Write the paths of these nodes under those parents, and of all that is below them."""
        while moved:
            key, parent = moved.pop()
            record = self._record(txn, key, parent)
            if record != txn.get(key, None, self._nodes):
                txn.put(key, record, db=self._nodes)
                moved += self._below(txn, key)
            # Else all below it is right already. A circle comes to its end here, too.

    def _record(self, txn: Txn, key: bytes, parent: bytes) -> bytes:
        """Return what is to be written of a node under a parent."""
        node = key[_NODE]
        if parent == _NONE:
            return node
        above = txn.get(key[_ORGANIZATION] + parent, _NONE, self._nodes)
        ancestors = [above[at : at + ID_BYTES] for at in range(0, len(above), ID_BYTES)]
        if ancestors[-1] != parent or node in ancestors or len(ancestors) == DEEPEST:
            return parent + _NONE
        return above + node

    def _below(self, txn: Txn, key: bytes) -> list[tuple[bytes, bytes]]:
        """Return the keys of the nodes under a node, each with that one as its parent."""
        with txn.cursor(self._children) as cursor:
            if not cursor.set_key(key):
                return []
            return [(key[_ORGANIZATION] + node, key[_NODE]) for node in cursor.iternext_dup()]
