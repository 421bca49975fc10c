"""What roots that were chosen below approved ones stay under, wherever they move."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0006"
branch_labels = None
depends_on = None

_TABLES = ("token_grant", "token_request")


def upgrade() -> None:
    for table in _TABLES:
        op.add_column(table, sa.Column("ceiling", sa.JSON(none_as_null=True)))


def downgrade() -> None:
    for table in _TABLES:
        op.drop_column(table, "ceiling")
