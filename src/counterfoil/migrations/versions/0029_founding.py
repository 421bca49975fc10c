"""What the first organization of an installation is founded with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("installation", sa.Column("founding_digest", sa.LargeBinary()))
    op.add_column("installation", sa.Column("founding_dies_at", sa.BigInteger()))


def downgrade() -> None:
    op.drop_column("installation", "founding_dies_at")
    op.drop_column("installation", "founding_digest")
