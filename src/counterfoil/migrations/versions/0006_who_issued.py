"""The audit log names who made an API token."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("audit_entry", sa.Column("issuer_id", sa.BigInteger()))


def downgrade() -> None:
    op.drop_column("audit_entry", "issuer_id")
