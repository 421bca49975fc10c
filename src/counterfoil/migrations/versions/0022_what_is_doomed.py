"""What was destroyed and is large is gone at once, and wiped bit by bit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "content_doomed",
        sa.Column("organization_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("node_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "node_id", name="pk_content_doomed"),
    )


def downgrade() -> None:
    op.drop_table("content_doomed")
