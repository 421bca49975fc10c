"""How often tokens are used, and when last; what is unlike them is flagged."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0017"
branch_labels = None
depends_on = None

# fmt: off
_WHOSE = ("organization_id", "token_id")
_LAST = sa.text(
    "INSERT INTO token_used"
    " (organization_id, token_id, at, client, network, management_at, delivery_at)"
    " SELECT organization_id, token_id, MAX(at), 'other', 'other',"
    " MAX(CASE WHEN surface = 'management' THEN at END),"
    " MAX(CASE WHEN surface <> 'management' THEN at END)"
    " FROM audit_last_seen GROUP BY organization_id, token_id"
)
_SEEN = sa.text(
    "INSERT INTO audit_last_seen (organization_id, token_id, surface, at)"
    " SELECT organization_id, token_id, 'management', management_at FROM token_used"
    " WHERE management_at IS NOT NULL UNION ALL"
    " SELECT organization_id, token_id, 'delivery', delivery_at FROM token_used"
    " WHERE delivery_at IS NOT NULL"
)
# fmt: on


def _key(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False)


def upgrade() -> None:
    op.create_table(
        "token_usage",
        *(_key(name) for name in _WHOSE),
        sa.Column("hour", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("surface", sa.String(16), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("client", sa.String(64), nullable=False),
        sa.Column("network", sa.String(64), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            *_WHOSE, "hour", "surface", "outcome", "client", "network", name="pk_token_usage"
        ),
    )
    op.create_index("ix_token_usage_hour", "token_usage", ["hour"])
    op.create_table(
        "token_used",
        *(_key(name) for name in _WHOSE),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("client", sa.String(64), nullable=False),
        sa.Column("network", sa.String(64), nullable=False),
        sa.Column("management_at", sa.BigInteger()),
        sa.Column("delivery_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint(*_WHOSE, name="pk_token_used"),
    )
    op.create_table(
        "token_source",
        *(_key(name) for name in _WHOSE),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("first_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(*_WHOSE, "kind", "name", name="pk_token_source"),
    )
    op.create_table(
        "token_flag",
        *(_key(name) for name in _WHOSE),
        sa.Column("reason", sa.String(16), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("raised_at", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("dismissed_at", sa.BigInteger()),
        sa.Column("dismissed_by", sa.BigInteger()),
        sa.PrimaryKeyConstraint(*_WHOSE, "reason", name="pk_token_flag"),
    )
    op.execute(_LAST)
    op.drop_table("audit_last_seen")


def downgrade() -> None:
    op.create_table(
        "audit_last_seen",
        *(_key(name) for name in _WHOSE),
        sa.Column("surface", sa.String(16), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(*_WHOSE, "surface", name="pk_audit_last_seen"),
    )
    op.execute(_SEEN)
    for name in ("token_flag", "token_source", "token_used", "token_usage"):
        op.drop_table(name)
