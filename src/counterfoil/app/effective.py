"""What was committed holds on this host before its answer leaves, or the answer says otherwise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import lmdb
from sqlalchemy.exc import SQLAlchemyError

from counterfoil.feed.codec import UnknownEventError
from counterfoil.feed.source import Source
from counterfoil.gate.replica import GapError, Replica
from counterfoil.kernel.errors import Code, Unserved

BEHIND: Final = (GapError, UnknownEventError, lmdb.Error, SQLAlchemyError)
"""What keeps a replica from catching up: the feed, its own file, or the database."""

_DETAIL: Final = (
    "This was committed, but the gate of this host has not taken it in: what it gives or takes "
    "away holds when /readyz answers 200. Do not ask again."
)


def effective(replica: Replica, books: Source) -> Callable[[int], None]:
    """Return what waits until the gate of this host stands at a position.

    It raises Unserved NOT_READY, whose `meta.position` is that of the commit, if it cannot.
    """

    def catch_up(position: int) -> None:
        try:
            replica.catch_up(books, position)
        except BEHIND as error:
            meta = {"committed": True, "position": position}
            raise Unserved(Code.NOT_READY, _DETAIL, meta=meta) from error

    return catch_up
