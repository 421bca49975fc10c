"""What a variable of the environment may say: a function for each sort, and one way to refuse."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Final, TypeAlias
from urllib.parse import urlsplit

Network: TypeAlias = IPv4Network | IPv6Network

PREFIX: Final = "COUNTERFOIL_"

_NATS_PORT: Final = 4222
_DATABASE: Final = "postgresql://user@host/name, with a port if need be; or not set at all"
_POSTGRES: Final = frozenset({"postgres", "postgresql", "postgresql+psycopg"})
_BASE_URL: Final = "http://host or https://host, with a port and a path if need be"
_MAIL: Final = (
    "smtp://host, smtp+starttls://user:password@host or smtps://user:password@host, "
    "with a port if need be; or console:"
)
_SYSLOG: Final = (
    "syslog+tls://host, with a port if it is not 6514; or syslog+tcp://localhost on this machine"
)
_NATS: Final = (
    "tls://host, with a port if it is not 4222, several parted by commas; "
    "or nats://localhost on this machine"
)
_HERE: Final = frozenset({"localhost", "127.0.0.1", "::1"})


class SettingError(Exception):
    """A setting that the house cannot run with. The message names it."""


def fit(name: str, fits: bool, proper: str) -> None:  # noqa: FBT001 - a claim about the name
    """Return if a variable is as it must be.

    Raises:
        SettingError: naming it, and what is `proper`; never what it says, which may be a secret.
    """
    if not fits:
        raise unfit(name, proper)


def unfit(name: str, proper: str) -> SettingError:
    """Say that a variable is not as it must be."""
    return SettingError(f"{PREFIX}{name} is invalid: it is {proper}")


def number(given: Mapping[str, str], name: str, default: int, lowest: int, highest: int) -> int:
    """Read a whole number within bounds."""
    text = given.get(f"{PREFIX}{name}") or str(default)
    digits = text.isascii() and text.isdigit() and len(text) <= len(str(highest))
    proper = f"a whole number from {lowest} to {highest}"
    fit(name, digits and lowest <= int(text) <= highest, proper)
    return int(text)


def one_of(given: Mapping[str, str], name: str, *words: str) -> str:
    """Read one of some words, of which the first is meant where nothing is said."""
    said = given.get(f"{PREFIX}{name}") or words[0]
    fit(name, said in words, f"{', '.join(words[:-1])} or {words[-1]}")
    return said


def database(url: str) -> str:
    """Read where Postgres is, by which of its names whoever; empty for the embedded one."""
    if not url:
        return ""
    scheme, _, place = url.partition("://")
    fit("DATABASE_URL", scheme in _POSTGRES and bool(place), _DATABASE)
    return f"postgresql+psycopg://{place}"


def base(url: str) -> str:
    """Read the address at which others reach us; empty if none does."""
    if not url:
        return ""
    try:
        parts = urlsplit(url)
        whole = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
        rest = parts.query or parts.fragment or parts.username
        fit("BASE_URL", bool(whole) and not rest, _BASE_URL)
    except ValueError:
        raise unfit("BASE_URL", _BASE_URL) from None
    return url.rstrip("/")


def mail(url: str) -> str:
    """Read how mail leaves; a password goes to no server that it is not encrypted for."""
    if not url or url == "console:":
        return url
    try:
        parts = urlsplit(url)
        plain = parts.scheme == "smtp" and not parts.username
        fits = bool(parts.hostname) and (plain or parts.scheme in {"smtps", "smtp+starttls"})
        rest = parts.path.strip("/") or parts.query or parts.fragment
        fit("MAIL", fits and not rest and parts.port != 0, _MAIL)
    except ValueError:
        raise unfit("MAIL", _MAIL) from None
    return url


def syslog(url: str) -> str:
    """Read where the trail is told; without TLS it does not leave this machine."""
    try:
        parts = urlsplit(url)
        here = parts.scheme == "syslog+tcp" and parts.hostname in _HERE
        fits = bool(parts.hostname) and (here or parts.scheme == "syslog+tls")
        rest = parts.path.strip("/") or parts.query or parts.fragment or parts.username
        fit("SYSLOG", not url or (fits and not rest and parts.port != 0), _SYSLOG)
    except ValueError:
        raise unfit("SYSLOG", _SYSLOG) from None
    return url


def buses(urls: str) -> str:
    """Read where a bus is: servers parted by commas. Without TLS it is on this machine alone.

    What one enters by stands in a file, and never in an address.
    """
    return ",".join(_bus(url.strip()) for url in urls.split(",")) if urls else ""


def _bus(url: str) -> str:
    try:
        parts = urlsplit(url)
        here = parts.scheme == "nats" and parts.hostname in _HERE
        fits = bool(parts.hostname) and (here or parts.scheme == "tls")
        rest = parts.path or parts.query or parts.fragment or "@" in parts.netloc
        fit("NATS", fits and not rest and parts.port != 0, _NATS)
        port = parts.port
    except ValueError:
        raise unfit("NATS", _NATS) from None
    return url if port else f"{url}:{_NATS_PORT}"


def networks(given: Mapping[str, str], name: str) -> tuple[Network, ...]:
    """Read addresses and ranges, parted by commas."""
    text = given.get(f"{PREFIX}{name}", "")
    try:
        return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())
    except ValueError:
        raise unfit(name, "addresses or ranges like 10.0.0.0/8, parted by commas") from None
