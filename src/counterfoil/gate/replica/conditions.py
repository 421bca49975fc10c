"""How the replica writes down under which conditions a token may be used.

    flags, length                          1 byte, 2 bytes
    not before                             8 bytes, Unix microseconds
    requests, seconds                      4 bytes each
    networks, each: family, bits, address  1 byte, 1 byte, 4 or 16 bytes

Each is there if its flag is set; the networks are what is left. They are read once for each set of
bounds that a process meets, not once for each request (`grants.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Network, IPv6Network, ip_network
from struct import Struct
from typing import Final

from counterfoil.access.conditions import Conditions, Rate
from counterfoil.access.networks import Networks, networks
from counterfoil.feed.event import GrantRecord
from counterfoil.kernel.clock import instant

_HEAD: Final = Struct(">BH")
_INSTANT: Final = Struct(">Q")
_RATE: Final = Struct(">II")
_NETWORK: Final = Struct(">BB")

_NETWORKS: Final = 1
_PACED: Final = 2
_LATER: Final = 4
_BYTES: Final = {4: 4, 6: 16}


def pack_conditions(grant: GrantRecord) -> bytes:
    """Return what a grant says of networks, rate and start.

    Raises:
        struct.error, ValueError: for what is no condition of ours.
    """
    flags, told = 0, b""
    if grant.not_before is not None:
        flags, told = flags | _LATER, _INSTANT.pack(max(grant.not_before, 0))
    if grant.rate is not None:
        requests, seconds = grant.rate
        if not (requests and seconds):
            message = f"a rate of {requests} in {seconds} s"
            raise ValueError(message)
        flags, told = flags | _PACED, told + _RATE.pack(requests, seconds)
    if grant.networks is not None:
        flags, told = flags | _NETWORKS, told + pack_networks(grant.networks)
    return _HEAD.pack(flags, len(told)) + told


def pack_networks(spelled: Iterable[str]) -> bytes:
    """Return networks as they are written down.

    Raises:
        ValueError: for what is none.
    """
    told = b""
    for text in spelled:
        network = ip_network(text)
        told += _NETWORK.pack(network.version, network.prefixlen)
        told += network.network_address.packed
    return told


def read_networks(told: bytes) -> Networks:
    """Return the networks that were written down."""
    return networks(_read(told))


def read_conditions(tail: bytes) -> tuple[Conditions, bytes]:
    """Return the conditions with which a tail begins, and what comes after them."""
    flags, length = _HEAD.unpack_from(tail)
    told, rest = tail[_HEAD.size : _HEAD.size + length], tail[_HEAD.size + length :]
    not_before = rate = None
    if flags & _LATER:
        not_before, told = instant(*_INSTANT.unpack_from(told)), told[_INSTANT.size :]
    if flags & _PACED:
        rate, told = Rate(*_RATE.unpack_from(told)), told[_RATE.size :]
    where = read_networks(told) if flags & _NETWORKS else None
    return Conditions(where, rate, not_before), rest


def _read(told: bytes) -> Iterator[str]:
    at = 0
    while at < len(told):
        family, bits = _NETWORK.unpack_from(told, at)
        start = at + _NETWORK.size
        at = start + _BYTES[family]
        network = IPv4Network if family == 4 else IPv6Network  # noqa: PLR2004 - the family
        yield str(network((told[start:at], bits)))
