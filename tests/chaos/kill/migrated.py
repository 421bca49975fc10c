"""Tables that are brought up."""

from __future__ import annotations

import os
from typing import Final

from alembic import command

from chaos.kill.books import tables_of
from chaos.kill.place import Copy, Place
from chaos.kill.postgres import emptied
from counterfoil.app.fit import bring_up
from counterfoil.migrations.running import configuration
from counterfoil.runtime.database import Database

_FIRST: Final = "0030"
"""From there the tables are brought up."""


class Migrated:
    """The tables of an older release are brought up to the present ones."""

    def __init__(self) -> None:
        self._states: list[list[str]] = []

    def prepare(self, place: Place, copy: Copy) -> None:
        """Put the older tables in place, and see what becomes of them."""
        if place.url:
            emptied(place)
        else:
            place.settings.office_file.unlink()
        database, older = Database(place.settings.url, pool_size=1), configuration()
        with database.transaction() as tx:
            older.attributes["connection"] = tx
            command.upgrade(older, _FIRST)
        database.close()
        whole = copy(place)
        self.do(whole)
        self._states = [tables_of(place), tables_of(whole)]

    def do(self, place: Place) -> None:
        """Bring them up."""
        told = os.open(place.told, os.O_WRONLY | os.O_CREAT, 0o600)
        os.write(told, bring_up(place.settings.url).encode())

    def broken(self, place: Place) -> list[str]:
        """See that they are as they were, or all brought up; and that it can be done again."""
        left, found = tables_of(place), []
        if left not in self._states:
            found.append("the tables were brought up by half")
        if place.told.exists() and place.told.read_bytes() and left != self._states[1]:
            found.append("it was answered, and is lost")
        bring_up(place.settings.url)
        if tables_of(place) != self._states[1]:
            found.append("done again it comes to something else")
        return found
