"""Whether a personal token may be exchanged for a narrower one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("policy") as policy:
        policy.add_column(
            sa.Column("exchange_allowed", sa.Boolean(), nullable=False, server_default=sa.true())
        )
    with op.batch_alter_table("policy") as policy:
        policy.alter_column("exchange_allowed", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("policy") as policy:
        policy.drop_column("exchange_allowed")
