"""Clients that hold a line and send nothing: after a while it is cut, if others need its place.

The server has no deadline for a body or for the first byte, and no way to end a read that waits.
But the kernel knows how long ago each line carried something, and a line whose reading half is shut
ends the read.
"""

from __future__ import annotations

import os
import socket
import stat
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import structlog

from counterfoil.jsonapi.incoming import Room
from counterfoil.runtime.repeating import Repeating

_FILES: Final = Path("/proc/self/fd")
_INFO: Final = struct.Struct("=8x9I4I")
"""Linux's `tcp_info` up to how long ago data and acknowledgements were sent and came, in ms."""

_SENT: Final = 9
_CAME: Final = 11

_TURNS: Final = 5
"""So many times within the limit it looks."""

log = structlog.get_logger(__name__)


def watch(room: Room, port: int, limit_s: float, crowd: int) -> None:
    """Begin a thread that cuts lines which have carried nothing for so long, where it must.

    That is while a body has been on its way for longer, and while there are more lines than
    `crowd`; otherwise it leaves every line alone, however idle. Meanwhile a request that takes
    longer than that to be answered may be cut with them. It works on Linux; elsewhere the places
    of `room` are all that protects the others.
    """
    if sys.platform != "linux" or not port:
        return

    def look() -> None:
        if room.longest_s() > limit_s or sum(1 for _ in _lines(port)) > crowd:
            lines = cut(port, limit_s)
            if lines:
                log.warning("lines cut that were silent for too long", count=lines)

    Repeating("silent lines", look, limit_s / _TURNS).start()


def cut(port: int, limit_s: float) -> int:
    """Cut the lines to a port of ours that carried nothing for so long; return how many."""
    lines = 0
    for line in _lines(port):
        with suppress(OSError):  # whose client has hung up meanwhile
            if _idle_s(line) > limit_s:
                line.shutdown(socket.SHUT_RD)
                lines += 1
    return lines


def _lines(port: int) -> Iterator[socket.socket]:
    """Find the lines to a port of ours, each held while it is looked at."""
    for file in list(_FILES.iterdir()):
        with suppress(OSError), _socket(int(file.name)) as line:  # one that was closed meanwhile
            if _is_ours(line, port):
                yield line


@contextmanager
def _socket(file: int) -> Iterator[socket.socket]:
    """Hold a socket of this process, so that its number cannot become another's.

    Only sockets are copied. To close a copy of a file drops every lock that this process holds on
    it (POSIX `fcntl`), and another process then takes SQLite's log away from under the server. So
    where a number became a file's just before it was copied, the copy stays open for good.
    """
    if not _is_socket(file):
        raise OSError(file)
    held = os.dup(file)
    if not _is_socket(held):
        raise OSError(file)
    with socket.socket(fileno=held) as line:
        yield line


def _is_socket(file: int) -> bool:
    return stat.S_ISSOCK(os.fstat(file).st_mode)


def _is_ours(line: socket.socket, port: int) -> bool:
    """Say whether somebody connected to us by it, where we did not connect to somebody."""
    if line.family not in {socket.AF_INET, socket.AF_INET6}:
        return False
    listens = line.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    return not listens and line.getsockname()[1] == port


def _idle_s(line: socket.socket) -> float:
    info = line.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _INFO.size)
    told: tuple[int, ...] = _INFO.unpack(info)
    return min(told[_SENT], told[_CAME]) / 1000
