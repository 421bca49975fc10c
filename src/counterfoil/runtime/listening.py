"""Where a server is to listen."""

from __future__ import annotations

import os
import socket
import sys
from typing import Final

_NAME_BYTES: Final = 108
"""So long is the name of a Unix socket at most; that of a host may be longer."""


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
    if sys.platform == "linux" and port:
        name = socket.socket(socket.AF_UNIX)
        try:
            name.bind(os.fsencode(f"\0counterfoil/{port}/{host}")[:_NAME_BYTES])
        except OSError:
            name.close()
            raise _elsewhere(host, port, "another server is about to") from None
        name.detach()  # it stays open, and nobody closes it
    require_free(host, port)


def _elsewhere(host: str, port: int, why: str) -> ListeningError:
    return ListeningError(f"cannot listen on port {port} of {host} ({why}): choose another")
