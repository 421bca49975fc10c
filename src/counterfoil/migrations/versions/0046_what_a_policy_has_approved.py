"""A policy asks approval for scopes, and for long lives."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0052"
branch_labels = None
depends_on = None

_OFF = "0"


def upgrade() -> None:
    op.add_column("policy", sa.Column("approval_scopes", sa.JSON(none_as_null=True)))
    op.add_column(
        "policy",
        sa.Column("approval_writes", sa.Boolean(), nullable=False, server_default=_OFF),
    )
    op.add_column("policy", sa.Column("approval_lifetime", sa.String(32)))


def downgrade() -> None:
    for column in ("approval_lifetime", "approval_writes", "approval_scopes"):
        op.drop_column("policy", column)
