"""Leaked tokens are reported, and a remark may go on record with what is done."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("policy") as policy:
        policy.add_column(
            sa.Column("leak_action", sa.String(16), nullable=False, server_default="disable")
        )
    with op.batch_alter_table("policy") as policy:
        policy.alter_column("leak_action", server_default=None)
    with op.batch_alter_table("audit_entry") as entries:
        entries.add_column(sa.Column("note", sa.Text()))
    op.create_table(
        "leak_report",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("token_id", sa.BigInteger(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("done", sa.String(16), nullable=False),
        sa.Column("user_id", sa.BigInteger()),
        sa.Column("reported_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name="fk_leak_report_organization_id_organization",
        ),
        sa.ForeignKeyConstraint(["token_id"], ["token.id"], name="fk_leak_report_token_id_token"),
        sa.PrimaryKeyConstraint("id", name="pk_leak_report"),
    )
    op.create_index(
        "ix_leak_report_organization_id_reported_at",
        "leak_report",
        ["organization_id", "reported_at"],
    )
    op.create_index("ix_leak_report_token_id", "leak_report", ["token_id"])
    op.create_table(
        "leak_source",
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("hour", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("source", "hour", name="pk_leak_source"),
    )


def downgrade() -> None:
    op.drop_table("leak_source")
    op.drop_table("leak_report")
    with op.batch_alter_table("audit_entry") as entries:
        entries.drop_column("note")
    with op.batch_alter_table("policy") as policy:
        policy.drop_column("leak_action")
