"""People are known by accounts of outside providers, and sign-ins are under way there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("session", "session_code"):
        op.add_column(table, sa.Column("provider", sa.String(length=32)))
    op.create_table(
        "outside_identity",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("issuer", sa.String(length=512), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("linked_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_outside_identity_user_id_user"),
        sa.PrimaryKeyConstraint("id", name="pk_outside_identity"),
        sa.UniqueConstraint("issuer", "subject", name="uq_outside_identity_issuer_subject"),
    )
    op.create_index("ix_outside_identity_user_id", "outside_identity", ["user_id"])
    op.create_table(
        "signin_flow",
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("browser", sa.LargeBinary(), nullable=False),
        sa.Column("provider", sa.String(length=32), nullable=False),
        sa.Column("next", sa.String(length=2048)),
        sa.Column("linking", sa.BigInteger()),
        sa.Column("invitation", sa.LargeBinary()),
        sa.Column("max_age_s", sa.Integer()),
        sa.Column("begun_at", sa.BigInteger(), nullable=False),
        sa.Column("dies_at", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.CheckConstraint("length(state) = 32", name="ck_signin_flow_state_length"),
        sa.CheckConstraint("length(browser) = 32", name="ck_signin_flow_browser_length"),
        sa.PrimaryKeyConstraint("state", name="pk_signin_flow"),
    )
    op.create_index("ix_signin_flow_dies_at", "signin_flow", ["dies_at"])
    op.create_index("ix_signin_flow_source", "signin_flow", ["source"])


def downgrade() -> None:
    op.drop_table("signin_flow")
    op.drop_table("outside_identity")
    for table in ("session", "session_code"):
        op.drop_column(table, "provider")
