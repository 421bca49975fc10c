"""Since when a restored database opens nothing, and what it was told of what it lacks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0035"
branch_labels = None
depends_on = None

_COLUMNS = ("quarantined_at", "restored_position", "restored_at", "tail_position", "tail_at")


def upgrade() -> None:
    for name in _COLUMNS:
        op.add_column("feed_head", sa.Column(name, sa.BigInteger()))


def downgrade() -> None:
    for name in reversed(_COLUMNS):
        op.drop_column("feed_head", name)
