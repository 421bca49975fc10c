"""The tables of the content slice.

A node's place is kept twice: as its parent, and as the path of ids from the root, so that one
comparison says whether it stands under another. `live` says that neither it nor an ancestor is in
the trash; it is derived from `trashed_at` and rewritten with the subtree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from sqlalchemy import (
    DDL,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    event,
    text,
)

from counterfoil.runtime.database import Instant, metadata

_OWN: Final = text("trashed_at IS NULL")
_TRASHED: Final = text("trashed_at IS NOT NULL")
_FILED: Final = text("sha256 IS NOT NULL")
_TOP: Final = text("kind = 'root'")
_LISTED: Final = ("created_at", "id", "live", "published")
"""What a list is ordered by, and what counting it looks at."""


def _bytewise(length: int) -> String:
    """Return the type of a text that both engines order alike: by its bytes."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


_BYTEWISE: Final = _bytewise(1400)
SEARCH_TABLE: Final[Mapping[str, tuple[str, ...]]] = {
    "sqlite": ("CREATE VIRTUAL TABLE content_search USING fts5(words, tokenize='unicode61')",),
    "postgresql": (
        "CREATE TABLE content_search (rowid BIGINT PRIMARY KEY, words TSVECTOR NOT NULL)",
        "CREATE INDEX ix_content_search_words ON content_search USING GIN (words)",
    ),
}
"""What the full text lies in, which no table of SQLAlchemy's can say: see `found_by`."""

content_types: Final = Table(
    "content_type",
    metadata,
    Column("organization_id", BigInteger, primary_key=True, autoincrement=False),
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("api_key", String(64), nullable=False),
    Column("name", String(120), nullable=False),
    Column("schema_id", String(500), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("refers", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    UniqueConstraint("id"),
    UniqueConstraint("organization_id", "api_key"),
    UniqueConstraint("organization_id", "schema_id"),
)

locales: Final = Table(
    "content_locale",
    metadata,
    Column("organization_id", BigInteger, primary_key=True, autoincrement=False),
    Column("code", String(35), primary_key=True),
    Column("place", Integer, nullable=False),
)

nodes: Final = Table(
    "node",
    metadata,
    Column("organization_id", BigInteger, primary_key=True, autoincrement=False),
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("parent_id", BigInteger),
    Column("kind", String(8), nullable=False),
    Column("slug", _BYTEWISE, nullable=False),
    Column("path", _BYTEWISE, nullable=False),
    Column("target_id", BigInteger),
    Column("content_type_id", BigInteger),
    Column("draft", Integer),
    Column("published", Integer),
    Column("published_at", Instant),
    Column("trashed_at", Instant),
    Column("live", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("created_by", BigInteger),
    Column("created_with", BigInteger),
    Column("updated_at", Instant, nullable=False),
    Column("updated_by", BigInteger),
    Column("updated_with", BigInteger),
    UniqueConstraint("id"),
    CheckConstraint("(parent_id IS NULL) = (kind = 'root')", name="root"),
    CheckConstraint("(target_id IS NULL) = (kind <> 'link')", name="link"),
    CheckConstraint("(content_type_id IS NULL) = (kind <> 'entry')", name="entry"),
    ForeignKeyConstraint(["organization_id", "parent_id"], ["node.organization_id", "node.id"]),
    ForeignKeyConstraint(["organization_id", "target_id"], ["node.organization_id", "node.id"]),
    ForeignKeyConstraint(
        ["organization_id", "content_type_id"],
        ["content_type.organization_id", "content_type.id"],
    ),
    Index(
        "uq_node_organization_id",
        "organization_id",
        unique=True,
        sqlite_where=_TOP,
        postgresql_where=_TOP,
    ),
    Index("ix_node_organization_id_path", "organization_id", "path"),
    Index("ix_node_organization_id_created_at", "organization_id", "created_at", "id"),
    Index("ix_node_organization_id_kind", "organization_id", "kind", *_LISTED),
    Index(
        "ix_node_organization_id_content_type_id",
        *("organization_id", "content_type_id", "kind", *_LISTED),
    ),
    Index("ix_node_organization_id_target_id", "organization_id", "target_id"),
    Index(
        "ix_node_organization_id_trashed_at",
        "organization_id",
        "trashed_at",
        "id",
        sqlite_where=_TRASHED,
        postgresql_where=_TRASHED,
    ),
    Index(
        "uq_node_organization_id_parent_id_slug",
        "organization_id",
        "parent_id",
        "slug",
        unique=True,
        sqlite_where=_OWN,
        postgresql_where=_OWN,
    ),
)

values: Final = Table(
    "content_value",
    metadata,
    Column("organization_id", BigInteger, primary_key=True, autoincrement=False),
    Column("node_id", BigInteger, primary_key=True, autoincrement=False),
    Column("published", Boolean, primary_key=True),
    Column("name", _bytewise(100), primary_key=True),
    Column("locale", _bytewise(35), primary_key=True),
    Column("content_type_id", BigInteger, nullable=False),
    Column("value", _bytewise(201), nullable=False),
    ForeignKeyConstraint(["organization_id", "node_id"], ["node.organization_id", "node.id"]),
    Index(
        "ix_content_value_value",
        *("organization_id", "content_type_id", "published", "name", "locale", "value", "node_id"),
    ),
)

members: Final = Table(
    "content_member",
    metadata,
    Column("organization_id", BigInteger, primary_key=True, autoincrement=False),
    Column("node_id", BigInteger, primary_key=True, autoincrement=False),
    Column("published", Boolean, primary_key=True),
    Column("name", _bytewise(100), primary_key=True),
    Column("locale", _bytewise(35), primary_key=True),
    Column("value", _bytewise(201), primary_key=True),
    Column("content_type_id", BigInteger, nullable=False),
    ForeignKeyConstraint(["organization_id", "node_id"], ["node.organization_id", "node.id"]),
    Index(
        "ix_content_member_value",
        *("organization_id", "content_type_id", "published", "name", "locale", "value", "node_id"),
    ),
)


_ddl: Final[Callable[[str], DDL]] = DDL
"""The same, with the types that SQLAlchemy leaves away."""

for _dialect, _statements in SEARCH_TABLE.items():
    for _statement in _statements:
        event.listen(nodes, "after_create", _ddl(_statement).execute_if(dialect=_dialect))
event.listen(nodes, "before_drop", _ddl("DROP TABLE IF EXISTS content_search"))

versions: Final = Table(
    "content_version",
    metadata,
    Column("organization_id", BigInteger, primary_key=True, autoincrement=False),
    Column("node_id", BigInteger, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("content", LargeBinary, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("sha256", String(64)),
    Column("created_at", Instant, nullable=False),
    Column("created_by", BigInteger),
    Column("created_with", BigInteger),
    ForeignKeyConstraint(["organization_id", "node_id"], ["node.organization_id", "node.id"]),
    Index(
        "ix_content_version_organization_id_sha256",
        "organization_id",
        "sha256",
        sqlite_where=_FILED,
        postgresql_where=_FILED,
    ),
)

schedules: Final = Table(
    "schedule",
    metadata,
    Column("organization_id", BigInteger, primary_key=True, autoincrement=False),
    Column("node_id", BigInteger, primary_key=True, autoincrement=False),
    Column("publish_at", Instant, index=True),
    Column("unpublish_at", Instant, index=True),
    Column("set_at", Instant, nullable=False),
    Column("set_by", BigInteger),
    Column("set_with", BigInteger),
    Column("token_name", Text),
    Column("issuer_id", BigInteger),
    Column("method", String(16), nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("missed", String(16)),
    Column("missed_due_at", Instant),
    Column("missed_at", Instant),
    Column("missed_code", String(40)),
    Column("version", Integer, nullable=False),
    ForeignKeyConstraint(["organization_id", "node_id"], ["node.organization_id", "node.id"]),
)

sample_nodes: Final = Table(
    "sample_node",
    metadata,
    Column("organization_id", BigInteger, primary_key=True, autoincrement=False),
    Column("node_id", BigInteger, primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
    ForeignKeyConstraint(["organization_id", "node_id"], ["node.organization_id", "node.id"]),
)

sample_types: Final = Table(
    "sample_type",
    metadata,
    Column("organization_id", BigInteger, primary_key=True, autoincrement=False),
    Column("content_type_id", BigInteger, primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
    ForeignKeyConstraint(
        ["organization_id", "content_type_id"],
        ["content_type.organization_id", "content_type.id"],
    ),
)

doomed: Final = Table(
    "content_doomed",
    metadata,
    Column("organization_id", BigInteger, primary_key=True, autoincrement=False),
    Column("node_id", BigInteger, primary_key=True, autoincrement=False),
)

locks: Final = Table(
    "edit_lock",
    metadata,
    Column("organization_id", BigInteger, primary_key=True, autoincrement=False),
    Column("thing", String(8), primary_key=True),
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("held_by", BigInteger),
    Column("held_with", BigInteger),
    Column("token_name", Text),
    Column("taken_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
)
