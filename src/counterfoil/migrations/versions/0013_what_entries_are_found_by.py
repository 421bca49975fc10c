"""Entries are found by their values and their words: those that there are, too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import sqlalchemy as sa
from alembic import op

from counterfoil.content import findable

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# fmt: off
_VALUES: tuple[sa.schema.SchemaItem, ...] = (
    sa.Column("organization_id", sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column("node_id", sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column("published", sa.Boolean(), nullable=False),
    sa.Column("name", sa.String(100).with_variant(
        sa.String(100, collation="C"), "postgresql"), nullable=False),
    sa.Column("locale", sa.String(35).with_variant(
        sa.String(35, collation="C"), "postgresql"), nullable=False),
    sa.Column("content_type_id", sa.BigInteger(), nullable=False),
    sa.Column("value", sa.String(201).with_variant(
        sa.String(201, collation="C"), "postgresql"), nullable=False),
    sa.ForeignKeyConstraint(["organization_id", "node_id"], ["node.organization_id", "node.id"],
        name="fk_content_value_organization_id_node"),
    sa.PrimaryKeyConstraint("organization_id", "node_id", "published", "name", "locale",
        name="pk_content_value"),
)
_SEARCH = {
    "sqlite": (
        "CREATE VIRTUAL TABLE content_search USING fts5(words, tokenize='unicode61')",
    ),
    "postgresql": (
        "CREATE TABLE content_search (rowid BIGINT PRIMARY KEY, words TSVECTOR NOT NULL)",
        "CREATE INDEX ix_content_search_words ON content_search USING GIN (words)",
    ),
}
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
    table = op.create_table("content_value", *_VALUES)
    op.create_index(
        "ix_content_value_value",
        "content_value",
        ["organization_id", "content_type_id", "published", "name", "locale", "value", "node_id"],
    )
    tx = op.get_bind()
    postgres = tx.dialect.name == "postgresql"
    for statement in _SEARCH[tx.dialect.name]:
        op.execute(statement)
    said = "array_to_tsvector(:words)" if postgres else ":words"
    insert = sa.text(f"INSERT INTO content_search (rowid, words) VALUES (:rowid, {said})")  # noqa: S608 - ours
    for row in _entries(tx):
        content, published = msgspec.json.decode(row.content), bool(row.published)
        ours = {
            "organization_id": row.organization_id,
            "node_id": row.id,
            "published": published,
            "content_type_id": row.content_type_id,
        }
        kept = findable.values(row.body, content)
        rows = [{**ours, "name": name, "locale": at, "value": value} for name, at, value in kept]
        if rows:
            tx.execute(sa.insert(table), rows)
        owner = f"o{row.organization_id}{'p' if published else 'd'}"
        words = [*findable.words(row.body, content), owner]
        said_words = words if postgres else " ".join(words)
        tx.execute(insert, {"rowid": row.id * 2 + published, "words": said_words})


def downgrade() -> None:
    op.execute("DROP TABLE content_search")
    op.drop_table("content_value")


def _entries(tx: sa.Connection) -> Iterator[Any]:
    """Yield every draft, and everything that is published, with the schema of its type."""
    for number, published in (("draft", 0), ("published", 1)):
        query = sa.text(_ENTRIES.text.format(number=number, published=published))
        last = 0
        while found := tx.execute(query, {"last": last}).all():
            yield from found
            last = found[-1].id
