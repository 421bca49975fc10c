"""A gate that is there before its office has begun its books waits for them.

In a pod, or after a machine begins, both begin at a time. Who ended here would be begun again by
systemd each second, and by Kubernetes after ever longer pauses.
"""

from __future__ import annotations

import signal
from typing import Final

import structlog

from counterfoil.runtime import logging
from counterfoil.runtime.places import Places

LOOK_S: Final = 0.2
_ENDS: Final = frozenset({signal.SIGTERM})

log = structlog.get_logger(__name__)


def await_books(places: Places, level: str) -> bool:
    """Return once there are books; False if the gate is told to end before that.

    It says once what it waits for, at the `level` of the log that is asked for: the directory may
    be another one than was meant.
    """
    if places.replica_dir.is_dir():
        return True
    logging.configure(level)
    log.warning(
        "this gate waits for books",
        why=f"{places.data_dir} holds no installation yet: start the office there, or name another "
        "host's with --office",
    )
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDS)
    try:
        while not places.replica_dir.is_dir():
            if signal.sigtimedwait(_ENDS, LOOK_S) is not None:
                return False
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return True
