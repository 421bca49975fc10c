"""What is laid out of the sample, and at which version of each thing."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None

_KEPT = (("sample_node", "node_id", "node"), ("sample_type", "content_type_id", "content_type"))


def upgrade() -> None:
    for table, column, of in _KEPT:
        op.create_table(
            table,
            sa.Column("organization_id", sa.BigInteger(), autoincrement=False, nullable=False),
            sa.Column(column, sa.BigInteger(), autoincrement=False, nullable=False),
            sa.Column("version", sa.Integer(), nullable=False),
            sa.ForeignKeyConstraint(
                ["organization_id", column],
                [f"{of}.organization_id", f"{of}.id"],
                name=f"fk_{table}_organization_id_{column}_{of}",
            ),
            sa.PrimaryKeyConstraint("organization_id", column, name=f"pk_{table}"),
        )


def downgrade() -> None:
    for table, _, _ in _KEPT:
        op.drop_table(table)
