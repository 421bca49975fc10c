"""What Postgres ended is done again, as a whole: nothing of it was done (40001, 40P01, 25P03).

It ends one of two transactions that wait for each other, and engines that speak its protocol end
whichever they cannot put in a line. It also ends who holds what others wait for and says nothing:
of a process that has stood still for so long, and goes on. So the door is asked anew, with all that
it reads, unless something was committed on its behalf before: half of a request is never done
twice.

So is what found no room on the disk: that let the ballast go, and now there may be room for it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

import structlog
from sqlalchemy.exc import DBAPIError

from counterfoil.runtime.noroom import has_no_room

T = TypeVar("T")

TIMES: Final = 4
"""So often a request is tried at most."""
_PAUSE_S: Final = 0.02
_PASSING: Final = frozenset({"40001", "40P01", "25P03"})

log: Final = structlog.get_logger(__name__)


def tried(
    act: Callable[[], T],
    committed: Sequence[object],
    sleep: Callable[[float], None] = time.sleep,
) -> T:
    """Return what a door answers; `committed` is what was committed so far on its behalf.

    Raises:
        DBAPIError: if the database fails otherwise, or again and again.
    """
    for tries in range(1, TIMES):
        try:
            return act()
        except DBAPIError as error:
            if committed or not is_passing(error):
                raise
            log.info("done again", tries=tries, no_room=has_no_room(error))
            sleep(_PAUSE_S * 2**tries)
    return act()


def is_passing(error: DBAPIError) -> bool:
    """Say whether a transaction may be done again: it was ended, or there was no room for it."""
    return has_no_room(error) or getattr(error.orig, "sqlstate", None) in _PASSING
