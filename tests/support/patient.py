"""An office within a test process is not ended for standing still while it holds a row.

A test process shares its cores with whatever else is tested, and looks for cycles among all that
thousands of tests have left: for a moment it may stand still for longer than any server does, and
so may the Postgres beside it. That each gives the other up is proved by tests of their own.
"""

from __future__ import annotations

from typing import Any, Final, Self

import psycopg
from sqlalchemy import event

from counterfoil.runtime.database import Database
from counterfoil.runtime.postgres import HELD_S

_SHORT: Final = str(int(HELD_S * 1_000))
_LONG: Final = "60000"
_LONG_S: Final = 60


class _Patient(psycopg.Cursor[Any]):
    """Asks as the house does, and has Postgres wait for longer."""

    def execute(self, query: Any, params: Any = None, **how: Any) -> Self:
        """Ask, and be given a minute where a row is taken hold of."""
        if isinstance(params, dict):
            params = {name: _LONG if one == _SHORT else one for name, one in params.items()}
        return super().execute(query, params, **how)


def patiently(database: Database) -> None:
    """Be given a minute by a Postgres from now on, and give it one to answer who connects."""

    @event.listens_for(database.engine, "do_connect")
    def connects(_dialect: object, _record: object, _args: object, said: dict[str, Any]) -> None:
        said["connect_timeout"] = _LONG_S

    @event.listens_for(database.engine, "connect")
    def connected(connection: Any, _record: object) -> None:
        connection.cursor_factory = _Patient

    database.engine.dispose()
