"""The books of a host, opened once in a process, when a request first asks for them.

That is after the fork, wherever a server forks; a process that is forked off a request has none,
for LMDB opens a file once, and a child may not use what its parent opened. The office of the host
keeps them up, with one follower for all processes; here they are only read. Applications of one
process share what is open.

What they decide goes on record as what the gate server decides, in the same journal of this host.

Where the office is on another host, the gate server of this one follows its feed and tells it what
stands in the journal. Then there is a lease, and here too nothing is decided without it.
"""

from __future__ import annotations

import logging
import multiprocessing.util
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

import lmdb

from counterfoil.gate.hostclock import HostClock
from counterfoil.gate.record.journal import Journal
from counterfoil.gateway.books import Books, books_here, unwritten
from counterfoil.gateway.trail import Trail
from counterfoil.kernel.entropy import names, system_entropy
from counterfoil.kernel.ids import ApiId
from counterfoil.runtime.chain import JournalError
from counterfoil.runtime.places import Places

log = logging.getLogger("counterfoil.middleware")

VARIABLE: Final = "COUNTERFOIL_AUDIT"
"""What the gate server reads too: `strict` for whoever has everything on record first."""
_NAME_BYTES: Final = 16


class Desk(NamedTuple):
    """What this process decides with.

    Attributes:
        books: what it decides by.
        trail: takes in what it decides; None where that is a test, which nobody has on record.
        name: gives each request an id of its own.
    """

    books: Books
    trail: Trail | None
    name: Callable[[], str]

    def close(self) -> None:
        """Put on record what is not yet, and give the books back."""
        try:
            if self.trail is not None:
                self.trail.close()
        except (OSError, JournalError):
            log.exception("what was decided last could not be put on record")
        self.books.replica.close()
        self.books.pace.close()
        if isinstance(self.books.clock, HostClock):
            self.books.clock.close()
        if self.books.lease is not None:
            self.books.lease.close()


_open: Final[dict[str, Desk]] = {}
_inherited: Final[list[Desk]] = []
"""What a parent opened: useless here, and kept, for to give it back would be to close it there."""
_opening = threading.Lock()
_told: Final[set[str]] = set()
_instead: Final[list[tuple[Desk, ApiId]]] = []


def desk_of(data_dir: str, api: ApiId) -> tuple[Desk, ApiId]:
    """Return what decides on this host, and by which id its books know an API.

    Raises:
        Unserved: there are none, or none that this process may read.
    """
    if _instead:
        return _instead[-1]
    desk = _open.get(data_dir)
    return (_opened(data_dir) if desk is None else desk), api


def close(data_dir: str) -> None:
    """Give them back, if they are open."""
    with _opening:
        desk = _open.pop(data_dir, None)
    if desk is not None:
        desk.close()


@contextmanager
def instead(books: Books, api: ApiId) -> Iterator[None]:
    """Let a test's own books, with their one API, be everybody's in this process."""
    told = Desk(books, None, names(system_entropy, _NAME_BYTES)), api
    _instead.append(told)
    try:
        yield
    finally:
        _instead.remove(told)


def _opened(data_dir: str) -> Desk:
    with _opening:
        desk = _open.get(data_dir)
        if desk is None:
            try:
                desk = _desk(Places(Path(data_dir)))
            except (OSError, lmdb.Error) as error:
                _tell(data_dir, str(error))
                raise unwritten() from None
            _told.discard(data_dir)
            _open[data_dir] = desk
            multiprocessing.util.Finalize(None, close, (data_dir,), exitpriority=100)
    return desk


def _desk(places: Places) -> Desk:
    """Open what is there.

    Raises:
        OSError, lmdb.Error: if nothing is, or if it is not for this process to read.
    """
    if not places.replica_dir.is_dir():  # to open one that is not there is to make one
        raise FileNotFoundError("there is no installation: start the office there")
    books = books_here(places)
    trail = Trail(
        Journal(places.decisions_dir, system_entropy),
        books.clock,
        books.replica.prefix,
        strict=os.environ.get(VARIABLE) == "strict",
    )
    trail.start()
    return Desk(books, trail, names(system_entropy, _NAME_BYTES))


def _tell(data_dir: str, why: str) -> None:
    """Tell the log, once, and not with each request that is answered 503 until then."""
    if data_dir not in _told:
        _told.add(data_dir)
        log.error("the gate cannot read %s: %s", data_dir, why)


def _after_fork() -> None:
    global _opening  # noqa: PLW0603 - a lock that came through a fork may be held for ever
    _opening = threading.Lock()
    _inherited.extend(_open.values())
    _open.clear()


os.register_at_fork(after_in_child=_after_fork)
