"""A policy says whether who is signed in enters only if an outside provider vouched for them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("policy") as policy:
        policy.add_column(
            sa.Column("provider_only", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    with op.batch_alter_table("policy") as policy:
        policy.alter_column("provider_only", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("policy") as policy:
        policy.drop_column("provider_only")
