"""Nobody who has seen the feed at some position is judged by what stood before it (S29).

Every write answers `Counterfoil-Position`: where the feed stood when it was committed. All up to
there was true before the write or by it, and nothing beyond. Whoever sends the position along in
`Counterfoil-At-Least`, to this host or to another, is answered by a gate that has followed the feed
that far, or not at all: so nobody is shown what was written after they had lost the right to see.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

import lmdb

from counterfoil.gate.replica import Replica
from counterfoil.kernel.errors import Code, CounterfoilError, Malformed, Unserved

POSITION_HEADER: Final = "Counterfoil-Position"
AT_LEAST_HEADER: Final = "Counterfoil-At-Least"
WITHIN_S: Final = 0.1
"""How long a request is kept waiting at most."""

Reach: TypeAlias = Callable[[int], bool]
"""Says whether the gate stands at a position or later, perhaps after a moment."""

MOST_WAITING: Final = 4
"""So many requests of a process may wait for a position at a time."""

AT_LEAST_KEY: Final = "HTTP_" + AT_LEAST_HEADER.upper().replace("-", "_")
_POSITION: Final = re.compile(r"[0-9]{1,18}")
_STEP_S: Final = 0.01


def stand(environ: Mapping[str, Any], reach: Reach) -> None:
    """Return once the gate stands where the request says that it must.

    Raises:
        Malformed: INVALID_REQUEST for what is not a position.
        Unserved: NOT_READY if the gate is behind it.
    """
    asked = environ.get(AT_LEAST_KEY)
    if asked is None:
        return
    if _POSITION.fullmatch(asked) is None:
        raise Malformed(
            Code.INVALID_REQUEST, f"{AT_LEAST_HEADER} takes one position, a whole number."
        )
    if not reach(int(asked)):
        raise Unserved(
            Code.NOT_READY, f"This host has not come as far as {AT_LEAST_HEADER} says. Ask again."
        )


def is_behind(environ: Mapping[str, Any], reach: Reach) -> bool:
    """Say whether the gate does not stand yet where the request says that it must.

    Whatever else is wrong is said in the answer.
    """
    try:
        stand(environ, reach)
    except Unserved:
        return True
    except (CounterfoilError, lmdb.Error):
        pass
    return False


def followed(replica: Replica, within_s: float = WITHIN_S) -> Reach:
    """Return what waits for a replica that is kept up to date by somebody else."""

    def waited(position: int) -> bool:
        for _ in range(round(within_s / _STEP_S)):
            if replica.position() >= position:
                return True
            time.sleep(_STEP_S)
        return replica.position() >= position

    return few(waited, replica)


def few(reach: Reach, replica: Replica) -> Reach:
    """Return the same for a few requests at a time; the others are told at once how it stands.

    Anybody may ask for any position, before they have shown who they are. To wait takes a thread,
    and to look for more takes the database.
    """
    places = threading.BoundedSemaphore(MOST_WAITING)

    def reached(position: int) -> bool:
        if replica.position() >= position:
            return True
        if not places.acquire(blocking=False):
            return False
        try:
            return reach(position)
        finally:
            places.release()

    return reached
