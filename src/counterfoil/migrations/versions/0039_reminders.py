"""How long before its end the owner of a token is told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("token", sa.Column("reminders", sa.Integer(), nullable=False, server_default="7"))


def downgrade() -> None:
    op.drop_column("token", "reminders")
