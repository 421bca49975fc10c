"""When a token was last let in, and first refused after that, is known to the very instant."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0024"
branch_labels = None
depends_on = None

COLUMNS = ("allowed_at", "refused_at")


def upgrade() -> None:
    for name in COLUMNS:
        op.add_column("token_used", sa.Column(name, sa.BigInteger()))


def downgrade() -> None:
    with op.batch_alter_table("token_used") as table:
        for name in COLUMNS:
            table.drop_column(name)
