"""What Alembic runs: the revisions, on the connection that `migrate` holds."""

from __future__ import annotations

from typing import Literal

from alembic import context

from counterfoil.migrations.tables import metadata
from counterfoil.runtime.database import Instant


def _in_plain_words(kind: str, item: object, _context: object) -> str | Literal[False]:
    """Let a revision stand on its own: it says what a column of ours is made of."""
    if kind == "type" and isinstance(item, Instant):
        return "sa.BigInteger()"
    return False


def _known(_item: object, name: str | None, kind: str, *_more: object) -> bool:
    """Leave the full text alone, which lies in tables of the engines' own."""
    return kind != "table" or not (name or "").startswith("content_search")


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    compare_type=True,
    include_object=_known,
    render_item=_in_plain_words,
    on_version_apply=context.config.attributes.get("applied"),
)
with context.begin_transaction():
    context.run_migrations()
