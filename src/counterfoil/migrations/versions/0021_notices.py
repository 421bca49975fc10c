"""People are told what became true, in the page and by mail."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notice",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("about", sa.String(32), nullable=False),
        sa.Column("mark", sa.String(64)),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("read_at", sa.BigInteger()),
        sa.Column("settled_at", sa.BigInteger()),
        sa.Column("mail_due_at", sa.BigInteger()),
        sa.Column("mail_tries", sa.Integer(), nullable=False),
        sa.Column("mailed_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name="pk_notice"),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name="fk_notice_organization_id_organization"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "user_id"],
            ["membership.organization_id", "membership.user_id"],
            name="fk_notice_organization_id_user_id_membership",
        ),
    )
    marked = ["organization_id", "user_id", "kind", "about", "mark"]
    op.create_index("uq_notice_mark", "notice", marked, unique=True)
    op.create_index("ix_notice_created_at", "notice", ["created_at"])
    listed = ["organization_id", "user_id", "created_at", "id"]
    op.create_index("ix_notice_organization_id_user_id_created_at_id", "notice", listed)
    op.create_index("ix_notice_organization_id_about", "notice", ["organization_id", "about"])
    op.create_index(
        "ix_notice_mail_due_at",
        "notice",
        ["mail_due_at"],
        sqlite_where=sa.text("mail_due_at IS NOT NULL"),
        postgresql_where=sa.text("mail_due_at IS NOT NULL"),
    )
    _silenced()
    op.create_index("ix_token_expires_at", "token", ["expires_at"])


def _silenced() -> None:
    op.create_table(
        "notice_silenced",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "user_id", "kind", name="pk_notice_silenced"),
        sa.ForeignKeyConstraint(
            ["organization_id", "user_id"],
            ["membership.organization_id", "membership.user_id"],
            name="fk_notice_silenced_organization_id_user_id_membership",
        ),
    )


def downgrade() -> None:
    op.drop_index("ix_token_expires_at", "token")
    op.drop_table("notice_silenced")
    op.drop_table("notice")
