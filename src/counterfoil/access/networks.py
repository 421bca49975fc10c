"""Networks: from which addresses a credential may be used.

All addresses stand on one line of numbers, those of IPv4 first, so that whether one lies in a set
of networks is one search, however many there are. IPv4 in the dress of IPv6 (`::ffff:192.0.2.7`) is
IPv4, wherever it comes from, and `::/0` is all of IPv6 and nothing else.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from functools import cached_property, lru_cache
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    collapse_addresses,
    ip_address,
    ip_network,
)
from typing import Final, TypeAlias

from counterfoil.kernel.errors import Code, Invalid
from counterfoil.kernel.sentence import sentence

MOST: Final = 50
"""So many networks one credential may name."""

Block: TypeAlias = tuple[int, int]
"""The first and the last address of a network, on the one line."""

_V6: Final = 1 << 32
"""Where IPv6 begins on it."""
_REMEMBERED: Final = 4_096
_MAPPED: Final = IPv6Network("::ffff:0:0/96")
_CIDR: Final = re.compile(r"[0-9A-Fa-f:.]{2,45}(?:/[0-9]{1,3})?")
_CHARS: Final = 60


class Networks:
    """A set of networks; equal sets are equal values, for they are kept without overlaps.

    The empty set is nowhere at all.
    """

    def __init__(self, blocks: Iterable[Block] = ()) -> None:
        """Take blocks that are networks each; those that overlap or add up to one become one."""
        self.blocks: Final = tuple(sorted(_merged(blocks)))
        self._firsts: Final = [first for first, _ in self.blocks]

    def covers(self, address: str) -> bool:
        """Say whether an address lies in one of them; what is no address lies nowhere."""
        place = place_of(address)
        return place is not None and self._holds((place, place))

    def lies_inside(self, other: Networks) -> bool:
        """Say whether all their addresses are the other set's too.

        A network that several others cover together is one of them, as they are kept.
        """
        return all(other._holds(block) for block in self.blocks)

    def meet(self, other: Networks) -> Networks:
        """Return the addresses that are in both."""
        mine = [block for block in self.blocks if other._holds(block)]
        return Networks([*mine, *(block for block in other.blocks if self._holds(block))])

    @cached_property
    def spelled(self) -> tuple[str, ...]:
        """How they are written: `192.0.2.0/24`, `2001:db8::/32`, `192.0.2.7/32`."""
        return tuple(str(_network(block)) for block in self.blocks)

    def _holds(self, block: Block) -> bool:
        at = bisect_right(self._firsts, block[0]) - 1
        return at >= 0 and block[1] <= self.blocks[at][1]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Networks) and self.blocks == other.blocks

    def __hash__(self) -> int:
        return hash(self.blocks)

    def __repr__(self) -> str:
        return f"Networks({', '.join(self.spelled)})"


def networks(spelled: Iterable[str]) -> Networks:
    """Return the set of networks that are spelled like this.

    Raises:
        ValueError: for one that is none.
    """
    return Networks(_block(ip_network(text)) for text in spelled)


def read_networks(said: Iterable[str], field: str) -> Networks:
    """Return the networks that somebody typed: `192.0.2.0/24`, or an address for itself alone.

    Raises:
        Invalid: pointing at the first that is none, or that has bits set beyond its prefix: it is
            for whoever typed it to say whether they mean one address or all of the network.
    """
    return Networks([_read(text, f"{field}/{place}") for place, text in enumerate(said)])


@lru_cache(maxsize=_REMEMBERED)
def place_of(address: str) -> int | None:
    """Return where an address stands on the line; None for what is none."""
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return None
    if isinstance(ip, IPv6Address):
        return _V6 + int(ip) if ip.ipv4_mapped is None else int(ip.ipv4_mapped)
    return int(ip)


def _read(text: str, field: str) -> Block:
    said = text.strip()
    shown = said[:_CHARS]
    network = _parsed(said)
    if network is None:
        raise _wrong(
            sentence(
                "%(said)s is no range of addresses: write one as 192.0.2.0/24 or 2001:db8::/32.",
                said=shown,
            ),
            field,
        )
    address, _, bits = said.partition("/")
    if bits and ip_address(address) != network.network_address:
        raise _wrong(
            sentence(
                "%(said)s has bits set beyond its prefix: write %(network)s for all of it, or "
                "%(address)s for that address alone.",
                said=shown,
                network=network,
                address=address,
            ),
            field,
        )
    return _block(network)


def _parsed(text: str) -> IPv4Network | IPv6Network | None:
    """Read an address with a prefix or without it, and no other form that the library reads."""
    try:
        return ip_network(text, strict=False) if _CIDR.fullmatch(text) else None
    except ValueError:
        return None


def _wrong(detail: str, field: str) -> Invalid:
    return Invalid(Code.INVALID_FIELD, detail, field=field)


def _block(network: IPv4Network | IPv6Network) -> Block:
    first, last = int(network[0]), int(network[-1])
    if isinstance(network, IPv4Network):
        return first, last
    if network.subnet_of(_MAPPED):
        base = int(_MAPPED[0])
        return first - base, last - base
    return _V6 + first, _V6 + last


def _network(block: Block) -> IPv4Network | IPv6Network:
    first, last = block
    short = (last - first).bit_length()
    if last < _V6:
        return IPv4Network((IPv4Address(first), 32 - short))
    return IPv6Network((IPv6Address(first - _V6), 128 - short))


def _merged(blocks: Iterable[Block]) -> Iterable[Block]:
    found = [_network(block) for block in blocks]
    yield from map(_block, collapse_addresses(n for n in found if isinstance(n, IPv4Network)))
    yield from map(_block, collapse_addresses(n for n in found if isinstance(n, IPv6Network)))
