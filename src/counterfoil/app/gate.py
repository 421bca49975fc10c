"""The gate in front of our own office."""

from __future__ import annotations

from threading import Lock

from sqlalchemy.exc import SQLAlchemyError

from counterfoil.app.known import elsewhere, exposed, shown, take_note, undecided
from counterfoil.audit.record import EXPOSED
from counterfoil.feed.chain import ForkedError
from counterfoil.feed.codec import UnknownEventError
from counterfoil.feed.source import Source
from counterfoil.gate.middleware_wsgi import Application, Environ, Gate, StartResponse
from counterfoil.gate.position import few
from counterfoil.gate.replica import GapError, Replica
from counterfoil.gate.verifier import Verifier
from counterfoil.jsonapi.desk import DOING, KNOWN, PAIR, REFUSAL, SOMEWHERE
from counterfoil.jsonapi.turnstile import enter, leave
from counterfoil.kernel.errors import CounterfoilError, Refused
from counterfoil.office import Office


def gate_before(
    inner: Application, office: Office, verifier: Verifier, replica: Replica, books: Source
) -> Gate:
    """Stand the gate in front of the office.

    What does not verify goes on to its desk as a refusal, which the desk raises unless the door is
    open to anybody: so each address says it in its own dialect, and an unknown address is unknown
    to whoever asks. Of those who are refused with 401 one goes on at a time, but for pairs.
    """
    one = Lock()

    def pass_on(error: CounterfoilError, environ: Environ, start: StartResponse) -> list[bytes]:
        environ[REFUSAL] = error
        if (pair := shown(office, environ)) is not None:
            environ[PAIR] = pair
        if (told := exposed(verifier, environ)) is not None:
            environ[KNOWN], environ[DOING] = told[0], EXPOSED
            take_note(office, told[1], environ)
        elif (known := elsewhere(verifier, environ, error)) is not None:
            environ[KNOWN] = known
        elif (somewhere := undecided(verifier, environ, error)) is not None:
            environ[SOMEWHERE] = somewhere
        elif pair is None and isinstance(error, Refused):
            enter(one, environ)
        try:
            return list(inner(environ, start))
        finally:
            leave(environ)

    def reach(position: int) -> bool:
        try:
            return replica.catch_up(books, position) >= position
        except (GapError, ForkedError, UnknownEventError, SQLAlchemyError):
            return False

    return Gate(inner, verifier, render=pass_on, reach=few(reach, replica), pace=None)
