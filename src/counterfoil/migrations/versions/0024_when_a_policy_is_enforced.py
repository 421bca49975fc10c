"""A policy may be announced to hold for tokens that were made before it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("policy") as policy:
        policy.add_column(sa.Column("enforce_at", sa.BigInteger()))


def downgrade() -> None:
    with op.batch_alter_table("policy") as policy:
        policy.drop_column("enforce_at")
