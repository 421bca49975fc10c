"""A secret says who was shown it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_MAKER = """
UPDATE token_secret SET shown_to = (
    SELECT coalesce(token.issuer_token_id, token.issuer_id) FROM token
    WHERE token.id = token_secret.token_id
)
"""


def upgrade() -> None:
    op.add_column("token_secret", sa.Column("shown_to", sa.BigInteger()))
    op.execute(_MAKER)  # nearest to the truth: who made a token was shown its first secret


def downgrade() -> None:
    op.drop_column("token_secret", "shown_to")
