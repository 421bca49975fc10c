"""Entries are found by what their lists hold, and locks hold as long as the policy says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import sqlalchemy as sa
from alembic import op

from counterfoil.content import findable

revision = "0017"
down_revision = "0015"
branch_labels = None
depends_on = None

# fmt: off
_MEMBERS: tuple[sa.schema.SchemaItem, ...] = (
    sa.Column("organization_id", sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column("node_id", sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column("published", sa.Boolean(), nullable=False),
    sa.Column("name", sa.String(100).with_variant(
        sa.String(100, collation="C"), "postgresql"), nullable=False),
    sa.Column("locale", sa.String(35).with_variant(
        sa.String(35, collation="C"), "postgresql"), nullable=False),
    sa.Column("value", sa.String(201).with_variant(
        sa.String(201, collation="C"), "postgresql"), nullable=False),
    sa.Column("content_type_id", sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(["organization_id", "node_id"], ["node.organization_id", "node.id"],
        name="fk_content_member_organization_id_node"),
    sa.PrimaryKeyConstraint("organization_id", "node_id", "published", "name", "locale", "value",
        name="pk_content_member"),
)
_ENTRIES = sa.text(
    "SELECT node.organization_id, node.id, node.content_type_id, content_type.body,"
    " content_version.content, {published} AS published FROM node"
    " JOIN content_type ON content_type.organization_id = node.organization_id"
    " AND content_type.id = node.content_type_id"
    " JOIN content_version ON content_version.organization_id = node.organization_id"
    " AND content_version.node_id = node.id AND content_version.number = node.{number}"
    " WHERE node.kind = 'entry' AND node.id > :last ORDER BY node.id LIMIT 500"
)
# fmt: on


def upgrade() -> None:
    with op.batch_alter_table("policy") as policy:
        policy.add_column(
            sa.Column("lock_minutes", sa.Integer(), nullable=False, server_default="30")
        )
    with op.batch_alter_table("policy") as policy:
        policy.alter_column("lock_minutes", server_default=None)
    table = op.create_table("content_member", *_MEMBERS)
    op.create_index(
        "ix_content_member_value",
        "content_member",
        ["organization_id", "content_type_id", "published", "name", "locale", "value", "node_id"],
    )
    tx = op.get_bind()
    for row in _entries(tx):
        ours = {
            "organization_id": row.organization_id,
            "node_id": row.id,
            "published": bool(row.published),
            "content_type_id": row.content_type_id,
        }
        held = findable.members(row.body, msgspec.json.decode(row.content))
        rows = [{**ours, "name": name, "locale": at, "value": value} for name, at, value in held]
        if rows:
            tx.execute(sa.insert(table), rows)


def downgrade() -> None:
    op.drop_table("content_member")
    with op.batch_alter_table("policy") as policy:
        policy.drop_column("lock_minutes")


def _entries(tx: sa.Connection) -> Iterator[Any]:
    """Yield every draft, and everything that is published, with the schema of its type."""
    for number, published in (("draft", 0), ("published", 1)):
        query = sa.text(_ENTRIES.text.format(number=number, published=published))
        last = 0
        while found := tx.execute(query, {"last": last}).all():
            yield from found
            last = found[-1].id
