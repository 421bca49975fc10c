"""What was committed holds on this host before its answer leaves, or the answer says otherwise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import lmdb
from sqlalchemy.exc import SQLAlchemyError

from counterfoil.feed.chain import ForkedError
from counterfoil.feed.codec import UnknownEventError
from counterfoil.feed.revocations import Revocations
from counterfoil.feed.source import Source
from counterfoil.gate.replica import GapError, Replica
from counterfoil.kernel.errors import Code, Unserved
from counterfoil.runtime.chain import JournalError

BEHIND: Final = (
    GapError, ForkedError, UnknownEventError, JournalError, lmdb.Error, SQLAlchemyError, OSError
)  # fmt: skip
"""What keeps a replica or a journal from catching up: the feed, its own file, or the database."""

_DETAIL: Final = (
    "This was committed, but the gate or the journal of this host has not taken it in: what it "
    "gives or takes away holds when /readyz answers 200. Do not ask again."
)


def _unheard() -> None:
    """Tell nobody."""


def follow_all(
    replica: Replica,
    journal: Revocations,
    books: Source,
    position: int,
    moved: Callable[[], None] = _unheard,
) -> int:
    """Bring gate and journal of this host to a position at least; return where the gate stands.

    Where the disk takes nothing more, what makes room for the one makes room for the other. Who is
    told that the gate has `moved` is told before the journal is on the disk: that takes a while.

    Raises one of `BEHIND` if they cannot.
    """
    try:
        reached = replica.catch_up(books, position)
    finally:
        moved()
    try:
        journal.catch_up(books, position)
    except (OSError, JournalError):
        if not replica.make_room():
            raise
        journal.catch_up(books, position)
    return reached


def effective(follow: Callable[[int], int]) -> Callable[[int], None]:
    """Return what waits until gate and journal of this host stand at a position: `follow_all`.

    It raises Unserved NOT_READY, whose `meta.position` is that of the commit, if it cannot.
    """

    def catch_up(position: int) -> None:
        try:
            follow(position)
        except BEHIND as error:
            meta = {"committed": True, "position": position}
            raise Unserved(Code.NOT_READY, _DETAIL, meta=meta) from error

    return catch_up
