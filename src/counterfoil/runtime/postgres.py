"""Postgres as the house uses it: how long it is waited for, and how a transaction begins there.

The driver begins nothing by itself. A transaction begins by one word, which also says what it may
be silent and wait for, so that it costs one way there and back and not three; a look that asks but
one thing needs none.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event, func, literal, true
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection

from counterfoil.runtime import driver

BEGIN: Final = "postgres_begin"
"""The option under which a connection carries how a transaction begins; empty for not at all."""
LOOK: Final = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
"""How one begins that sees one state."""
SILENT_S: Final = 2
"""So long a Postgres may say nothing to who connects, and its host acknowledge nothing. Whoever is
not told for so long what was revoked decides nothing any more, so there is no reason to wait on."""
HELD_S: Final = 1.5
"""So long may be silent who holds what every other change waits for: the lease of a host that is
gone is over two seconds after it was last heard of, and nobody is to wait for both in turn."""
HOLDING: Final = func.set_config(
    literal("idle_in_transaction_session_timeout"), literal(str(int(HELD_S * 1_000))), true()
).label("held")
"""What a statement says along that takes hold of such a thing: it costs no way of its own."""

_CHANGE: Final = (
    "BEGIN; SET LOCAL idle_in_transaction_session_timeout = {idle_ms}; "
    "SET LOCAL lock_timeout = {lock_ms}"
)
_PREPARED: Final = 300
"""So many statements a connection keeps prepared; whoever was used least lately goes first."""


def change(idle_s: float, lock_s: float) -> str:
    """Return how one begins that changes something.

    Args:
        idle_s: Postgres ends it when it has been silent for so long.
        lock_s: so long it waits for what another one holds.
    """
    return _CHANGE.format(idle_ms=int(idle_s * 1_000), lock_ms=int(lock_s * 1_000))


def engine(url: str, **options: Any) -> Engine:  # noqa: ANN401 - SQLAlchemy's
    """Return what connects to a Postgres; `options` are SQLAlchemy's."""
    made = create_engine(
        url, connect_args={"autocommit": True, **_patience(make_url(url))}, **options
    )

    @event.listens_for(made, "connect")
    def connected(connection: DBAPIConnection, _record: object) -> None:
        connection.prepared_max = _PREPARED

    @event.listens_for(made, "begin")
    def begun(connection: Connection) -> None:
        if word := connection.get_execution_options().get(BEGIN, "BEGIN"):
            driver.tell(connection, word)

    return made


def _patience(url: URL) -> dict[str, int]:
    """Return for how long to wait for a host that says nothing, where the address does not say it.

    Without it that is a quarter of an hour, for each thread that asks.
    """
    most = {
        "connect_timeout": SILENT_S,
        "tcp_user_timeout": SILENT_S * 1000,
        "keepalives_idle": SILENT_S,
        "keepalives_interval": 1,
        "keepalives_count": SILENT_S,
    }
    return {name: said for name, said in most.items() if name not in url.query}
