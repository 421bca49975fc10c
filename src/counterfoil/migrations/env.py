"""What Alembic runs: the revisions, on the connection that `migrate` holds."""

from __future__ import annotations

from alembic import context

from counterfoil.migrations.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    compare_type=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
