"""What two people must approve; a request knows who approved it first."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "policy",
        sa.Column("approval_second", sa.String(16), nullable=False, server_default="nothing"),
    )
    op.add_column("token_request", sa.Column("agreed_by", sa.BigInteger()))
    op.add_column("token_request", sa.Column("agreed_at", sa.BigInteger()))
    op.add_column(
        "token_request", sa.Column("narrowed", sa.Boolean(), nullable=False, server_default="0")
    )


def downgrade() -> None:
    for column in ("narrowed", "agreed_at", "agreed_by"):
        op.drop_column("token_request", column)
    op.drop_column("policy", "approval_second")
