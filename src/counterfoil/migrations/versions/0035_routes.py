"""Registered APIs declare their routes, and tell of their trees."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "api_gate",
        sa.Column("organization_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("api_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("routes", sa.LargeBinary(), nullable=False),
        sa.Column("preflights", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "api_id"],
            ["api.organization_id", "api.id"],
            name="fk_api_gate_organization_id_api",
        ),
        sa.PrimaryKeyConstraint("organization_id", "api_id", name="pk_api_gate"),
    )
    op.create_table(
        "resource",
        sa.Column("organization_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("api_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(100), nullable=False),
        sa.Column("parent_id", sa.BigInteger()),
        sa.Column("name", sa.String(200), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "api_id"],
            ["api.organization_id", "api.id"],
            name="fk_resource_organization_id_api",
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name="pk_resource"),
        sa.UniqueConstraint("id", name="uq_resource_id"),
        sa.UniqueConstraint(
            "organization_id", "api_id", "key", name="uq_resource_organization_id_api_id_key"
        ),
    )


def downgrade() -> None:
    op.drop_table("resource")
    op.drop_table("api_gate")
