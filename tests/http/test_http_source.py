"""Whose address a request came from: the peer's, unless a proxy is vouched for (S42)."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from counterfoil.gate.source import Sources

PROXIES = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"), ip_network("127.0.0.1/32"))


@pytest.mark.parametrize(
    ("peer", "told", "source"),
    [
        ("192.0.2.7", "198.51.100.1", "192.0.2.7"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "203.0.113.9, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "203.0.113.9, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "nonsense", "10.0.0.1"),
        ("10.0.0.1", "203.0.113.9, nonsense, 10.0.0.2", "10.0.0.2"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("127.0.0.1", "2001:DB8::0:1", "2001:db8::1"),
        ("fd00::1", "198.51.100.1", "198.51.100.1"),
        ("", "198.51.100.1", ""),
    ],
)
def test_sources(peer: str, told: str, source: str) -> None:
    """A header counts from a trusted proxy alone, and no further than such proxies reach (S42)."""
    environ = {"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_FOR": told}
    assert Sources(PROXIES).of(environ) == source
    assert Sources().of(environ) == peer


@pytest.mark.parametrize(
    ("told", "source"),
    [
        ("for=198.51.100.1", "198.51.100.1"),
        ('For="198.51.100.1:4711";proto=https;by=10.0.0.1', "198.51.100.1"),
        ('proto=http; for="[2001:db8::1]:80"', "2001:db8::1"),
        ('for="[2001:db8::1]"', "2001:db8::1"),
        ("for=203.0.113.9, for=198.51.100.1, for=10.0.0.2", "198.51.100.1"),
        ('for=", for=198.51.100.1', "198.51.100.1"),
        ("for=203.0.113.9, for=unknown", "10.0.0.1"),
        ("for=203.0.113.9, for=_hidden", "10.0.0.1"),
        ("198.51.100.1", "198.51.100.1"),
    ],
)
def test_sources_by_rfc_7239(told: str, source: str) -> None:
    """`Forwarded` says the same as a list of addresses, whatever a client put before it (S42)."""
    environ = {"REMOTE_ADDR": "10.0.0.1", "HTTP_FORWARDED": told}
    environ["HTTP_X_FORWARDED_FOR"] = "203.0.113.9"
    assert Sources(PROXIES, "Forwarded").of(environ) == source
