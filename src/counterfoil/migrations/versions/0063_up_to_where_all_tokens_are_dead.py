"""Up to where in the feed the tokens of an organization are dead: all of them, ended at once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0063"
down_revision = "0062"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "organization_cut_off",
        sa.Column("organization_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("cut_off", sa.BigInteger(), nullable=False),
        sa.Column("seal", sa.LargeBinary()),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name="fk_organization_cut_off_organization_id_organization",
        ),
        sa.PrimaryKeyConstraint("organization_id", name="pk_organization_cut_off"),
    )


def downgrade() -> None:
    op.drop_table("organization_cut_off")
