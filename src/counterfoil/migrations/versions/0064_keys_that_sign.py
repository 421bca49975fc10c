"""Under which keys the audit trail and the feed are signed, at every host."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0064"
down_revision = "0063"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("installation", sa.Column("audit_key_name", sa.String(64)))
    op.add_column("installation", sa.Column("feed_key_name", sa.String(64)))


def downgrade() -> None:
    op.drop_column("installation", "feed_key_name")
    op.drop_column("installation", "audit_key_name")
