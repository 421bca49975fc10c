"""What is done and killed, and what must be so afterwards, in a process that was begun anew."""

from __future__ import annotations

import json
import os
import shutil
import traceback
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Final, Protocol

from alembic import command
from sqlalchemy import inspect, text
from sqlalchemy.engine.default import DefaultDialect

from chaos.kill.books import HALF, State, disagreeing, state_of, tables_of
from chaos.kill.place import Copy, Place, asking
from chaos.kill.postgres import emptied, empty_beside
from chaos.kill.verbs import VERBS, Verb
from counterfoil.app import bring_up, recover
from counterfoil.app.fit import UnreadyError
from counterfoil.app.recover import UnfitError
from counterfoil.app.sealing import ElsewhereError
from counterfoil.migrations import configuration
from counterfoil.runtime.database import Database
from counterfoil.runtime.settings import Settings

_FIRST: Final = "0030"
"""From there the tables are brought up."""
_OTHER: Final = 11
"""Dice that do not fall as those of whoever was killed: no id comes twice."""


class Act(Protocol):
    """Something that is done, and may be killed."""

    def prepare(self, place: Place, copy: Copy) -> None:
        """Make ready for it, and see what may become of it."""

    def do(self, place: Place) -> None:
        """Do it; the answer stands in `place.told` when it is given."""

    def broken(self, place: Place) -> list[str]:
        """Begin anew; return which promises are broken."""


@dataclass
class Asked:
    """A verb that is asked for over HTTP.

    Attributes:
        states: through which the database goes when nobody is killed, in their order.
    """

    verb: Verb
    states: list[State] = field(default_factory=list)

    def prepare(self, place: Place, copy: Copy) -> None:
        """See through which states the database goes."""
        watched = copy(place)
        child = os.fork()
        if child == 0:  # pragma: no cover - of the child the file alone comes back
            code = 1
            try:
                _watch(watched, self.verb)
                self.do(watched)
                code = 0
            except Exception:
                traceback.print_exc()
                raise
            finally:
                os._exit(code)
        assert os.waitpid(child, 0)[1] == 0, "it fails when nobody kills it"
        lines = (watched.folder / "states").read_text().splitlines()
        self.states = [State(*json.loads(line)) for line in lines]

    def do(self, place: Place) -> None:
        """Ask, and note the answer before everything is given back."""
        told = os.open(place.told, os.O_WRONLY | os.O_CREAT, 0o600)
        app = place.opened()
        seen = self.verb.ask(asking(app), place.known)
        assert seen.status_code < 300, seen.text
        os.write(told, seen.data)
        app.close()

    def broken(self, place: Place) -> list[str]:
        """Hold what was left against the states that there may be, and then begin anew."""
        raw = place.told.read_bytes() if place.told.exists() else b""
        told = json.loads(raw) if raw else None
        left, found = state_of(place, self.verb), []
        if left not in self.states:
            found.append("the database is in a state in which it never was")
        if left.happened == HALF:
            found.append("it happened by half")
        if told is not None and not left.happened:
            found.append("it was answered, and is lost")
        with closing(place.opened(_OTHER)) as app:
            happened, ask = bool(left.happened), asking(app)
            found += disagreeing(app)
            found += self.verb.wrong(ask, place.known, told, happened=happened)
            again = self.verb.ask(ask, place.known).status_code
            if happened and again != self.verb.again:
                found.append(f"asked again it answers {again}")
            if not happened and again >= 300:
                found.append(f"asked again it answers {again}, and never happened")
            found += self.verb.wrong(ask, place.known, None, happened=True)
        return found


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


ACTS: Final[Mapping[str, Callable[[], Act]]] = {
    **{name: partial(Asked, verb) for name, verb in VERBS.items()},
    "migrate": Migrated,
    "backup": BackedUp,
    "restore": PutBack,
}
"""By name, each made anew."""
BY_TOOLS: Final = frozenset({"backup", "restore"})
"""What is done by the tools of Postgres, where the database is one."""


def _watch(place: Place, verb: Verb) -> None:  # pragma: no cover - in a child alone
    """Have each state written down in which a commit of this process leaves the database."""
    usual = DefaultDialect.do_commit

    def look() -> None:
        with (place.folder / "states").open("a") as file:
            file.write(f"{json.dumps(state_of(place, verb))}\n")

    def commit(dialect: DefaultDialect, connection: Any) -> None:
        usual(dialect, connection)  # type: ignore[no-untyped-call]
        look()

    DefaultDialect.do_commit = commit  # type: ignore[method-assign]
    look()
