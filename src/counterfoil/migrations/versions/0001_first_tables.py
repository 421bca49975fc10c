"""The first tables: `migrations/first` says which."""

from __future__ import annotations

from alembic import op

from counterfoil.migrations.first import tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    tables.create_all(op.get_bind())


def downgrade() -> None:
    tables.drop_all(op.get_bind())
