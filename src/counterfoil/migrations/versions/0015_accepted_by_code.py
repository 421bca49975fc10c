"""Who has an account accepts an invitation by its code; an account says since when it is theirs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table, column in (
        ("user", sa.Column("held_since", sa.BigInteger(), server_default="0", nullable=False)),
        ("invitation", sa.Column("joins", sa.Boolean(), server_default="0", nullable=False)),
    ):
        op.add_column(table, column)


def downgrade() -> None:
    op.execute(sa.text("DELETE FROM invitation WHERE joins"))  # they would open accounts
    op.drop_column("invitation", "joins")
    op.drop_column("user", "held_since")
