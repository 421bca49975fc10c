"""What a token widened hangs on it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "token_widened",
        sa.Column("token_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("by_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "token_id"],
            ["token.organization_id", "token.id"],
            name="fk_token_widened_organization_id_token_id_token",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "by_id"],
            ["token.organization_id", "token.id"],
            name="fk_token_widened_organization_id_by_id_token",
        ),
        sa.PrimaryKeyConstraint("token_id", "by_id", name="pk_token_widened"),
    )
    op.create_index("ix_token_widened_by_id", "token_widened", ["by_id"])


def downgrade() -> None:
    op.drop_table("token_widened")
