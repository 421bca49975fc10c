"""A policy says whose tokens are good, from where, and when an unused one is switched off."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("policy", sa.Column("token_roles", sa.JSON(none_as_null=True)))
    op.add_column("policy", sa.Column("ip_ranges", sa.JSON(none_as_null=True)))
    op.add_column("policy", sa.Column("idle_days", sa.Integer()))
    op.add_column("token_grant", sa.Column("on_since", sa.BigInteger()))


def downgrade() -> None:
    op.drop_column("token_grant", "on_since")
    for column in ("idle_days", "ip_ranges", "token_roles"):
        op.drop_column("policy", column)
