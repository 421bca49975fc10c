"""Where each provider of the operator's file counts, so that gates are told it of each session."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "provider",
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("organizations", sa.JSON(none_as_null=True)),
        sa.PrimaryKeyConstraint("name", name="pk_provider"),
    )


def downgrade() -> None:
    op.drop_table("provider")
