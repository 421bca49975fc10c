"""Where a request came from, also behind proxies that somebody vouched for (S42).

A header is believed only from a proxy that the settings name, and only as far as the chain of such
proxies reaches: whatever a client wrote into it stands further to the left.

The server makes one name of `X-Forwarded-For` and `X_Forwarded_For`, and the last one wins, so a
proxy that passes underscores on lets its clients speak for it. It can say it under a name that has
no hyphen, hence no double.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeAlias

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

_MOST: Final = 20
_ELEMENT: Final = re.compile(r"^(?:\[([^\]]*)\]|([^:]*))(?::[0-9]{1,5})?$")


class Sources:
    """Finds the address of whoever sent a request.

    Args:
        proxies: the networks of the proxies in front of this server; none by default.
        header: where they say it: a list of addresses, or of elements of RFC 7239.
    """

    def __init__(self, proxies: Iterable[Network] = (), header: str = "X-Forwarded-For") -> None:
        self._proxies = tuple(proxies)
        self._key = "HTTP_" + header.upper().replace("-", "_")

    def of(self, environ: Mapping[str, Any]) -> str:
        """Return the nearest address that is none of our proxies'."""
        peer = str(environ.get("REMOTE_ADDR") or "")
        if not self._proxies or not self._is_ours(peer):
            return peer
        told = str(environ.get(self._key, "")).split(",")[-_MOST:]
        nearest = peer
        for part in reversed(told):
            address = _address(part)
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
    """Return an address as it is usually spelled; None for what is none.

    It stands alone, or as `for=` in an element of RFC 7239: `for="[2001:db8::1]:443";proto=https`.
    """
    pairs = (one.strip().partition("=") for one in text.split(";"))
    named = next((value for name, _, value in pairs if name.lower() == "for"), None)
    told = text.strip() if named is None else _ELEMENT.sub(r"\1\2", named.strip('"'))
    try:
        return str(ipaddress.ip_address(told))
    except ValueError:
        return None
