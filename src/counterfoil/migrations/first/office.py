"""What stands under every slice: the trail, the feed, and answers that are repeated."""

from __future__ import annotations

import sqlalchemy as sa

from counterfoil.migrations.first.metadata import tables

# fmt: off
sa.Table("audit_entry", tables,
    sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column("organization_id", sa.BigInteger(), nullable=False),
    sa.Column("at", sa.BigInteger(), nullable=False),
    sa.Column("user_id", sa.BigInteger()),
    sa.Column("token_id", sa.BigInteger()),
    sa.Column("token_name", sa.Text()),
    sa.Column("method", sa.String(length=16), nullable=False),
    sa.Column("operation", sa.String(length=64), nullable=False),
    sa.Column("target", sa.Text()),
    sa.Column("outcome", sa.String(length=40), nullable=False),
    sa.Column("request_id", sa.String(length=64), nullable=False),
    sa.Column("address", sa.String(length=64), nullable=False),
    sa.Column("agent", sa.Text(), nullable=False),
    sa.Column("body", sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint("position", name="pk_audit_entry"),
    sa.Index("ix_audit_entry_organization_id_position", "organization_id", "position"),
    sa.Index("ix_audit_entry_token_id_position", "token_id", "position"),
)

sa.Table("audit_last_seen", tables,
    sa.Column("organization_id", sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column("token_id", sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column("surface", sa.String(length=16), nullable=False),
    sa.Column("at", sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint("organization_id", "token_id", "surface",
        name="pk_audit_last_seen"),
)

sa.Table("audit_refusal", tables,
    sa.Column("minute", sa.BigInteger(), nullable=False),
    sa.Column("neighbourhood", sa.String(length=64), nullable=False),
    sa.Column("status", sa.Integer(), autoincrement=False, nullable=False),
    sa.Column("count", sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint("minute", "neighbourhood", "status", name="pk_audit_refusal"),
)

sa.Table("feed", tables,
    sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column("epoch", sa.Integer(), nullable=False),
    sa.Column("kind", sa.String(length=40), nullable=False),
    sa.Column("version", sa.Integer(), nullable=False),
    sa.Column("organization_id", sa.BigInteger()),
    sa.Column("at", sa.BigInteger(), nullable=False),
    sa.Column("body", sa.LargeBinary(), nullable=False),
    sa.Column("signature", sa.LargeBinary()),
    sa.PrimaryKeyConstraint("position", name="pk_feed"),
)

sa.Table("feed_head", tables,
    sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
    sa.Column("epoch", sa.Integer(), nullable=False),
    sa.Column("position", sa.BigInteger(), nullable=False),
    sa.Column("audit_position", sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint("id", name="pk_feed_head"),
)

sa.Table("idempotency", tables,
    sa.Column("organization_id", sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column("caller", sa.String(length=40), nullable=False),
    sa.Column("route", sa.String(length=300), nullable=False),
    sa.Column("key_digest", sa.LargeBinary(length=32), nullable=False),
    sa.Column("body_digest", sa.LargeBinary(length=32), nullable=False),
    sa.Column("nonce", sa.LargeBinary(length=16), nullable=False),
    sa.Column("at", sa.BigInteger(), nullable=False),
    sa.Column("status", sa.Integer()),
    sa.Column("answer", sa.LargeBinary()),
    sa.PrimaryKeyConstraint("organization_id", "caller", "route", "key_digest",
        name="pk_idempotency"),
    sa.Index("ix_idempotency_at", "at"),
)
# fmt: on
