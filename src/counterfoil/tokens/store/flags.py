"""What a token's uses were like before, and what was flagged of it."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, String, Table, Text

from counterfoil.runtime.database import Instant, metadata

sources: Final = Table(
    "token_source",
    metadata,
    Column("organization_id", BigInteger, primary_key=True, autoincrement=False),
    Column("token_id", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String(16), primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("first_at", Instant, nullable=False),
)

flags: Final = Table(
    "token_flag",
    metadata,
    Column("organization_id", BigInteger, primary_key=True, autoincrement=False),
    Column("token_id", BigInteger, primary_key=True, autoincrement=False),
    Column("reason", String(16), primary_key=True),
    Column("detail", Text, nullable=False),
    Column("raised_at", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
    Column("count", BigInteger, nullable=False),
    Column("dismissed_at", Instant),
    Column("dismissed_by", BigInteger),
)
