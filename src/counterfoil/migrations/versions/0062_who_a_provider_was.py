"""Who each provider was when it began a session: of the same name another one may be later."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("provider", sa.Column("spoken_by", sa.String(64)))
    op.add_column("provider", sa.Column("since", sa.BigInteger()))


def downgrade() -> None:
    op.drop_column("provider", "since")
    op.drop_column("provider", "spoken_by")
