"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

tables = sa.MetaData()

sa.Table(
    "audit_entry",
    tables,
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

sa.Table(
    "audit_refusal",
    tables,
    sa.Column("minute", sa.BigInteger(), nullable=False),
    sa.Column("neighbourhood", sa.String(length=64), nullable=False),
    sa.Column("status", sa.Integer(), autoincrement=False, nullable=False),
    sa.Column("count", sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint("minute", "neighbourhood", "status", name="pk_audit_refusal"),
)

sa.Table(
    "content_type",
    tables,
    sa.Column("organization_id", sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column("api_key", sa.String(length=64), nullable=False),
    sa.Column("name", sa.String(length=120), nullable=False),
    sa.Column("schema_id", sa.String(length=500), nullable=False),
    sa.Column("body", sa.LargeBinary(), nullable=False),
    sa.Column("version", sa.Integer(), nullable=False),
    sa.Column("created_at", sa.BigInteger(), nullable=False),
    sa.Column("updated_at", sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint("organization_id", "id", name="pk_content_type"),
    sa.UniqueConstraint("id", name="uq_content_type_id"),
    sa.UniqueConstraint(
        "organization_id", "api_key", name="uq_content_type_organization_id_api_key"
    ),
    sa.UniqueConstraint(
        "organization_id", "schema_id", name="uq_content_type_organization_id_schema_id"
    ),
)

sa.Table(
    "feed",
    tables,
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

sa.Table(
    "feed_head",
    tables,
    sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
    sa.Column("epoch", sa.Integer(), nullable=False),
    sa.Column("position", sa.BigInteger(), nullable=False),
    sa.Column("audit_position", sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint("id", name="pk_feed_head"),
)

sa.Table(
    "idempotency",
    tables,
    sa.Column("organization_id", sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column("caller", sa.String(length=40), nullable=False),
    sa.Column("route", sa.String(length=300), nullable=False),
    sa.Column("key_digest", sa.LargeBinary(length=32), nullable=False),
    sa.Column("body_digest", sa.LargeBinary(length=32), nullable=False),
    sa.Column("nonce", sa.LargeBinary(length=16), nullable=False),
    sa.Column("at", sa.BigInteger(), nullable=False),
    sa.Column("status", sa.Integer()),
    sa.Column("answer", sa.LargeBinary()),
    sa.PrimaryKeyConstraint(
        "organization_id", "caller", "route", "key_digest", name="pk_idempotency"
    ),
    sa.Index("ix_idempotency_at", "at"),
)

sa.Table(
    "organization",
    tables,
    sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column("name", sa.String(length=200), nullable=False),
    sa.Column("root_id", sa.BigInteger(), nullable=False),
    sa.Column("created_at", sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint("id", name="pk_organization"),
)

sa.Table(
    "signin_attempt",
    tables,
    sa.Column("account", sa.LargeBinary(), nullable=False),
    sa.Column("source", sa.String(length=64), nullable=False),
    sa.Column("failures", sa.Integer(), nullable=False),
    sa.Column("failed_at", sa.BigInteger(), nullable=False),
    sa.Column("proved_at", sa.BigInteger()),
    sa.PrimaryKeyConstraint("account", "source", name="pk_signin_attempt"),
    sa.Index("ix_signin_attempt_failed_at", "failed_at"),
    sa.Index("ix_signin_attempt_source_failed_at", "source", "failed_at"),
)

sa.Table(
    "user",
    tables,
    sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column("email", sa.String(length=254)),
    sa.Column("email_folded", sa.String(length=508)),
    sa.Column("name", sa.String(length=200), nullable=False),
    sa.Column("kind", sa.String(length=8), nullable=False),
    sa.Column("active", sa.Boolean(), nullable=False),
    sa.Column("cut_off", sa.BigInteger(), nullable=False),
    sa.Column("version", sa.Integer(), nullable=False),
    sa.Column("seal", sa.LargeBinary()),
    sa.PrimaryKeyConstraint("id", name="pk_user"),
    sa.UniqueConstraint("email_folded", name="uq_user_email_folded"),
)

sa.Table(
    "identity",
    tables,
    sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column("user_id", sa.BigInteger(), nullable=False),
    sa.Column("kind", sa.String(length=16), nullable=False),
    sa.Column("digest", sa.Text(), nullable=False),
    sa.Column("changed_at", sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_identity_user_id_user"),
    sa.PrimaryKeyConstraint("id", name="pk_identity"),
    sa.UniqueConstraint("user_id", "kind", name="uq_identity_user_id_kind"),
)

sa.Table(
    "membership",
    tables,
    sa.Column("organization_id", sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column("enabled", sa.Boolean(), nullable=False),
    sa.Column("cut_off", sa.BigInteger(), nullable=False),
    sa.Column("joined_at", sa.BigInteger(), nullable=False),
    sa.Column("ended_at", sa.BigInteger()),
    sa.Column("version", sa.Integer(), nullable=False),
    sa.Column("seal", sa.LargeBinary()),
    sa.ForeignKeyConstraint(
        ["organization_id"], ["organization.id"], name="fk_membership_organization_id_organization"
    ),
    sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_membership_user_id_user"),
    sa.PrimaryKeyConstraint("organization_id", "user_id", name="pk_membership"),
    sa.Index("ix_membership_user_id", "user_id"),
)

sa.Table(
    "node",
    tables,
    sa.Column("organization_id", sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column("parent_id", sa.BigInteger()),
    sa.Column("kind", sa.String(length=8), nullable=False),
    sa.Column(
        "slug",
        sa.String(length=1400).with_variant(sa.String(length=1400, collation="C"), "postgresql"),
        nullable=False,
    ),
    sa.Column(
        "path",
        sa.String(length=1400).with_variant(sa.String(length=1400, collation="C"), "postgresql"),
        nullable=False,
    ),
    sa.Column("target_id", sa.BigInteger()),
    sa.Column("content_type_id", sa.BigInteger()),
    sa.Column("draft", sa.Integer()),
    sa.Column("published", sa.Integer()),
    sa.Column("published_at", sa.BigInteger()),
    sa.Column("trashed_at", sa.BigInteger()),
    sa.Column("live", sa.Boolean(), nullable=False),
    sa.Column("version", sa.Integer(), nullable=False),
    sa.Column("created_at", sa.BigInteger(), nullable=False),
    sa.Column("created_by", sa.BigInteger()),
    sa.Column("created_with", sa.BigInteger()),
    sa.Column("updated_at", sa.BigInteger(), nullable=False),
    sa.Column("updated_by", sa.BigInteger()),
    sa.Column("updated_with", sa.BigInteger()),
    sa.CheckConstraint("(content_type_id IS NULL) = (kind <> 'entry')", name="ck_node_entry"),
    sa.CheckConstraint("(parent_id IS NULL) = (kind = 'root')", name="ck_node_root"),
    sa.CheckConstraint("(target_id IS NULL) = (kind <> 'link')", name="ck_node_link"),
    sa.ForeignKeyConstraint(
        ["organization_id", "content_type_id"],
        ["content_type.organization_id", "content_type.id"],
        name="fk_node_organization_id_content_type_id_content_type",
    ),
    sa.ForeignKeyConstraint(
        ["organization_id", "parent_id"],
        ["node.organization_id", "node.id"],
        name="fk_node_organization_id_parent_id_node",
    ),
    sa.ForeignKeyConstraint(
        ["organization_id", "target_id"],
        ["node.organization_id", "node.id"],
        name="fk_node_organization_id_target_id_node",
    ),
    sa.PrimaryKeyConstraint("organization_id", "id", name="pk_node"),
    sa.UniqueConstraint("id", name="uq_node_id"),
    sa.Index("ix_node_organization_id_content_type_id", "organization_id", "content_type_id"),
    sa.Index("ix_node_organization_id_created_at", "organization_id", "created_at", "id"),
    sa.Index("ix_node_organization_id_path", "organization_id", "path"),
    sa.Index("ix_node_organization_id_target_id", "organization_id", "target_id"),
    sa.Index(
        "uq_node_organization_id",
        "organization_id",
        unique=True,
        sqlite_where=sa.text("kind = 'root'"),
        postgresql_where=sa.text("kind = 'root'"),
    ),
    sa.Index(
        "uq_node_organization_id_parent_id_slug",
        "organization_id",
        "parent_id",
        "slug",
        unique=True,
        sqlite_where=sa.text("trashed_at IS NULL"),
        postgresql_where=sa.text("trashed_at IS NULL"),
    ),
)

sa.Table(
    "policy",
    tables,
    sa.Column("organization_id", sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column("preset", sa.String(length=32), nullable=False),
    sa.Column("quota", sa.Integer()),
    sa.Column("approval", sa.String(length=32), nullable=False),
    sa.Column("lifetime_max", sa.String(length=32)),
    sa.Column("lifetime_ceiling", sa.String(length=32)),
    sa.Column("lifetime_default", sa.String(length=32)),
    sa.Column("allow_no_expiration", sa.Boolean(), nullable=False),
    sa.Column("scope_mode_default", sa.String(length=16), nullable=False),
    sa.Column("span", sa.String(length=8), nullable=False),
    sa.Column("api_token_authority", sa.String(length=8), nullable=False),
    sa.Column("api_tokens_start_enabled", sa.Boolean(), nullable=False),
    sa.Column("admins_only_api_tokens", sa.Boolean(), nullable=False),
    sa.Column("creations_per_hour", sa.Integer()),
    sa.Column("request_lapse", sa.String(length=32), nullable=False),
    sa.Column("management_limit", sa.Integer(), nullable=False),
    sa.Column("management_window_ms", sa.Integer(), nullable=False),
    sa.Column("delivery_rate", sa.Float()),
    sa.Column("audit_strict", sa.Boolean(), nullable=False),
    sa.Column("regenerate_allowed", sa.Boolean(), nullable=False),
    sa.Column("cascade", sa.Boolean(), nullable=False),
    sa.Column("version", sa.Integer(), nullable=False),
    sa.Column("seal", sa.LargeBinary()),
    sa.ForeignKeyConstraint(
        ["organization_id"], ["organization.id"], name="fk_policy_organization_id_organization"
    ),
    sa.PrimaryKeyConstraint("organization_id", name="pk_policy"),
)

sa.Table(
    "role",
    tables,
    sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column("organization_id", sa.BigInteger(), nullable=False),
    sa.Column("name", sa.String(length=200), nullable=False),
    sa.Column("name_folded", sa.String(length=600), nullable=False),
    sa.Column("scopes", sa.BigInteger(), nullable=False),
    sa.Column("custom", sa.JSON(), nullable=False),
    sa.Column("roots", sa.JSON(none_as_null=True)),
    sa.Column("built_in", sa.Boolean(), nullable=False),
    sa.Column("version", sa.Integer(), nullable=False),
    sa.Column("seal", sa.LargeBinary()),
    sa.ForeignKeyConstraint(
        ["organization_id"], ["organization.id"], name="fk_role_organization_id_organization"
    ),
    sa.PrimaryKeyConstraint("id", name="pk_role"),
    sa.UniqueConstraint("organization_id", "id", name="uq_role_organization_id_id"),
    sa.UniqueConstraint(
        "organization_id", "name_folded", name="uq_role_organization_id_name_folded"
    ),
)

sa.Table(
    "session",
    tables,
    sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column("user_id", sa.BigInteger(), nullable=False),
    sa.Column("client", sa.String(length=64)),
    sa.Column("position", sa.BigInteger(), nullable=False),
    sa.Column("authenticated_at", sa.BigInteger(), nullable=False),
    sa.Column("seen_at", sa.BigInteger(), nullable=False),
    sa.Column("dies_at", sa.BigInteger(), nullable=False),
    sa.Column("begun_by", sa.LargeBinary()),
    sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_session_user_id_user"),
    sa.PrimaryKeyConstraint("id", name="pk_session"),
    sa.UniqueConstraint("begun_by", name="uq_session_begun_by"),
    sa.Index("ix_session_dies_at", "dies_at"),
    sa.Index("ix_session_user_id", "user_id"),
)

sa.Table(
    "session_code",
    tables,
    sa.Column("digest", sa.LargeBinary(), nullable=False),
    sa.Column("user_id", sa.BigInteger(), nullable=False),
    sa.Column("client", sa.String(length=64), nullable=False),
    sa.Column("redirect_uri", sa.String(length=512), nullable=False),
    sa.Column("challenge", sa.String(length=64), nullable=False),
    sa.Column("position", sa.BigInteger(), nullable=False),
    sa.Column("authenticated_at", sa.BigInteger(), nullable=False),
    sa.Column("dies_at", sa.BigInteger(), nullable=False),
    sa.CheckConstraint("length(digest) = 32", name="ck_session_code_digest_length"),
    sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_session_code_user_id_user"),
    sa.PrimaryKeyConstraint("digest", name="pk_session_code"),
    sa.Index("ix_session_code_dies_at", "dies_at"),
    sa.Index("ix_session_code_user_id", "user_id"),
)

sa.Table(
    "content_version",
    tables,
    sa.Column("organization_id", sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column("node_id", sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
    sa.Column("content", sa.LargeBinary(), nullable=False),
    sa.Column("position", sa.BigInteger(), nullable=False),
    sa.Column("created_at", sa.BigInteger(), nullable=False),
    sa.Column("created_by", sa.BigInteger()),
    sa.Column("created_with", sa.BigInteger()),
    sa.ForeignKeyConstraint(
        ["organization_id", "node_id"],
        ["node.organization_id", "node.id"],
        name="fk_content_version_organization_id_node_id_node",
    ),
    sa.PrimaryKeyConstraint("organization_id", "node_id", "number", name="pk_content_version"),
)

sa.Table(
    "membership_role",
    tables,
    sa.Column("organization_id", sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column("role_id", sa.BigInteger(), autoincrement=False, nullable=False),
    sa.ForeignKeyConstraint(
        ["organization_id", "role_id"],
        ["role.organization_id", "role.id"],
        name="fk_membership_role_organization_id_role_id_role",
    ),
    sa.ForeignKeyConstraint(
        ["organization_id", "user_id"],
        ["membership.organization_id", "membership.user_id"],
        name="fk_membership_role_organization_id_user_id_membership",
    ),
    sa.PrimaryKeyConstraint("organization_id", "user_id", "role_id", name="pk_membership_role"),
    sa.Index("ix_membership_role_organization_id_role_id", "organization_id", "role_id"),
)

sa.Table(
    "session_secret",
    tables,
    sa.Column("digest", sa.LargeBinary(), nullable=False),
    sa.Column("session_id", sa.BigInteger(), nullable=False),
    sa.Column("purpose", sa.String(length=8), nullable=False),
    sa.Column("dies_at", sa.BigInteger(), nullable=False),
    sa.Column("spent_at", sa.BigInteger()),
    sa.CheckConstraint("length(digest) = 32", name="ck_session_secret_digest_length"),
    sa.ForeignKeyConstraint(
        ["session_id"], ["session.id"], name="fk_session_secret_session_id_session"
    ),
    sa.PrimaryKeyConstraint("digest", name="pk_session_secret"),
    sa.Index("ix_session_secret_session_id", "session_id"),
)

sa.Table(
    "token",
    tables,
    sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column("organization_id", sa.BigInteger(), nullable=False),
    sa.Column("kind", sa.String(length=16), nullable=False),
    sa.Column("owner_id", sa.BigInteger()),
    sa.Column("issuer_id", sa.BigInteger()),
    sa.Column("issuer_token_id", sa.BigInteger()),
    sa.Column("name", sa.String(length=200), nullable=False),
    sa.Column("description", sa.Text(), nullable=False),
    sa.Column("authority", sa.String(length=8), nullable=False),
    sa.Column("subject_id", sa.BigInteger()),
    sa.Column("expires_at", sa.BigInteger()),
    sa.Column("position", sa.BigInteger(), nullable=False),
    sa.Column("predecessor_id", sa.BigInteger()),
    sa.Column("parent_id", sa.BigInteger()),
    sa.Column("hardcoded_type", sa.String(length=64)),
    sa.Column("created_at", sa.BigInteger(), nullable=False),
    sa.Column("revoked_at", sa.BigInteger()),
    sa.Column("revoked_position", sa.BigInteger()),
    sa.Column("version", sa.Integer(), nullable=False),
    sa.Column("seal", sa.LargeBinary()),
    sa.ForeignKeyConstraint(
        ["organization_id", "issuer_token_id"],
        ["token.organization_id", "token.id"],
        name="fk_token_organization_id_issuer_token_id_token",
    ),
    sa.ForeignKeyConstraint(
        ["organization_id", "owner_id"],
        ["membership.organization_id", "membership.user_id"],
        name="fk_token_organization_id_owner_id_membership",
    ),
    sa.ForeignKeyConstraint(
        ["organization_id", "parent_id"],
        ["token.organization_id", "token.id"],
        name="fk_token_organization_id_parent_id_token",
    ),
    sa.ForeignKeyConstraint(
        ["organization_id", "predecessor_id"],
        ["token.organization_id", "token.id"],
        name="fk_token_organization_id_predecessor_id_token",
    ),
    sa.ForeignKeyConstraint(
        ["organization_id"], ["organization.id"], name="fk_token_organization_id_organization"
    ),
    sa.PrimaryKeyConstraint("id", name="pk_token"),
    sa.UniqueConstraint("organization_id", "id", name="uq_token_organization_id_id"),
    sa.Index("ix_token_organization_id_issuer_token_id", "organization_id", "issuer_token_id"),
    sa.Index("ix_token_organization_id_kind_created_at", "organization_id", "kind", "created_at"),
    sa.Index("ix_token_organization_id_parent_id", "organization_id", "parent_id"),
    sa.Index("ix_token_organization_id_predecessor_id", "organization_id", "predecessor_id"),
    sa.Index("ix_token_owner_id_created_at", "owner_id", "created_at"),
)

sa.Table(
    "token_grant",
    tables,
    sa.Column("token_id", sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column("organization_id", sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column("state", sa.String(length=16), nullable=False),
    sa.Column("scope_mode", sa.String(length=16), nullable=False),
    sa.Column("scopes", sa.BigInteger()),
    sa.Column("custom", sa.JSON(), nullable=False),
    sa.Column("roots", sa.JSON(none_as_null=True)),
    sa.Column("surfaces", sa.Integer(), nullable=False),
    sa.Column("disabled_by", sa.BigInteger()),
    sa.Column("version", sa.Integer(), nullable=False),
    sa.Column("seal", sa.LargeBinary()),
    sa.CheckConstraint(
        "(scope_mode = 'inherit') = (scopes IS NULL)", name="ck_token_grant_scope_mode"
    ),
    sa.ForeignKeyConstraint(
        ["organization_id"], ["organization.id"], name="fk_token_grant_organization_id_organization"
    ),
    sa.ForeignKeyConstraint(["token_id"], ["token.id"], name="fk_token_grant_token_id_token"),
    sa.PrimaryKeyConstraint("token_id", "organization_id", name="pk_token_grant"),
    sa.Index("ix_token_grant_organization_id", "organization_id"),
)

sa.Table(
    "token_secret",
    tables,
    sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column("organization_id", sa.BigInteger(), nullable=False),
    sa.Column("token_id", sa.BigInteger(), nullable=False),
    sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
    sa.Column("scheme", sa.String(length=16), nullable=False),
    sa.Column("hint", sa.String(length=24), nullable=False),
    sa.Column("created_at", sa.BigInteger(), nullable=False),
    sa.Column("dies_at", sa.BigInteger()),
    sa.Column("retired_at", sa.BigInteger()),
    sa.Column("version", sa.Integer(), nullable=False),
    sa.Column("seal", sa.LargeBinary()),
    sa.CheckConstraint("length(digest) = 32", name="ck_token_secret_digest_length"),
    sa.ForeignKeyConstraint(
        ["organization_id", "token_id"],
        ["token.organization_id", "token.id"],
        name="fk_token_secret_organization_id_token_id_token",
    ),
    sa.PrimaryKeyConstraint("id", name="pk_token_secret"),
    sa.UniqueConstraint("digest", name="uq_token_secret_digest"),
    sa.Index("ix_token_secret_token_id", "token_id"),
)

sa.Table(
    "token_request",
    tables,
    sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column("organization_id", sa.BigInteger(), nullable=False),
    sa.Column("token_id", sa.BigInteger(), nullable=False),
    sa.Column("requester_id", sa.BigInteger(), nullable=False),
    sa.Column("kind", sa.String(length=8), nullable=False),
    sa.Column("scope_mode", sa.String(length=16), nullable=False),
    sa.Column("scopes", sa.BigInteger()),
    sa.Column("custom", sa.JSON(), nullable=False),
    sa.Column("roots", sa.JSON(none_as_null=True)),
    sa.Column("surfaces", sa.Integer(), nullable=False),
    sa.Column("expires_at", sa.BigInteger()),
    sa.Column("justification", sa.Text(), nullable=False),
    sa.Column("state", sa.String(length=16), nullable=False),
    sa.Column("created_at", sa.BigInteger(), nullable=False),
    sa.Column("lapses_at", sa.BigInteger(), nullable=False),
    sa.Column("decided_by", sa.BigInteger()),
    sa.Column("decided_at", sa.BigInteger()),
    sa.Column("reason", sa.Text()),
    sa.Column("version", sa.Integer(), nullable=False),
    sa.CheckConstraint(
        "(scope_mode = 'inherit') = (scopes IS NULL)", name="ck_token_request_scope_mode"
    ),
    sa.ForeignKeyConstraint(
        ["organization_id", "requester_id"],
        ["membership.organization_id", "membership.user_id"],
        name="fk_token_request_organization_id_requester_id_membership",
    ),
    sa.ForeignKeyConstraint(
        ["token_id", "organization_id"],
        ["token_grant.token_id", "token_grant.organization_id"],
        name="fk_token_request_token_id_organization_id_token_grant",
    ),
    sa.PrimaryKeyConstraint("id", name="pk_token_request"),
    sa.Index("ix_token_request_organization_id_created_at", "organization_id", "created_at"),
    sa.Index("ix_token_request_token_id_organization_id", "token_id", "organization_id"),
    sa.Index(
        "uq_token_request_open",
        "token_id",
        "organization_id",
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    ),
)


def upgrade() -> None:
    tables.create_all(op.get_bind())


def downgrade() -> None:
    tables.drop_all(op.get_bind())
