"""The tables of notices: an outbox for mail, and what a person reads in the page."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    text,
)

from counterfoil.runtime.database import Instant, metadata

notices: Final = Table(
    "notice",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("organization_id", ForeignKey("organization.id"), nullable=False),
    Column("user_id", BigInteger, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("about", String(32), nullable=False),
    Column("mark", String(64)),
    Column("facts", JSON, nullable=False),
    Column("created_at", Instant, nullable=False, index=True),
    Column("read_at", Instant),
    Column("settled_at", Instant),
    Column("mail_due_at", Instant),
    Column("mail_tries", Integer, nullable=False),
    Column("mailed_at", Instant),
    ForeignKeyConstraint(
        ["organization_id", "user_id"], ["membership.organization_id", "membership.user_id"]
    ),
    Index("uq_notice_mark", "organization_id", "user_id", "kind", "about", "mark", unique=True),
    Index(None, "organization_id", "user_id", "created_at", "id"),
    Index(None, "organization_id", "about"),
    Index(
        "ix_notice_mail_due_at",
        "mail_due_at",
        sqlite_where=text("mail_due_at IS NOT NULL"),
        postgresql_where=text("mail_due_at IS NOT NULL"),
    ),
)
"""`mark` tells things apart that are told once: where it is null, any number are told."""

silenced: Final = Table(
    "notice_silenced",
    metadata,
    Column("organization_id", BigInteger, primary_key=True, autoincrement=False),
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String(32), primary_key=True),
    ForeignKeyConstraint(
        ["organization_id", "user_id"], ["membership.organization_id", "membership.user_id"]
    ),
)
"""Which kinds a member does not want by mail."""
