"""The table of the gates."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Integer, LargeBinary, Table, Text

from counterfoil.runtime.database import Instant, metadata

gates: Final = Table(
    "gate",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False, unique=True),
    Column("digest", LargeBinary(32), unique=True),
    Column("enrolled_at", Instant, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("renewals", BigInteger, nullable=False),
    Column("holds", Boolean, nullable=False),
    Column("grace_s", Integer, nullable=False, server_default="0"),
    Column("heard_at", Instant),
    Column("host", BigInteger),
    Column("told_at", Instant),
    Column("untold", BigInteger, nullable=False, server_default="0"),
    Column("missed", BigInteger, nullable=False, server_default="0"),
    Column("doubted", BigInteger, nullable=False, server_default="0"),
    Column("differs", Text),
    Column("differed_at", Instant),
)
"""Who was removed has no digest, and its row is there for as long as its lease may run. So it is
with a host of the office itself, which nobody enrolled: its name has a space, as no gate's has."""
