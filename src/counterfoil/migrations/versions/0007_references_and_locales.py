"""Content types say whether their entries name nodes, and organizations have locales."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "content_type",
        sa.Column("refers", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    # No type of before was held to these words: wherever one occurs, let it be looked for.
    types = sa.table(
        "content_type",
        sa.column("id", sa.BigInteger),
        sa.column("body", sa.LargeBinary),
        sa.column("refers", sa.Boolean),
    )
    for id_, body in op.get_bind().execute(sa.select(types.c.id, types.c.body)).all():
        if b'"x-reference"' in body or b'"x-asset"' in body:
            op.execute(types.update().where(types.c.id == id_).values(refers=True))
    op.create_table(
        "content_locale",
        sa.Column("organization_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("code", sa.String(length=35), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "code", name="pk_content_locale"),
    )


def downgrade() -> None:
    op.drop_table("content_locale")
    op.drop_column("content_type", "refers")
