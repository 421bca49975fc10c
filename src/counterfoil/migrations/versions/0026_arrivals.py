"""When somebody last signed in is kept, however soon they sign out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "arrival",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("provider", sa.String(length=32)),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_arrival_user_id_user"),
        sa.PrimaryKeyConstraint("user_id", name="pk_arrival"),
    )


def downgrade() -> None:
    op.drop_table("arrival")
