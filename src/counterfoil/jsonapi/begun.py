"""What a door has begun, for the answer to say where the feed stands after it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from counterfoil.access.caller import Caller, Origin
from counterfoil.jsonapi.route import Answer
from counterfoil.office import Office
from counterfoil.operation import Work


class Begun:
    """The work that a door has done, so that its answer says at which position it stands."""

    def __init__(self) -> None:
        self._works: list[Work] = []

    @contextmanager
    def begin(self, office: Office, caller: Caller, origin: Origin) -> Iterator[Work]:
        """Begin work, and remember it."""
        with office.work(caller, origin) as work:
            self._works.append(work)
            yield work

    def placed(self, answer: Answer) -> Answer:
        """Return the answer with the position of what was done: every write says it."""
        if answer.position is not None or not self._works:
            return answer
        return replace(answer, position=self._works[-1].position)
