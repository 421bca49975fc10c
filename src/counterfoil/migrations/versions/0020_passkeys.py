"""People sign in with passkeys, and browsers are asked for them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "passkey",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("credential", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_passkey_user_id_user"),
        sa.PrimaryKeyConstraint("id", name="pk_passkey"),
        sa.UniqueConstraint("credential", name="uq_passkey_credential"),
    )
    op.create_index("ix_passkey_user_id", "passkey", ["user_id"])
    op.create_table(
        "passkey_question",
        sa.Column("challenge", sa.LargeBinary(), nullable=False),
        sa.Column("browser", sa.LargeBinary(), nullable=False),
        sa.Column("purpose", sa.String(length=8), nullable=False),
        sa.Column("user_id", sa.BigInteger()),
        sa.Column("invitation", sa.LargeBinary()),
        sa.Column("dies_at", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.CheckConstraint("length(challenge) = 32", name="ck_passkey_question_challenge_length"),
        sa.CheckConstraint("length(browser) = 32", name="ck_passkey_question_browser_length"),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_passkey_question_user_id_user"),
        sa.PrimaryKeyConstraint("challenge", name="pk_passkey_question"),
    )
    for column in ("user_id", "dies_at", "source"):
        op.create_index(f"ix_passkey_question_{column}", "passkey_question", [column])


def downgrade() -> None:
    op.drop_table("passkey_question")
    op.drop_table("passkey")
