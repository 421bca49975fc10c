"""A process of the gateway, which Granian begins, watches and ends: what it serves with is ours.

Granian hands each request from a thread that reads to one that runs Python, and back. What decides
in microseconds pays most of its time for that, so it reads for itself (decision 154).
"""

from __future__ import annotations

import resource
import socket
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from granian.server import mp

from counterfoil.gateway import direct
from counterfoil.gateway.doors import Gateway
from counterfoil.gateway.listener import MOST, Listener
from counterfoil.kernel.clock import system_clock
from counterfoil.runtime.direct import spawning as by_granian

_TOLD: Final = ("worker_id", "process_name", "callback_loader", "sock")
"""What Granian tells a process first."""
_BACKLOG: Final = 1_024
_OTHERS: Final = 256
"""So many files a process has open beside its lines, at most."""


def spawning(host: str, port: int) -> Callable[..., None] | None:
    """Return what each process runs; where Granian has another shape than we know, it serves.

    Args:
        host: the address to listen at; empty where Granian has a socket that all share.
        port: the port there.
    """
    wrapped: Any = mp.WorkerProcess.wrap_target(serve_here)  # type: ignore[no-untyped-call]
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
    _hold(MOST + _OTHERS)
    gateway = load()
    listening = _bound(host, port) if host else shared[1]
    if listening is None:
        message = "there is no socket to listen at"
        raise RuntimeError(message)
    with listening:
        listening.listen(_BACKLOG)
        Listener(listening, gateway.answer, system_clock).run()


def _hold(files: int) -> None:
    """Be able to have so many files open, as far as the machine allows: each line is one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = files if hard == resource.RLIM_INFINITY else min(files, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


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
