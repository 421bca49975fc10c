"""HTTP/2 over TLS by hand: blocks of headers as they are given, for what no client would send."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    Event,
    ResponseReceived,
    StreamEnded,
    StreamReset,
)
from h2.exceptions import ProtocolError

from support.raw_http import Heard

HOST = "api.test"
Fields = tuple[tuple[str, str], ...]
"""Of one block, in its order. Pseudo headers are fields like all others."""

_as_given = partial(
    H2Configuration,
    header_encoding="latin-1",
    validate_outbound_headers=False,
    normalize_outbound_headers=False,
    validate_inbound_headers=False,
)


@dataclass(frozen=True)
class Framed:
    """A request as it goes over the wire: a block, a body, and a block after it."""

    fields: Fields
    body: bytes = b""
    trailers: Fields = ()


@dataclass
class _Answer:
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    whole: bool = False


def say_framed(
    port: int, trust: ssl.SSLContext, requests: Sequence[Framed], *, timeout: float = 5
) -> list[Heard | None]:
    """Send requests at once on one connection; return the answer to each, none if it was cut off.

    All blocks come before the first body, and all bodies before the first block after one.
    """
    trust.set_alpn_protocols(["h2"])
    with (
        socket.create_connection(("127.0.0.1", port), timeout) as bare,
        trust.wrap_socket(bare, server_hostname=HOST) as line,
    ):
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # or each waits for a receipt
        assert line.selected_alpn_protocol() == "h2"
        return _exchange(line, requests)


def _exchange(line: ssl.SSLSocket, requests: Sequence[Framed]) -> list[Heard | None]:
    connection = H2Connection(_as_given())
    connection.initiate_connection()
    answers = dict(zip(_send(connection, requests), (_Answer() for _ in requests), strict=True))
    with suppress(OSError, ProtocolError):
        line.sendall(connection.data_to_send())
        while not all(one.whole for one in answers.values()) and (got := line.recv(65_536)):
            for event in connection.receive_data(got):
                _take(event, answers, connection)
            line.sendall(connection.data_to_send())
    return [_heard(one) for one in answers.values()]


def _send(connection: H2Connection, requests: Sequence[Framed]) -> list[int]:
    """Write the requests; return the numbers of their streams."""
    numbered = [(2 * count + 1, one) for count, one in enumerate(requests)]
    for stream, one in numbered:
        ends = not one.body and not one.trailers
        connection.send_headers(stream, _bytes(one.fields), end_stream=ends)
    for stream, one in numbered:
        if one.body or one.trailers:
            connection.send_data(stream, one.body, end_stream=not one.trailers)
    for stream, one in numbered:
        if one.trailers:
            connection.send_headers(stream, _bytes(one.trailers), end_stream=True)
    return [stream for stream, _ in numbered]


def _take(event: Event, answers: dict[int, _Answer], connection: H2Connection) -> None:
    match event:
        case ResponseReceived(stream_id=stream, headers=headers):
            answers[stream].headers = [(str(name), str(value)) for name, value in headers]
        case DataReceived(stream_id=stream, data=data, flow_controlled_length=length):
            answers[stream].body += data
            connection.acknowledge_received_data(length, stream)
        case StreamEnded(stream_id=stream):
            answers[stream].whole = True
        case StreamReset(stream_id=stream):
            answers[stream] = _Answer(whole=True)
        case ConnectionTerminated():
            for one in answers.values():
                one.whole = True
        case _:
            pass


def _heard(answer: _Answer) -> Heard | None:
    if not answer.headers:
        return None
    return Heard(int(dict(answer.headers)[":status"]), answer.headers, answer.body)


def _bytes(fields: Fields) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in fields]
