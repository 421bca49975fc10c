"""What of a gate's reports is in no trail stands with the gate, where nothing takes it away."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None

_COUNTS = ("missed", "doubted")


def upgrade() -> None:
    gate = sa.table("gate", sa.column("id"), *map(sa.column, _COUNTS))
    journal = sa.table("gate_journal", sa.column("gate_id"), *map(sa.column, _COUNTS))
    for name in _COUNTS:
        op.add_column("gate", sa.Column(name, sa.BigInteger(), nullable=False, server_default="0"))
    told = {
        name: sa.select(sa.cast(sa.func.coalesce(sa.func.sum(journal.c[name]), 0), sa.BigInteger()))
        .where(journal.c.gate_id == gate.c.id)
        .scalar_subquery()
        for name in _COUNTS
    }
    op.execute(sa.update(gate).values(told))
    for name in _COUNTS:
        op.drop_column("gate_journal", name)


def downgrade() -> None:
    """Bring the columns back. What was counted by gate cannot be told by journal."""
    for name in _COUNTS:
        op.add_column(
            "gate_journal", sa.Column(name, sa.BigInteger(), nullable=False, server_default="0")
        )
        op.drop_column("gate", name)
