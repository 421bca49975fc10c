"""In which language a person reads, so that letters speak it too."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("user", sa.Column("language", sa.String(8)))


def downgrade() -> None:
    op.drop_column("user", "language")
