"""The tables of the directory."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    text,
)

from counterfoil.directory.model import FOLDED_EMAIL, FOLDED_NAME
from counterfoil.directory.rules_api import AUDIENCE_CHARS, DESCRIPTION_CHARS, SCOPE_CHARS
from counterfoil.directory.rules_routes import KEY_CHARS, NAME_CHARS
from counterfoil.runtime.database import Instant, metadata

_LIVE: Final = text("retired_at IS NULL")


def _unique(name: str, *columns: str) -> Index:
    return Index(name, *columns, unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE)


organizations: Final = Table(
    "organization",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("name", String(200), nullable=False),
    Column("root_id", BigInteger, nullable=False),
    Column("created_at", Instant, nullable=False),
)

cut_offs: Final = Table(
    "organization_cut_off",
    metadata,
    Column(
        "organization_id",
        ForeignKey("organization.id"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("cut_off", BigInteger, nullable=False),
    Column("seal", LargeBinary),
)
"""Up to where in the feed the tokens of an organization are dead; 0 before the first time that all
of them were ended. An organization of before migration 0063 has none until the seals are said to
span these rows, too."""

users: Final = Table(
    "user",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("email", String(254)),
    Column("email_folded", String(FOLDED_EMAIL), unique=True),
    Column("name", String(200), nullable=False),
    Column("kind", String(8), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("cut_off", BigInteger, nullable=False),
    Column("held_since", BigInteger, nullable=False, server_default="0"),
    Column("version", Integer, nullable=False),
    Column("seal", LargeBinary),
    Column("language", String(8)),
)

memberships: Final = Table(
    "membership",
    metadata,
    Column(
        "organization_id",
        ForeignKey("organization.id"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("user_id", ForeignKey("user.id"), primary_key=True, autoincrement=False, index=True),
    Column("enabled", Boolean, nullable=False),
    Column("cut_off", BigInteger, nullable=False),
    Column("joined_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("invited_as", String(200)),
    Column("version", Integer, nullable=False),
    Column("seal", LargeBinary),
)

roles: Final = Table(
    "role",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("organization_id", ForeignKey("organization.id"), nullable=False),
    Column("name", String(200), nullable=False),
    Column("name_folded", String(FOLDED_NAME), nullable=False),
    Column("scopes", BigInteger, nullable=False),
    Column("custom", JSON, nullable=False),
    Column("roots", JSON(none_as_null=True)),
    Column("built_in", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Column("seal", LargeBinary),
    UniqueConstraint("organization_id", "id"),
    UniqueConstraint("organization_id", "name_folded"),
)

membership_roles: Final = Table(
    "membership_role",
    metadata,
    Column("organization_id", BigInteger, primary_key=True, autoincrement=False),
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("role_id", BigInteger, primary_key=True, autoincrement=False),
    ForeignKeyConstraint(
        ["organization_id", "user_id"], ["membership.organization_id", "membership.user_id"]
    ),
    ForeignKeyConstraint(["organization_id", "role_id"], ["role.organization_id", "role.id"]),
    Index(None, "organization_id", "role_id"),
)

policies: Final = Table(
    "policy",
    metadata,
    Column(
        "organization_id",
        ForeignKey("organization.id"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("preset", String(32), nullable=False),
    Column("quota", Integer),
    Column("approval", String(32), nullable=False),
    Column("approval_scopes", JSON(none_as_null=True)),
    Column("approval_writes", Boolean, nullable=False, server_default="0"),
    Column("approval_lifetime", String(32)),
    Column("approval_second", String(16), nullable=False, server_default="nothing"),
    Column("lifetime_max", String(32)),
    Column("lifetime_ceiling", String(32)),
    Column("lifetime_default", String(32)),
    Column("allow_no_expiration", Boolean, nullable=False),
    Column("scope_mode_default", String(16), nullable=False),
    Column("span", String(8), nullable=False),
    Column("api_token_authority", String(8), nullable=False),
    Column("api_tokens_start_enabled", Boolean, nullable=False),
    Column("admins_only_api_tokens", Boolean, nullable=False),
    Column("creations_per_hour", Integer),
    Column("request_lapse", String(32), nullable=False),
    Column("management_limit", Integer, nullable=False),
    Column("management_window_ms", Integer, nullable=False),
    Column("delivery_rate", Float),
    Column("audit_strict", Boolean, nullable=False),
    Column("regenerate_allowed", Boolean, nullable=False),
    Column("cascade", Boolean, nullable=False),
    Column("token_roles", JSON(none_as_null=True)),
    Column("ip_ranges", JSON(none_as_null=True)),
    Column("idle_days", Integer),
    Column("lock_minutes", Integer, nullable=False),
    Column("exchange_allowed", Boolean, nullable=False),
    Column("leak_action", String(16), nullable=False),
    Column("provider_only", Boolean, nullable=False),
    Column("enforce_at", Instant),
    Column("version", Integer, nullable=False),
    Column("seal", LargeBinary),
)

apis: Final = Table(
    "api",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("organization_id", ForeignKey("organization.id"), nullable=False),
    Column("name", String(200), nullable=False),
    Column("name_folded", String(FOLDED_NAME), nullable=False),
    Column("audience", String(AUDIENCE_CHARS), nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("retired_at", Instant),
    UniqueConstraint("organization_id", "id"),
    _unique("uq_api_organization_id_name_folded", "organization_id", "name_folded"),
    _unique("uq_api_organization_id_audience", "organization_id", "audience"),
)

scopes: Final = Table(
    "api_scope",
    metadata,
    Column("organization_id", BigInteger, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("api_id", BigInteger, nullable=False),
    Column("name", String(SCOPE_CHARS), nullable=False),
    Column("name_folded", String(SCOPE_CHARS), nullable=False),
    Column("description", String(DESCRIPTION_CHARS), nullable=False),
    Column("retired_at", Instant),
    ForeignKeyConstraint(["organization_id", "api_id"], ["api.organization_id", "api.id"]),
    _unique("uq_api_scope_organization_id_name_folded", "organization_id", "name_folded"),
)

api_gates: Final = Table(
    "api_gate",
    metadata,
    Column("organization_id", BigInteger, primary_key=True, autoincrement=False),
    Column("api_id", BigInteger, primary_key=True, autoincrement=False),
    Column("routes", LargeBinary, nullable=False),
    Column("preflights", Boolean, nullable=False),
    Column("grace_seconds", Integer, nullable=False, server_default="0"),
    Column("version", Integer, nullable=False),
    Column("revision", BigInteger, nullable=False),
    ForeignKeyConstraint(["organization_id", "api_id"], ["api.organization_id", "api.id"]),
)
"""What gates decide by for an API: its routes, and how often its tree has changed."""

resources: Final = Table(
    "resource",
    metadata,
    Column("organization_id", BigInteger, primary_key=True, autoincrement=False),
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("api_id", BigInteger, nullable=False),
    Column("key", String(KEY_CHARS), nullable=False),
    Column("parent_id", BigInteger),
    Column("name", String(NAME_CHARS), nullable=False),
    UniqueConstraint("id"),
    UniqueConstraint("organization_id", "api_id", "key"),
    ForeignKeyConstraint(["organization_id", "api_id"], ["api.organization_id", "api.id"]),
)
"""The nodes of the trees of APIs: ids are those of nodes, as content's are."""

saved_queries: Final = Table(
    "saved_query",
    metadata,
    Column("organization_id", BigInteger, primary_key=True, autoincrement=False),
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("name_folded", String(FOLDED_NAME), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("asks", JSON, nullable=False),
    ForeignKeyConstraint(
        ["organization_id", "user_id"], ["membership.organization_id", "membership.user_id"]
    ),
)
"""What people filter the audit trail by again and again: each person's own."""
