"""A body that comes late does nothing for a credential that has died meanwhile (I1)."""

from __future__ import annotations

import json
import socket
import time
from contextlib import closing
from http.client import HTTPConnection, HTTPResponse
from urllib.parse import urlencode

from counterfoil.demo.walk import Walk
from infra.server import Server
from support.sample import Said, Sample, Talker, said

AT_THE_GATE_S = 0.5
"""By then a gate has verified a request of which it has the head."""


class Slow:
    """A request whose body stops halfway until it is told to go on."""

    def __init__(self, port: int, token: str, method: str, path: str, body: object) -> None:
        raw = json.dumps(body).encode()
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(raw)}\r\n\r\n"
        )
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self._socket.sendall(head.encode() + raw[:20])
        self._rest = raw[20:]
        time.sleep(AT_THE_GATE_S)

    def go_on(self) -> Said:
        with closing(self._socket):
            self._socket.sendall(self._rest)
            response = HTTPResponse(self._socket)
            response.begin()
            return said(response)


def test_of_a_token(sample: Sample, server: Server) -> None:
    """A token that is revoked while its request comes in writes nothing (I1, X15)."""
    personal = sample.token("personal")
    talk = Talker(server.port).bearing(personal)
    parent = {"data": {"type": "node", "id": sample.told["nodes"]["/site/public"]}}
    body = {
        "data": {
            "type": "node",
            "attributes": {"kind": "folder", "slug": "late"},
            "relationships": {"parent": parent},
        }
    }
    slow = Slow(server.port, personal, "POST", "/cma/nodes", body)
    assert talk("DELETE", "/cma/token").status == 200
    answer = slow.go_on()
    assert (answer.status, answer.body["errors"][0]["code"]) == (401, "INVALID_TOKEN")
    manager = Talker(server.port).bearing(sample.token("manager"))
    assert manager("GET", "/cma/nodes?filter[path]=/site/public/late").status == 404


def test_of_a_session(sample: Sample, server: Server) -> None:
    """A session that is ended while its request comes in mints nothing (I1, S44)."""
    ben = sample.told["people"][1]
    with closing(Walk(server.url, tell=lambda _line: None)) as walk:
        session = walk.sign_in("Ben", ben["email"], ben["password"])
    attributes = {"name": "late", "scopes": ["content:read"]}
    body = {"data": {"type": "personal_access_token", "attributes": attributes}}
    manager = Talker(server.port).bearing(sample.token("manager"))
    before = made(manager)
    slow = Slow(server.port, session, "POST", "/cma/personal_access_tokens", body)
    assert _post_form(server.port, "/oauth/revoke", {"token": session}) == 200
    answer = slow.go_on()
    assert (answer.status, answer.body["errors"][0]["code"]) == (401, "INVALID_TOKEN")
    assert made(manager) == before


def made(manager: Talker) -> int:
    """Return how many personal tokens were asked for, as the trail tells."""
    trail = manager("GET", "/cma/audit_events?filter[operation]=token.request").body["data"]
    return sum(one["attributes"]["outcome"] == "allowed" for one in trail)


def _post_form(port: int, path: str, form: dict[str, str]) -> int:
    with closing(HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", path, urlencode(form), kind)
        return connection.getresponse().status
