"""The books of a host, opened once in a process, when a request first asks for them.

That is after the fork, wherever a server forks; a process that is forked off a request has none,
for LMDB opens a file once, and a child may not use what its parent opened. The office of the host
keeps them up, with one follower for all processes; here they are only read. Applications of one
process share what is open.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import lmdb

from counterfoil.gate.replica import Replica
from counterfoil.gateway.books import Books, unwritten
from counterfoil.kernel.clock import system_clock
from counterfoil.kernel.ids import ApiId
from counterfoil.runtime.places import Places

log = logging.getLogger("counterfoil.middleware")

_open: Final[dict[str, Books]] = {}
_inherited: Final[list[Books]] = []
"""What a parent opened: useless here, and kept, for to give it back would be to close it there."""
_opening = threading.Lock()
_told: Final[set[str]] = set()
_instead: Final[list[tuple[Books, ApiId]]] = []


def books_of(data_dir: str, api: ApiId) -> tuple[Books, ApiId]:
    """Return the books of this host, and by which id they know an API.

    Raises:
        Unserved: there are none, or none that this process may read.
    """
    if _instead:
        return _instead[-1]
    books = _open.get(data_dir)
    return (_opened(data_dir) if books is None else books), api


def close(data_dir: str) -> None:
    """Give them back, if they are open."""
    with _opening:
        books = _open.pop(data_dir, None)
    if books is not None:
        books.replica.close()
        books.pace.close()


@contextmanager
def instead(books: Books, api: ApiId) -> Iterator[None]:
    """Let a test's own books, with their one API, be everybody's in this process."""
    told = books, api
    _instead.append(told)
    try:
        yield
    finally:
        _instead.remove(told)


def _opened(data_dir: str) -> Books:
    with _opening:
        books = _open.get(data_dir)
        if books is None:
            try:
                books = _books(Places(Path(data_dir)))
            except (OSError, lmdb.Error) as error:
                _tell(data_dir, str(error))
                raise unwritten() from None
            _told.discard(data_dir)
            _open[data_dir] = books
    return books


def _books(places: Places) -> Books:
    """Open what is there.

    Raises:
        OSError, lmdb.Error: if nothing is, or if it is not for this process to read.
    """
    if not places.replica_dir.is_dir():  # to open one that is not there is to make one
        raise FileNotFoundError("there is no installation: start the office there")
    return Books(Replica(places.replica_dir), system_clock, places.follower_lock)


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
