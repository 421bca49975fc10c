"""The trash is listed, and versions say which file they name."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0008"
branch_labels = None
depends_on = None

_ASSETS = sa.text(
    "SELECT v.organization_id, v.node_id, v.number, v.content FROM content_version v"
    " JOIN node n ON n.organization_id = v.organization_id AND n.id = v.node_id"
    " WHERE n.kind = 'asset'"
)
_FILE = sa.text(
    "UPDATE content_version SET sha256 = :sha256"
    " WHERE organization_id = :organization AND node_id = :node AND number = :number"
)


def upgrade() -> None:
    op.add_column("content_version", sa.Column("sha256", sa.String(64)))
    connection = op.get_bind()
    for organization, node, number, content in connection.execute(_ASSETS).all():
        sha256 = json.loads(bytes(content)).get("sha256")
        if sha256:
            named = {"organization": organization, "node": node, "number": number}
            connection.execute(_FILE, {**named, "sha256": sha256})
    op.create_index(
        "ix_content_version_organization_id_sha256",
        "content_version",
        ["organization_id", "sha256"],
        sqlite_where=sa.text("sha256 IS NOT NULL"),
        postgresql_where=sa.text("sha256 IS NOT NULL"),
    )
    op.create_index(
        "ix_node_organization_id_trashed_at",
        "node",
        ["organization_id", "trashed_at", "id"],
        sqlite_where=sa.text("trashed_at IS NOT NULL"),
        postgresql_where=sa.text("trashed_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_node_organization_id_trashed_at", "node")
    op.drop_index("ix_content_version_organization_id_sha256", "content_version")
    op.drop_column("content_version", "sha256")
