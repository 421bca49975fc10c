"""Gates on other hosts: by what each is known, and how far it has followed the feed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "gate",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(32)),
        sa.Column("enrolled_at", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("renewals", sa.BigInteger(), nullable=False),
        sa.Column("holds", sa.Boolean(), nullable=False),
        sa.Column("heard_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name="pk_gate"),
        sa.UniqueConstraint("name", name="uq_gate_name"),
        sa.UniqueConstraint("digest", name="uq_gate_digest"),
    )


def downgrade() -> None:
    op.drop_table("gate")
