"""Books of another layout in the same file, of a program of before or after an upgrade.

Whoever still runs such a program goes on to read them, and nobody keeps them up any more: what was
revoked since would open. So they are emptied, and say that nothing verifies: in every layout the
books are called by these words, and the cut-offs say so by that key.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import lmdb

from counterfoil.gate.replica.books import META, NAMES, QUARANTINE, in_file
from counterfoil.gate.replica.txn import Txn

_NAME: Final = re.compile(rb"([a-z]+)(?: [0-9]+)?")
_CUTOFFS: Final = b"cutoffs"


def has_others(env: lmdb.Environment) -> bool:
    """Say whether books of another layout stand in a file, and somebody may go by them."""
    with env.begin() as txn:
        metas = [name for name, word in _others(txn) if word == META.encode()]
    return any(_entries(env, name) for name in metas)


def shut_others(env: lmdb.Environment) -> None:
    """Have nothing verify by books of another layout."""
    with env.begin() as txn:
        names = list(_others(txn))
    opened = [(env.open_db(name, create=False), word) for name, word in names]
    with env.begin(write=True) as txn:
        for database, word in opened:
            txn.drop(database, delete=False)
            if word == _CUTOFFS:
                txn.put(QUARANTINE, b"\1", db=database)


def _others(txn: Txn) -> Iterator[tuple[bytes, bytes]]:
    """Yield the names of such books in the file, each with its word."""
    ours = {in_file(name) for name in (*NAMES, META)}
    for name in txn.cursor().iternext(values=False):
        found = _NAME.fullmatch(name)
        if found is not None and name not in ours:
            yield name, found[1]


def _entries(env: lmdb.Environment, name: bytes) -> int:
    database = env.open_db(name, create=False)
    with env.begin() as txn:
        return int(txn.stat(database)["entries"])
