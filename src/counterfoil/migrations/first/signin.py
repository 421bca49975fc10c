"""How people prove who they are, and what that leads to."""

from __future__ import annotations

import sqlalchemy as sa

from counterfoil.migrations.first.metadata import tables

# fmt: off
sa.Table("identity", tables,
    sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column("user_id", sa.BigInteger(), nullable=False),
    sa.Column("kind", sa.String(length=16), nullable=False),
    sa.Column("digest", sa.Text(), nullable=False),
    sa.Column("changed_at", sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_identity_user_id_user"),
    sa.PrimaryKeyConstraint("id", name="pk_identity"),
    sa.UniqueConstraint("user_id", "kind", name="uq_identity_user_id_kind"),
)

sa.Table("signin_attempt", tables,
    sa.Column("account", sa.LargeBinary(), nullable=False),
    sa.Column("source", sa.String(length=64), nullable=False),
    sa.Column("failures", sa.Integer(), nullable=False),
    sa.Column("failed_at", sa.BigInteger(), nullable=False),
    sa.Column("proved_at", sa.BigInteger()),
    sa.PrimaryKeyConstraint("account", "source", name="pk_signin_attempt"),
    sa.Index("ix_signin_attempt_failed_at", "failed_at"),
    sa.Index("ix_signin_attempt_source_failed_at", "source", "failed_at"),
)

sa.Table("session", tables,
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

sa.Table("session_code", tables,
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

sa.Table("session_secret", tables,
    sa.Column("digest", sa.LargeBinary(), nullable=False),
    sa.Column("session_id", sa.BigInteger(), nullable=False),
    sa.Column("purpose", sa.String(length=8), nullable=False),
    sa.Column("dies_at", sa.BigInteger(), nullable=False),
    sa.Column("spent_at", sa.BigInteger()),
    sa.CheckConstraint("length(digest) = 32", name="ck_session_secret_digest_length"),
    sa.ForeignKeyConstraint(["session_id"], ["session.id"],
        name="fk_session_secret_session_id_session"),
    sa.PrimaryKeyConstraint("digest", name="pk_session_secret"),
    sa.Index("ix_session_secret_session_id", "session_id"),
)
# fmt: on
