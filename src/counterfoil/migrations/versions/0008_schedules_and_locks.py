"""Entries are scheduled, and nodes and API tokens locked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "schedule",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("node_id", sa.BigInteger(), nullable=False),
        sa.Column("publish_at", sa.BigInteger()),
        sa.Column("unpublish_at", sa.BigInteger()),
        sa.Column("set_at", sa.BigInteger(), nullable=False),
        sa.Column("set_by", sa.BigInteger()),
        sa.Column("set_with", sa.BigInteger()),
        sa.Column("token_name", sa.Text()),
        sa.Column("issuer_id", sa.BigInteger()),
        sa.Column("method", sa.String(16), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("missed", sa.String(16)),
        sa.Column("missed_due_at", sa.BigInteger()),
        sa.Column("missed_at", sa.BigInteger()),
        sa.Column("missed_code", sa.String(40)),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "node_id", name="pk_schedule"),
        sa.ForeignKeyConstraint(
            ["organization_id", "node_id"],
            ["node.organization_id", "node.id"],
            name="fk_schedule_organization_id_node_id_node",
        ),
    )
    op.create_index("ix_schedule_publish_at", "schedule", ["publish_at"])
    op.create_index("ix_schedule_unpublish_at", "schedule", ["unpublish_at"])
    op.create_table(
        "edit_lock",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("thing", sa.String(8), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("held_by", sa.BigInteger()),
        sa.Column("held_with", sa.BigInteger()),
        sa.Column("token_name", sa.Text()),
        sa.Column("taken_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "thing", "id", name="pk_edit_lock"),
    )


def downgrade() -> None:
    op.drop_table("edit_lock")
    op.drop_table("schedule")
