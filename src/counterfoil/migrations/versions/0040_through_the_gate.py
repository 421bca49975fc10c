"""What went through the gate stands in the audit trail, with its API and its route."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0042"
branch_labels = None
depends_on = None

_INDEX = "ix_audit_entry_api_id_position"


def upgrade() -> None:
    op.add_column("audit_entry", sa.Column("api_id", sa.BigInteger()))
    op.add_column("audit_entry", sa.Column("route", sa.Text()))
    op.create_index(
        _INDEX,
        "audit_entry",
        ["api_id", "position"],
        sqlite_where=sa.text("api_id IS NOT NULL"),
        postgresql_where=sa.text("api_id IS NOT NULL"),
    )
    op.create_table(
        "gate_journal",
        sa.Column("journal", sa.String(32), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("chain", sa.String(32), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("journal", name="pk_gate_journal"),
    )


def downgrade() -> None:
    op.drop_table("gate_journal")
    op.drop_index(_INDEX, "audit_entry")
    with op.batch_alter_table("audit_entry") as table:
        table.drop_column("route")
        table.drop_column("api_id")
