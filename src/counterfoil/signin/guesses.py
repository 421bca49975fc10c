"""Somebody has a person's password, and guesses at their second factor: they are told (S43).

Whoever shows the right password and wrong codes beside it is let in nowhere and told nothing, and
as anybody can try as often as they like, a try writes no more than its entry. Whose codes were
guessed is remembered, until a turn tells them: once in a day at most, however often it was.
"""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Final

from counterfoil import notices
from counterfoil.access.caller import Caller, Origin
from counterfoil.kernel.errors import CounterfoilError
from counterfoil.kernel.ids import Prefix, UserId, spell
from counterfoil.notices import Kind
from counterfoil.office import Office
from counterfoil.operation import Work, operation
from counterfoil.signin.steps.session import OFFICE

EVERY_S: Final = 10.0
"""How often those are told whose codes were guessed."""
ONCE_IN: Final = timedelta(days=1)
_MOST: Final = 1_024  # people in one turn; who finds no room is told after a later try


class Guesses:
    """Remembers whose codes were guessed, until somebody calls `flush`: often, and at the end.

    From here on it is this that an office tells of guesses.
    """

    def __init__(self, office: Office) -> None:
        self._office = office
        self._guessed: dict[UserId, tuple[Caller, Origin]] = {}
        self._lock = threading.Lock()
        office.guessed = self.note

    def note(self, whose: Caller, origin: Origin) -> None:
        """Remember whose codes were guessed, and from where last."""
        user = whose.user
        with self._lock:
            if user is not None and (user in self._guessed or len(self._guessed) < _MOST):
                self._guessed[user] = whose, origin

    def flush(self) -> None:
        """Tell those who were not told within the last day; whom it cannot tell, a later turn."""
        with self._lock:
            waiting, self._guessed = self._guessed, {}
        while waiting:
            user, (whose, origin) = waiting.popitem()
            try:
                self._tell(user, whose, origin)
            except CounterfoilError:  # they may come in nowhere any more
                continue
            except BaseException:
                with self._lock:
                    self._guessed = {**waiting, user: (whose, origin), **self._guessed}
                raise

    def _tell(self, user: UserId, whose: Caller, origin: Origin) -> None:
        office, about = self._office, spell(Prefix.USER, user)
        with office.database.reading() as tx:
            last = notices.last_told(tx, whose.organization, about, Kind.SECOND_FACTOR_GUESSED)
        if last is None or last + ONCE_IN <= office.clock():
            with office.work(whose, origin) as work:
                tell_of_guesses(work, user)


@operation("second_factor.tell_of_guesses", requires=None, methods=OFFICE)
def tell_of_guesses(work: Work, user: UserId) -> None:
    """Tell a person that somebody has their password, and shows wrong codes beside it.

    The day is its mark, so of two hosts that would tell them at once one does.
    """
    about = spell(Prefix.USER, user)
    work.permit(target=about)
    facts = {"address": work.origin.address}
    day = f"{work.now:%Y-%m-%d}"
    notices.tell(work, Kind.SECOND_FACTOR_GUESSED, [user], about, facts, mark=day)
