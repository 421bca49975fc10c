"""The words of lmdb, spelt once."""

from __future__ import annotations

from typing import TypeAlias

import lmdb

Txn: TypeAlias = "lmdb.Transaction[bytes]"
Database: TypeAlias = "lmdb._Database"  # noqa: SLF001 - lmdb gives it no other name

Row: TypeAlias = tuple[Database, bytes, bytes]
"""A book, a key in it, and what stands there."""


def rows_under(txn: Txn, database: Database, prefix: bytes) -> list[tuple[bytes, bytes]]:
    """Return the rows of a book whose keys begin so, in order."""
    found = []
    with txn.cursor(database) as cursor:
        there = cursor.set_range(prefix)
        while there and cursor.key().startswith(prefix):
            found.append(cursor.item())
            there = cursor.next()
    return found
