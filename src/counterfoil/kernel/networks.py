"""Networks: to which one an address belongs, where callers are counted who said no name."""

from __future__ import annotations

from ipaddress import IPv4Address, ip_address, ip_network


def network_of(address: str, *, v4_bits: int, v6_bits: int) -> str | None:
    """Return the network of an address, or the address if that is all of it; None for no address.

    IPv4 in the dress of IPv6 is IPv4, and the zone of a link-local address (`%eth0`) is left out.
    """
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return None
    ip = getattr(ip, "ipv4_mapped", None) or ip
    bits = v4_bits if isinstance(ip, IPv4Address) else v6_bits
    return str(ip) if bits == ip.max_prefixlen else str(ip_network((ip, bits), strict=False))
