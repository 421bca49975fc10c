"""What each process does beside its requests, whatever else it is there for."""

from __future__ import annotations

from collections.abc import Iterator

from counterfoil.gate.hostclock import LOOK_S, HostClock
from counterfoil.office import Office
from counterfoil.runtime import logging
from counterfoil.runtime.pulse import BEAT_S
from counterfoil.runtime.repeating import Repeating
from counterfoil.signin.guesses import EVERY_S as GUESSES_S
from counterfoil.signin.guesses import Guesses


def beside(office: Office, guesses: Guesses) -> Iterator[Repeating]:
    """Yield what looks at the clock, asks whether the database is there, tells of guesses, logs.

    A clock that is given needs no look, and an embedded database no question.
    """
    if isinstance(office.clock, HostClock):
        yield Repeating("the clock", office.clock.look, LOOK_S)
    if (pulse := office.database.pulse) is not None:
        yield Repeating("the pulse of the database", pulse.beat, BEAT_S)
    yield Repeating("the notices of guesses", guesses.flush, GUESSES_S)
    yield Repeating("the lines of requests", logging.requests.flush, logging.FLUSH_S)
