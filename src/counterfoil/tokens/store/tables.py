"""The tables of the tokens.

No token row is ever deleted: tokens are creators and subjects of the audit trail (S26). What a
token may do stands in its grants, one for each organization where it speaks (CONTRACT:
organization), so a grant hangs on the token alone, and all else on token and organization together.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from counterfoil.runtime.database import Instant, metadata

tokens: Final = Table(
    "token",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("organization_id", ForeignKey("organization.id"), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("owner_id", BigInteger),
    Column("issuer_id", BigInteger),
    Column("issuer_token_id", BigInteger),
    Column("name", String(200), nullable=False),
    Column("description", Text, nullable=False),
    Column("authority", String(8), nullable=False),
    Column("subject_id", BigInteger),
    Column("expires_at", Instant),
    Column("position", BigInteger, nullable=False),
    Column("predecessor_id", BigInteger),
    Column("parent_id", BigInteger),
    Column("hardcoded_type", String(64)),
    Column("spans_all", Boolean, nullable=False),
    Column("reminders", Integer, nullable=False, server_default="7"),
    Column("created_at", Instant, nullable=False),
    Column("revoked_at", Instant),
    Column("revoked_position", BigInteger),
    Column("version", Integer, nullable=False),
    Column("seal", LargeBinary),
    UniqueConstraint("organization_id", "id"),
    ForeignKeyConstraint(
        ["organization_id", "owner_id"], ["membership.organization_id", "membership.user_id"]
    ),
    ForeignKeyConstraint(
        ["organization_id", "issuer_token_id"], ["token.organization_id", "token.id"]
    ),
    ForeignKeyConstraint(
        ["organization_id", "predecessor_id"], ["token.organization_id", "token.id"]
    ),
    ForeignKeyConstraint(["organization_id", "parent_id"], ["token.organization_id", "token.id"]),
    Index(None, "expires_at"),
    Index(None, "owner_id", "created_at"),
    Index(None, "organization_id", "kind", "created_at"),
    Index(None, "organization_id", "issuer_token_id"),
    Index(None, "organization_id", "parent_id"),
    Index(None, "organization_id", "predecessor_id"),
)

grants: Final = Table(
    "token_grant",
    metadata,
    Column("token_id", ForeignKey("token.id"), primary_key=True, autoincrement=False),
    Column(
        "organization_id",
        ForeignKey("organization.id"),
        primary_key=True,
        autoincrement=False,
        index=True,
    ),
    Column("state", String(16), nullable=False),
    Column("scope_mode", String(16), nullable=False),
    Column("scopes", BigInteger),
    Column("custom", JSON, nullable=False),
    Column("roots", JSON(none_as_null=True)),
    Column("ceiling", JSON(none_as_null=True)),
    Column("conditions", JSON(none_as_null=True)),
    Column("surfaces", Integer, nullable=False),
    Column("disabled_by", BigInteger),
    Column("on_since", Instant),
    Column("version", Integer, nullable=False),
    Column("seal", LargeBinary),
    CheckConstraint("(scope_mode = 'inherit') = (scopes IS NULL)", name="scope_mode"),
)

secrets: Final = Table(
    "token_secret",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("organization_id", BigInteger, nullable=False),
    Column("token_id", BigInteger, nullable=False),
    Column("digest", LargeBinary(32), nullable=False, unique=True),
    Column("scheme", String(16), nullable=False),
    Column("hint", String(24), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("dies_at", Instant),
    Column("retired_at", Instant),
    Column("shown_to", BigInteger),
    Column("version", Integer, nullable=False),
    Column("seal", LargeBinary),
    ForeignKeyConstraint(["organization_id", "token_id"], ["token.organization_id", "token.id"]),
    CheckConstraint("length(digest) = 32", name="digest_length"),
    Index(None, "token_id"),
)

widened: Final = Table(
    "token_widened",
    metadata,
    Column("token_id", BigInteger, primary_key=True, autoincrement=False),
    Column("by_id", BigInteger, primary_key=True, autoincrement=False),
    Column("organization_id", BigInteger, nullable=False),
    ForeignKeyConstraint(["organization_id", "token_id"], ["token.organization_id", "token.id"]),
    ForeignKeyConstraint(["organization_id", "by_id"], ["token.organization_id", "token.id"]),
    Index(None, "by_id"),
)
"""Which API token widened which others: they go when it goes, as those that it made."""

requests: Final = Table(
    "token_request",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("organization_id", BigInteger, nullable=False),
    Column("token_id", BigInteger, nullable=False),
    Column("requester_id", BigInteger, nullable=False),
    Column("kind", String(8), nullable=False),
    Column("scope_mode", String(16), nullable=False),
    Column("scopes", BigInteger),
    Column("custom", JSON, nullable=False),
    Column("roots", JSON(none_as_null=True)),
    Column("ceiling", JSON(none_as_null=True)),
    Column("conditions", JSON(none_as_null=True)),
    Column("surfaces", Integer, nullable=False),
    Column("expires_at", Instant),
    Column("justification", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("lapses_at", Instant, nullable=False),
    Column("agreed_by", BigInteger),
    Column("agreed_at", Instant),
    Column("narrowed", Boolean, nullable=False, server_default="0"),
    Column("decided_by", BigInteger),
    Column("decided_at", Instant),
    Column("reason", Text),
    Column("version", Integer, nullable=False),
    ForeignKeyConstraint(
        ["token_id", "organization_id"], ["token_grant.token_id", "token_grant.organization_id"]
    ),
    ForeignKeyConstraint(
        ["organization_id", "requester_id"], ["membership.organization_id", "membership.user_id"]
    ),
    CheckConstraint("(scope_mode = 'inherit') = (scopes IS NULL)", name="scope_mode"),
    Index(None, "organization_id", "created_at"),
    Index(None, "token_id", "organization_id"),
)

open_requests: Final = Index(
    "uq_token_request_open",
    requests.c.token_id,
    requests.c.organization_id,
    unique=True,
    sqlite_where=requests.c.state == "open",
    postgresql_where=requests.c.state == "open",
)
"""A token has at most one open request in an organization."""
