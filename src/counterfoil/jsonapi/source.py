"""Where a request came from, also behind proxies that somebody vouched for (S42).

A header is believed only from a proxy that the settings name, and only as far as the chain of such
proxies reaches: whatever a client wrote into it stands further to the left.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeAlias

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

_MOST: Final = 20


class Sources:
    """Finds the address of whoever sent a request.

    Args:
        proxies: the networks of the proxies in front of this server; none by default.
    """

    def __init__(self, proxies: Iterable[Network] = ()) -> None:
        self._proxies = tuple(proxies)

    def of(self, environ: Mapping[str, Any]) -> str:
        """Return the nearest address that is none of our proxies'."""
        peer = str(environ.get("REMOTE_ADDR") or "")
        if not self._proxies or not self._is_ours(peer):
            return peer
        told = str(environ.get("HTTP_X_FORWARDED_FOR", "")).split(",")[-_MOST:]
        nearest = peer
        for part in reversed(told):
            address = _address(part.strip())
            if address is None:
                return nearest
            nearest = address
            if not self._is_ours(address):
                return address
        return nearest

    def _is_ours(self, text: str) -> bool:
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            return False
        return any(address in network for network in self._proxies)


def _address(text: str) -> str | None:
    """Return an address as it is usually spelled; None for what is none."""
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return None
