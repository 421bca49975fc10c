"""Devices without a browser ask to be let in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "device_request",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("user_code", sa.LargeBinary(), nullable=False),
        sa.Column("client", sa.String(length=64), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("begun_at", sa.BigInteger(), nullable=False),
        sa.Column("dies_at", sa.BigInteger(), nullable=False),
        sa.Column("interval_s", sa.Integer(), nullable=False),
        sa.Column("polled_at", sa.BigInteger()),
        sa.Column("denied", sa.Boolean(), nullable=False),
        sa.Column("user_id", sa.BigInteger()),
        sa.Column("position", sa.BigInteger()),
        sa.Column("authenticated_at", sa.BigInteger()),
        sa.Column("provider", sa.String(length=32)),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.CheckConstraint("length(digest) = 32", name="ck_device_request_digest_length"),
        sa.CheckConstraint("length(user_code) = 32", name="ck_device_request_user_code_length"),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_device_request_user_id_user"),
        sa.PrimaryKeyConstraint("digest", name="pk_device_request"),
        sa.UniqueConstraint("user_code", name="uq_device_request_user_code"),
    )
    for column in ("dies_at", "user_id", "source"):
        op.create_index(f"ix_device_request_{column}", "device_request", [column])


def downgrade() -> None:
    op.drop_table("device_request")
