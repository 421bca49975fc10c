"""Where things are: the API, the proxy, the gate and the server's data."""

from __future__ import annotations

import re
from dataclasses import MISSING, dataclass, fields
from ipaddress import AddressValueError, IPv6Address
from types import MappingProxyType
from typing import Final

from counterfoil.kernel.errors import Code, Invalid
from counterfoil.kernel.ids import ApiId, Prefix, spell
from counterfoil.kernel.sentence import Sentence, sentence

_NAME: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?")
_SOCKET: Final = re.compile(r"unix:((?:/[A-Za-z0-9._-]+)+)")
_PORT: Final = re.compile(r"[1-9][0-9]{0,4}")
_TARGET: Final = re.compile(r"/[\x21-\x7e]{0,299}")
_TAME: Final = " ._-"
_MOST_PORT: Final = 65_535
_MOST_CHARS: Final = 300
_SOCKET_CHARS: Final = 107


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where everything is on which a snippet depends. None of it can be more than a value there.

    Attributes:
        name: what people call the API.
        upstream: where it listens, as host:port.
        port: where the proxy listens.
        gate: where the gate listens, as host:port or unix:/path.
        data_dir: the server's data, as a whole path.
    """

    api: ApiId
    name: str
    upstream: str = "127.0.0.1:8000"
    port: str = "8080"
    gate: str = "127.0.0.1:8401"
    data_dir: str = "/srv/counterfoil"

    def __post_init__(self) -> None:
        """Raise Invalid for the first that is wrong, by its name."""
        for field, given in (("upstream", self.upstream), ("gate", self.gate)):
            at_socket = field == "gate" and self.gate_path
            if not at_socket and not _is_host_and_port(given):
                raise _wrong(field, sentence("Host and port, as in 127.0.0.1:8000."))
        if not _is_port(self.port):
            raise _wrong("port", sentence("A port is a number from 1 to 65535."))
        if not (
            self.data_dir.startswith("/")
            and self.data_dir.isprintable()
            and len(self.data_dir) <= _MOST_CHARS
        ):
            raise _wrong("data_dir", sentence("A whole path, which begins with a slash."))

    @property
    def gate_path(self) -> str:
        """The path of the Unix socket at which the gate listens; empty if it listens elsewhere."""
        found = _SOCKET.fullmatch(self.gate)
        return found[1] if found and len(found[1]) <= _SOCKET_CHARS else ""

    @property
    def id(self) -> str:
        """The API as a proxy names it."""
        return spell(Prefix.API, self.api)

    @property
    def known_as(self) -> str:
        """The API in a comment of one line, in signs that mean nothing to anybody who reads it.

        Traefik fills in templates in comments too, Caddy its variables, and Python looks there for
        how the file is encoded.
        """
        name = "".join(sign if sign.isalnum() or sign in _TAME else " " for sign in self.name)
        return f"{' '.join(name.split())} ({self.id})"


def is_target(text: str) -> bool:
    """Say whether that is an address of an API without its host, as it can be sent."""
    return bool(_TARGET.fullmatch(text))


USUAL: Final = MappingProxyType(
    {one.name: str(one.default) for one in fields(Whereabouts) if one.default is not MISSING}
)
"""Where things are unless somebody says otherwise, by field."""


def proper_target(text: str) -> str:
    """Return an address of an API without its host, or raise Invalid."""
    if not is_target(text):
        raise _wrong(
            "target", sentence("It begins with a slash, and has visible characters of ASCII alone.")
        )
    return text


def split(address: str) -> tuple[str, str]:
    """Return host and port of an address, an IPv6 host without its brackets."""
    host, _, port = address.rpartition(":")
    return host.strip("[]"), port


def _is_host_and_port(text: str) -> bool:
    host, colon, port = text.rpartition(":")
    if not colon or not _is_port(port):
        return False
    if not host.startswith("["):
        return bool(_NAME.fullmatch(host))
    try:
        address = IPv6Address(host[1:-1]) if host.endswith("]") else None
    except AddressValueError:
        return False
    return address is not None and address.scope_id is None


def _is_port(text: str) -> bool:
    return bool(_PORT.fullmatch(text)) and int(text) <= _MOST_PORT


def _wrong(field: str, said: Sentence) -> Invalid:
    return Invalid(Code.INVALID_FIELD, said, field=f"/{field}")
