"""Ports that are free, and patience that ends."""

from __future__ import annotations

import itertools
import os
import random
import socket
import time
from collections.abc import Callable, Iterator
from typing import Final

_FIRST: Final = 10_240
_BEYOND: Final = 32_768
"""Where Linux begins to hand out ports by itself, to whoever connects or binds to none."""

_WORKERS: Final = 16


def free_port() -> int:
    """Return a port of the loopback address on which nothing listens now, another one each time.

    It is none that the system hands out by itself, and none of another worker's share: somebody who
    asks a moment later, before its server listens, is not given the same.
    """
    return next(port for port in _ports if _is_free(port))


def _own_ports() -> Iterator[int]:
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % _WORKERS
    own = range(_FIRST + worker, _BEYOND, _WORKERS)
    start = random.randrange(len(own))
    return itertools.cycle([*own[start:], *own[:start]])


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


_ports = _own_ports()


def listens(port: int) -> bool:
    """Say whether somebody accepts connections on a port of the loopback address."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until(
    true: Callable[[], object], what: str, *, seconds: float = 60, pause: float = 0.02
) -> None:
    """Return as soon as `true()` holds.

    Raises:
        TimeoutError: naming `what`, if it never does in so many seconds.
    """
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            message = f"not within {seconds} s: {what}"
            raise TimeoutError(message)
        time.sleep(pause)
