"""Each event of the feed says all that stands before it; gates say where their own history parted.

What was written before has no chain, and what an office of the release before goes on to write has
none either: the chain begins at the first event that has one.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("feed", sa.Column("chain", sa.LargeBinary()))
    op.add_column("gate", sa.Column("differs", sa.Text()))
    op.add_column("gate", sa.Column("differed_at", sa.BigInteger()))


def downgrade() -> None:
    op.drop_column("gate", "differed_at")
    op.drop_column("gate", "differs")
    op.drop_column("feed", "chain")
