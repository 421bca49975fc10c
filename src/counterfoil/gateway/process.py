"""A process of the gateway, which Granian begins, watches and ends: what it serves with is ours.

Granian hands each request from a thread that reads to one that runs Python, and back. What decides
in microseconds pays most of its time for that, so it reads for itself (decision 154).
"""

from __future__ import annotations

import resource
import signal
import socket
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from granian.server import mp

from counterfoil.gateway import direct
from counterfoil.gateway.doors import Gateway
from counterfoil.gateway.front import Front
from counterfoil.gateway.listener import MOST, Listener
from counterfoil.kernel.clock import system_clock
from counterfoil.runtime.direct import spawning as by_granian

_TOLD: Final = ("worker_id", "process_name", "callback_loader", "sock")
"""What Granian tells a process first."""
_BACKLOG: Final = 1_024
_OTHERS: Final = 256
"""So many files a process has open beside its lines, at most."""
_LEAST: Final = 32


def spawning(host: str, port: int) -> Callable[..., None] | None:
    """Return what each process runs; where Granian has another shape than we know, it serves.

    Args:
        host: the address to listen at, where Granian has no socket that all share.
        port: the port there.
    """
    wrapped: Any = mp.WorkerProcess.wrap_target(serve_here)  # type: ignore[no-untyped-call]  # Granian gives it no types
    if wrapped.__code__.co_varnames[: len(_TOLD)] != _TOLD:
        return by_granian(direct.asking)
    return partial(serve_here, host, port)


def serve_here(
    host: str,
    port: int,
    _number: int,
    _name: str,
    load: Callable[[], Gateway],
    shared: tuple[Any, socket.socket | None],
    *_options: object,
) -> None:
    """Be a process of a gateway, until a signal ends it."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # the parent's own, until we have one
    most = max(_LEAST, min(MOST, _files(MOST + _OTHERS) - _OTHERS))
    front = Front(load())
    with shared[1] or _bound(host, port) as listening:
        listening.listen(_BACKLOG)
        Listener(listening, front, system_clock, most).run()


def _files(wanted: int) -> int:
    """Be able to have so many files open, or as many as the machine allows; return how many."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft == resource.RLIM_INFINITY or soft >= most:
        return wanted if soft == resource.RLIM_INFINITY else soft
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return most


def _bound(host: str, port: int) -> socket.socket:
    """Take a place beside the other processes: the kernel spreads connections over them."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listening.bind((host, port))
    except OSError:
        listening.close()
        raise
    return listening
