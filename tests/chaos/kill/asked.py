"""A verb that is asked for over HTTP, killed and asked for again."""

from __future__ import annotations

import json
import os
import traceback
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy.engine.default import DefaultDialect

from chaos.kill.books import HALF, State, disagreeing, state_of
from chaos.kill.place import Copy, Place, asking
from chaos.kill.verbs import Verb

OTHER: Final = 11
"""Dice that do not fall as those of whoever was killed: no id comes twice."""


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
        with closing(place.opened(OTHER)) as app:
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
