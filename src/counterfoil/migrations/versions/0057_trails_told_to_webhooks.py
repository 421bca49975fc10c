"""A webhook may be told the audit trail, and it stands with it how far it was."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("webhook", sa.Column("trail_position", sa.BigInteger()))


def downgrade() -> None:
    with op.batch_alter_table("webhook") as table:
        table.drop_column("trail_position")
