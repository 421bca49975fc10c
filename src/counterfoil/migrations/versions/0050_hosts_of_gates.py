"""On which host a gate is that shows its credential: of two, one may decide."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("gate", sa.Column("host", sa.BigInteger()))


def downgrade() -> None:
    op.drop_column("gate", "host")
