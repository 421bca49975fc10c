"""The words of lmdb, spelt once."""

from __future__ import annotations

from typing import TypeAlias

import lmdb

Txn: TypeAlias = "lmdb.Transaction[bytes]"
Database: TypeAlias = "lmdb._Database"  # noqa: SLF001 - lmdb gives it no other name
