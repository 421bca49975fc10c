"""Gates on other hosts tell what they decided: up to when, and what of it never came."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0050"
branch_labels = None
depends_on = None

_INDEX = "ix_gate_journal_gate_id"


def upgrade() -> None:
    op.add_column("gate", sa.Column("told_at", sa.BigInteger()))
    op.add_column("gate", sa.Column("untold", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("gate_journal", sa.Column("gate_id", sa.BigInteger()))
    for name in ("missed", "doubted"):
        op.add_column(
            "gate_journal", sa.Column(name, sa.BigInteger(), nullable=False, server_default="0")
        )
    op.create_index(_INDEX, "gate_journal", ["gate_id"])


def downgrade() -> None:
    op.drop_index(_INDEX, "gate_journal")
    with op.batch_alter_table("gate_journal") as table:
        for name in ("doubted", "missed", "gate_id"):
            table.drop_column(name)
    with op.batch_alter_table("gate") as table:
        table.drop_column("untold")
        table.drop_column("told_at")
