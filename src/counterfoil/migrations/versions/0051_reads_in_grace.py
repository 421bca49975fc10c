"""For how long a gate without a lease may let reads pass, and which gates may do so now."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0048"
branch_labels = None
depends_on = None

_COLUMNS = (("api_gate", "grace_seconds"), ("gate", "grace_s"))


def upgrade() -> None:
    for table, column in _COLUMNS:
        with op.batch_alter_table(table) as changed:
            changed.add_column(sa.Column(column, sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    for table, column in _COLUMNS:
        with op.batch_alter_table(table) as changed:
            changed.drop_column(column)
