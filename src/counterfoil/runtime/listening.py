"""Where a server is to listen."""

from __future__ import annotations

import socket


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
        message = f"cannot listen on port {port} of {host} ({error.strerror}): choose another"
        raise ListeningError(message) from None
