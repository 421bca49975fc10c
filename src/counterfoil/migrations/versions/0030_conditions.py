"""From where, since when and how often a token may be used."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("token_grant", sa.Column("conditions", sa.JSON(none_as_null=True)))
    op.add_column("token_request", sa.Column("conditions", sa.JSON(none_as_null=True)))


def downgrade() -> None:
    op.drop_column("token_request", "conditions")
    op.drop_column("token_grant", "conditions")
