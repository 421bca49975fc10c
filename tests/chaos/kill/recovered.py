"""A backup that is made, and one that is put back."""

from __future__ import annotations

import os
import shutil
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

from sqlalchemy import inspect, text

from chaos.kill.place import Copy, Place, asking
from chaos.kill.postgres import emptied, empty_beside
from counterfoil.app import recover
from counterfoil.app.fit import UnreadyError
from counterfoil.app.recover import UnfitError
from counterfoil.app.sealing import ElsewhereError
from counterfoil.runtime.database import Database
from counterfoil.runtime.settings import Settings


class BackedUp:
    """A backup is made in a file."""

    def prepare(self, place: Place, copy: Copy) -> None:
        """Nothing is needed."""
        del place, copy

    def do(self, place: Place) -> None:
        """Make it."""
        told = os.open(place.told, os.O_WRONLY | os.O_CREAT, 0o600)
        recover.back_up(place.settings, place.folder / "monday")
        os.write(told, b"made")

    def broken(self, place: Place) -> list[str]:
        """See that what has its name can be put back, and that it can be made again."""
        file, found = place.folder / "monday", []
        if place.told.exists() and place.told.read_bytes() and not file.exists():
            found.append("it was answered, and is lost")
        if file.exists():
            found += _not_whole(file, place)
            file.unlink()
        recover.back_up(place.settings, file)
        return found + _not_whole(file, place)


class PutBack:
    """A backup is put back into an empty place."""

    def prepare(self, place: Place, copy: Copy) -> None:
        """Make the backup, and the place empty."""
        del copy
        recover.back_up(place.settings, place.folder / "monday")
        shutil.rmtree(place.settings.data_dir)
        if place.url:
            emptied(place)

    def do(self, place: Place) -> None:
        """Put it back."""
        told = os.open(place.told, os.O_WRONLY | os.O_CREAT, 0o600)
        _put_back(place.folder / "monday", place.settings)
        os.write(told, b"put back")

    def broken(self, place: Place) -> list[str]:
        """See that it is in quarantine, or can be put back as if nothing had been.

        A Postgres that was filled by half is no place to begin in, and is emptied by hand. One that
        was filled, and whose tokens nobody has taken yet, says what its operator does.
        """
        there, found = _is_there(place), []
        if place.told.exists() and place.told.read_bytes() and not there:
            return ["it was answered, and is lost"]
        if not there:
            if place.url:
                found += _beginning(place)
                emptied(place)
            _put_back(place.folder / "monday", place.settings)
        elif _is_foreign(place):
            found += _beginning(place)
            recover.begin_quarantine(place.settings, "kill")
        return found + _opening(place)


def _not_whole(file: Path, place: Place) -> list[str]:
    url = empty_beside(place) if place.url else ""
    other = replace(place, folder=place.folder / "again", url=url)
    shutil.rmtree(other.folder, ignore_errors=True)
    other.folder.mkdir()
    shutil.copy(place.folder / "known", other.folder)
    try:
        _put_back(file, other.settings)
    except UnfitError as error:
        return [f"it cannot be put back: {error}"]
    return _opening(other)


def _put_back(file: Path, settings: Settings) -> None:
    with file.open("rb") as source:
        recover.put_back(settings, source)


def _is_there(place: Place) -> bool:
    """Say whether a place was put back: where the feed stands is written as the last thing."""
    if not place.url:
        return place.settings.office_file.exists()
    database = Database(place.url, pool_size=1)
    try:
        with database.reading() as tx:
            return inspect(tx).has_table("feed_head") and bool(
                tx.scalar(text("SELECT count(*) FROM feed_head"))
            )
    finally:
        database.close()


def _is_foreign(place: Place) -> bool:
    """Say whether the tokens of a place are sealed under a key that it has not."""
    try:
        recover.quarantine_of(place.settings)
    except ElsewhereError:
        return True
    return False


def _beginning(place: Place) -> list[str]:
    """Return that an office begins in a place, where none may."""
    with suppress(UnreadyError):
        place.opened().close()
        return ["an office begins on what was put back by half"]
    return []


def _opening(place: Place) -> list[str]:
    """Return which tokens of a place open that was put back, where none may."""
    if recover.quarantine_of(place.settings) is None:
        return ["it is in no quarantine"]
    with closing(place.opened()) as app:
        ask, texts = asking(app), {"manager": place.known["manager"], **place.known["secrets"]}
        met = {name: ask("GET", "/cma/token", one).status_code for name, one in texts.items()}
    return [f"{name} meets {status}" for name, status in met.items() if status != 503]
