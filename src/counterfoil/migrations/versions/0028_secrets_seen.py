"""Whether anybody still comes with a former secret is known while that works."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

TABLE = "token_secret_seen"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("secret_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("token_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("client", sa.String(length=64), nullable=False),
        sa.Column("network", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["secret_id"], ["token_secret.id"], name=f"fk_{TABLE}_secret_id_token_secret"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "token_id"],
            ["token.organization_id", "token.id"],
            name=f"fk_{TABLE}_organization_id_token",
        ),
        sa.PrimaryKeyConstraint("secret_id", name=f"pk_{TABLE}"),
    )


def downgrade() -> None:
    op.drop_table(TABLE)
