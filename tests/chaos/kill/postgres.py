"""Places whose database is a Postgres."""

from __future__ import annotations

from pathlib import Path

import psycopg
from psycopg.sql import SQL, Identifier
from sqlalchemy.engine import make_url

from chaos.kill.place import Place


def copied_there(to: Path, place: Place) -> Place:
    """Return a place like it, with a copy of its database in place of the last copy of it."""
    url = make_url(place.url)
    other = url.set(database=f"{url.database}_killed")
    server = f"postgresql://postgres@127.0.0.1:{url.port}/postgres"
    with psycopg.connect(server, autocommit=True) as admin:
        copy = Identifier(str(other.database))
        admin.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(copy))
        admin.execute(
            SQL("CREATE DATABASE {} TEMPLATE {}").format(copy, Identifier(str(url.database)))
        )
    return place.copied(to, other.render_as_string(hide_password=False))
