"""A membership may be an invitation that is not accepted yet."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("membership", sa.Column("invited_as", sa.String(200)))


def downgrade() -> None:
    op.drop_column("membership", "invited_as")
