"""An audit entry is found by its columns, and shown from its bytes: the other columns go."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0040"
branch_labels = None
depends_on = None

_COLUMNS: dict[str, Any] = {
    "token_name": sa.Text(),
    "issuer_id": sa.BigInteger(),
    "method": sa.String(16),
    "request_id": sa.String(64),
    "address": sa.String(64),
    "agent": sa.Text(),
    "note": sa.Text(),
    "route": sa.Text(),
}
_ALWAYS = ("method", "request_id", "address", "agent")
_MEMBER = {
    "sqlite": "json_extract(CAST(substr(body, 2) AS TEXT), '$.{}')",
    "postgresql": "(convert_from(substr(body, 2), 'UTF8')::jsonb ->> '{}')",
}


def upgrade() -> None:
    for name in _COLUMNS:
        op.drop_column("audit_entry", name)


def downgrade() -> None:
    """Bring the columns back, and put into them what the bytes say."""
    member = _MEMBER[op.get_bind().dialect.name]
    for name, kind in _COLUMNS.items():
        kept = sa.Column(name, kind)
        if name in _ALWAYS:
            kept = sa.Column(name, kind, nullable=False, server_default="")
        op.add_column("audit_entry", kept)
    told = {name: sa.text(member.format(name)) for name in _COLUMNS}
    told["issuer_id"] = sa.text(f"CAST({member.format('issuer_id')} AS BIGINT)")
    table = sa.table("audit_entry", *map(sa.column, _COLUMNS))
    op.execute(sa.update(table).values(told))
