"""How tokens begin is a property of the installation; what there are of them say it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    made = op.create_table(
        "installation",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("prefix", sa.String(length=8), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_installation")),
    )
    newest = sa.text("SELECT hint FROM token_secret ORDER BY created_at DESC, id DESC LIMIT 1")
    hint = op.get_bind().scalar(newest)
    if hint is not None:
        prefix = hint.partition("_")[0][:-1]  # `cfp_…9fQ2`, without the kind
        op.bulk_insert(made, [{"id": 1, "prefix": prefix}])


def downgrade() -> None:
    op.drop_table("installation")
