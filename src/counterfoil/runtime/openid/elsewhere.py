"""Asks a server that is not ours, and lets nobody lead us on from there (S48).

What a provider says of itself are addresses that we then call. So a name is looked up once and the
connection goes to the very address that was judged; a host other than the provider's own is asked
only where everybody may reach it; redirects are failures; and an answer has a size and a deadline.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final
from urllib.parse import SplitResult, urlsplit

import httpx2
import msgspec

from counterfoil.runtime.provider import Unreachable, is_here
from counterfoil.runtime.public import is_public

_TIMEOUT_S: Final = 5.0
_DEADLINE_S: Final = 10.0
_MOST_BYTES: Final = 512 * 1024
_OK: Final = 200
_PORTS: Final = {"https": 443, "http": 80}


def look_up(host: str, port: int) -> list[str]:
    """Return the addresses of a host, as the machine knows them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


class Elsewhere:
    """Asks a provider's servers for JSON.

    Args:
        home: the provider's own address, which an operator chose: it may be of a private network.
        look: looks hosts up.
    """

    def __init__(self, home: str, look: Callable[[str, int], list[str]] = look_up) -> None:
        parts = urlsplit(home)
        self._home, self._scheme = parts.hostname or "", parts.scheme
        self._look = look
        self._http = httpx2.Client(
            timeout=_TIMEOUT_S,
            trust_env=False,
            follow_redirects=False,
            headers={"accept": "application/json", "accept-encoding": "identity"},
        )

    def get(self, url: str) -> dict[str, object]:
        """Return the JSON object at an address.

        Raises:
            Unreachable: whatever else comes.
        """
        status, body = self._ask("GET", url, {}, None)
        if status != _OK:
            raise Unreachable(f"{_host(url)} answers {status}")
        return _object(body, url)

    def post(
        self, url: str, form: Mapping[str, str], headers: Mapping[str, str]
    ) -> tuple[int, dict[str, object]]:
        """Send a form; return the status and the JSON object that it is answered with.

        Raises:
            Unreachable: for anything but an object.
        """
        status, body = self._ask("POST", url, headers, form)
        return status, _object(body, url)

    def close(self) -> None:
        """Hang up."""
        self._http.close()

    def _ask(
        self, method: str, url: str, headers: Mapping[str, str], form: Mapping[str, str] | None
    ) -> tuple[int, bytes]:
        end = time.monotonic() + _DEADLINE_S
        parts, host, port = self._judged(url)
        *others, last = self._addresses(host, port)
        for address in (*others, last):
            there = f"[{address}]" if ":" in address else address
            request = self._http.build_request(
                method,
                parts._replace(netloc=f"{there}:{port}").geturl(),
                headers={**headers, "host": parts.netloc},
                data=None if form is None else dict(form),
                extensions={"sni_hostname": host},
            )
            try:
                return self._sent(request, end, host)
            except httpx2.ConnectError:
                if address == last:
                    break
            except httpx2.TransportError as error:
                raise Unreachable(f"{host} does not answer: {type(error).__name__}") from None
        raise Unreachable(f"{host} does not answer: no connection")

    def _sent(self, request: httpx2.Request, end: float, host: str) -> tuple[int, bytes]:
        answer = self._http.send(request, stream=True)
        try:
            return answer.status_code, _read(answer, end, host)
        finally:
            answer.close()

    def _judged(self, url: str) -> tuple[SplitResult, str, int]:
        """Return an address in parts, if it is one that may be asked at all."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port or _PORTS[parts.scheme]
        except (ValueError, KeyError):
            raise Unreachable("an address of the provider is none") from None
        if not host or parts.username is not None or parts.fragment or not url.isascii():
            raise Unreachable("an address of the provider is none")
        if parts.scheme != "https" and not (self._scheme == "http" and is_here(host)):
            raise Unreachable(f"{host} is asked over TLS or not at all")
        return parts, host, port

    def _addresses(self, host: str, port: int) -> list[str]:
        """Return the addresses of a host, if all that it has are fit to be asked."""
        try:
            found = [ip_address(one.partition("%")[0]) for one in self._look(host, port)]
        except (OSError, UnicodeError, ValueError):
            raise Unreachable(f"{host} is not known") from None
        if not found or not all(self._is_fit(host, one) for one in found):
            raise Unreachable(f"{host} is not asked: it is no public address")
        return list(dict.fromkeys(map(str, found)))

    def _is_fit(self, host: str, address: IPv4Address | IPv6Address) -> bool:
        if isinstance(address, IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped
        if address.is_loopback:
            return is_here(host) and is_here(self._home)
        if host == self._home:
            return not (address.is_link_local or address.is_multicast or address.is_unspecified)
        return is_public(address)


def _read(answer: httpx2.Response, end: float, host: str) -> bytes:
    body = bytearray()
    for piece in answer.iter_raw():
        body += piece
        if len(body) > _MOST_BYTES or time.monotonic() > end:
            raise Unreachable(f"{host} answers with too much, or too slowly")
    return bytes(body)


def _object(body: bytes, url: str) -> dict[str, object]:
    try:
        return msgspec.json.decode(body, type=dict[str, object])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise Unreachable(f"{_host(url)} does not answer with a JSON object") from None


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""
