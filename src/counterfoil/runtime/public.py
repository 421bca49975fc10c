"""Whether everybody may reach an address: asked before a stranger's word leads us there (S48, S53).

The library knows the special registries of IANA as they were when its Python was released, so what
came later, or was told apart later, stands here, and all Pythons say the same.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_network
from typing import Final

_DISGUISES: Final = tuple(
    ip_network(one)
    for one in ("::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16")
)
"""IPv6 by which IPv4 is meant: nobody has their server there, and whoever says so hides one."""

_INWARD: Final = tuple(
    ip_network(one)
    for one in (
        "192.0.0.0/24",  # RFC 6890: for protocols, and no one's servers
        "192.88.99.0/24",  # RFC 7526: relays of 6to4, withdrawn
        "fec0::/10",  # RFC 3879: site-local, withdrawn, and in use where it was
        "3fff::/20",  # RFC 9637: for examples
        "5f00::/16",  # RFC 9602: inside of networks that route by segments
    )
)


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Say whether an address is one host's, and everybody may reach it."""
    if address.is_multicast or not address.is_global:
        return False
    return not any(address in one for one in (*_DISGUISES, *_INWARD))
