"""Where a server is to listen."""

from __future__ import annotations

import hashlib
import os
import socket
import stat
import sys
from pathlib import Path
from typing import Final

_NAME_BYTES: Final = 108
"""So long is the name of a Unix socket at most; that of a host may be longer."""
_PATIENCE_S: Final = 1.0
_TAKEN: Final = "another server listens there, or begins to"


class ListeningError(Exception):
    """Nobody can listen there; the message says where, and why."""


def require_free(host: str, port: int) -> None:
    """Return if nobody listens there.

    The workers of a server share its port, and the system would let another server share it too:
    each would get some of the requests, and refuse the tokens of the other.

    Raises:
        ListeningError: if somebody does, or if this machine has no such address.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, kind, protocol, _, address in found:
            with socket.socket(family, kind, protocol) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(address)
    except OSError as error:
        raise _elsewhere(host, port, str(error.strerror)) from None
    except UnicodeError:
        raise _elsewhere(host, port, "that is no host's name") from None


def take(host: str, port: int) -> None:
    """Return if nobody listens there, nor is about to: the place is this process's until it ends.

    Of two that begin at once, each sees that nobody listens yet. So where the system has them
    (Linux), a name that one process alone can hold is taken first, beside the port and among the
    same neighbours: an abstract address belongs to the network namespace, and ends with its holder.
    Whoever asks for any port that is free (0) takes nothing from anybody.

    Raises:
        ListeningError: if somebody does, or if this machine has no such address.
    """
    if port and not _is_first(os.fsencode(f"{port}/{host}")):
        raise _elsewhere(host, port, _TAKEN)
    require_free(host, port)


def take_path(path: Path) -> None:
    """Return if nobody listens at a Unix socket's path, nor is about to, as `take` does for a port.

    What a server left there that was killed is taken away. Nothing else is: no socket at which
    somebody listens, and no file that is none. The directory has to be one in which not everybody
    may write: whoever put a socket there would be asked in place of this server.

    Raises:
        ListeningError: if somebody does, or if there can be no such socket.
    """
    real = Path(os.path.realpath(path))
    try:
        folder = real.parent.stat()
    except OSError as error:
        raise _nowhere(path, f"{real.parent}: {error.strerror}") from None
    if folder.st_mode & stat.S_IWOTH:
        raise _nowhere(path, f"everybody may write to {real.parent}")
    if not os.access(real.parent, os.W_OK | os.X_OK):
        raise _nowhere(path, f"this user may not write to {real.parent}")
    if len(os.fsencode(real)) >= _NAME_BYTES:
        raise _nowhere(path, f"a socket's path has {_NAME_BYTES - 1} bytes at most")
    name = hashlib.sha256(os.fsencode(real)).hexdigest()  # a path has no room for more beside it
    if not _is_first(f"at/{name}".encode()):
        raise _nowhere(path, _TAKEN)
    if _is_left(path, real):
        real.unlink()


def _is_left(path: Path, real: Path) -> bool:
    """Say whether a socket is there at which nobody listens; False if there is nothing.

    Raises:
        ListeningError: if somebody may, or if it is no socket.
    """
    try:
        mode = real.stat().st_mode
    except FileNotFoundError:
        return False
    except OSError as error:
        raise _nowhere(path, f"{real}: {error.strerror}") from None
    if not stat.S_ISSOCK(mode):
        raise _nowhere(path, "that is no socket")
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(_PATIENCE_S)
        try:
            probe.connect(os.fsencode(real))
        except ConnectionRefusedError:
            return True
        except OSError:  # it is too busy to say so, or not ours to ask
            pass
    raise _nowhere(path, "another server does")


def _is_first(name: bytes) -> bool:
    """Say whether this process alone holds a name from now on; True where there are no such."""
    if sys.platform != "linux":
        return True
    held = socket.socket(socket.AF_UNIX)
    try:
        held.bind((b"\0counterfoil/" + name)[:_NAME_BYTES])
    except OSError:
        held.close()
        return False
    held.detach()  # it stays open, and nobody closes it
    return True


def _elsewhere(host: str, port: int, why: str) -> ListeningError:
    return ListeningError(f"cannot listen on port {port} of {host} ({why}): choose another")


def _nowhere(path: Path, why: str) -> ListeningError:
    return ListeningError(f"cannot listen at {path} ({why}): choose another")
