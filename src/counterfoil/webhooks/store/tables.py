"""The tables of webhooks: where to tell, and an outbox of what is told."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    text,
)

from counterfoil.runtime.database import Instant, metadata

webhooks: Final = Table(
    "webhook",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("organization_id", BigInteger, nullable=False),
    Column("owner_id", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("events", JSON, nullable=False),
    Column("secret", LargeBinary(32), nullable=False),
    Column("former_secret", LargeBinary(32)),
    Column("former_until", Instant),
    Column("enabled", Boolean, nullable=False),
    Column("is_orphan", Boolean, nullable=False),
    Column("trail_position", BigInteger),
    Column("version", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    ForeignKeyConstraint(
        ["organization_id", "owner_id"], ["membership.organization_id", "membership.user_id"]
    ),
    Index(None, "organization_id", "owner_id"),
)

messages: Final = Table(
    "webhook_message",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("webhook_id", ForeignKey("webhook.id"), nullable=False),
    Column("organization_id", BigInteger, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("data", JSON, nullable=False),
    Column("scope", String(40)),
    Column("node_id", BigInteger),
    Column("at", Instant, nullable=False),
    Column("state", String(16), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("due_at", Instant),
    Column("tried_at", Instant),
    Column("status", Integer),
    Column("failure", String(32)),
    Index(None, "webhook_id", "at", "id"),
    Index(None, "at"),
    Index(
        "ix_webhook_message_due_at",
        "due_at",
        sqlite_where=text("due_at IS NOT NULL"),
        postgresql_where=text("due_at IS NOT NULL"),
    ),
)
"""`due_at` is when a message is sent next: it is put off while somebody is sending it."""
