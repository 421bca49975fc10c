"""Under which key the rows of tokens are sealed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("installation", sa.Column("seal_name", sa.String(32)))


def downgrade() -> None:
    op.drop_column("installation", "seal_name")
