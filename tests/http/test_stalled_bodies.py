"""Half a request, and then nothing: whoever sends it, and however often, stops nobody else."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from counterfoil.app.worker import LINES
from infra.server import Server, is_ready, serving
from infra.wait import wait_until
from support.installation import Installed
from support.raw_http import ask, hear

MANY = 40
"""More than the two workers have threads together."""

SIGN_IN = "Content-Type: application/x-www-form-urlencoded"
WRONG = b"email=nobody%40acme.test&password=wrong-password"


def _bearer(token: str) -> str:
    return f"Authorization: Bearer {token}"


@contextmanager
def _stalled(server: Server, first_line: str, *headers: str) -> Iterator[list[socket.socket]]:
    """So many connections that announce a body and send two bytes of it."""
    head = "\r\n".join([first_line, "Host: localhost", *headers, "Content-Length: 48", "", "{ "])
    with ExitStack() as stack:
        lines = []
        for _ in range(MANY):
            line = socket.create_connection(("127.0.0.1", server.port), 10)
            stack.enter_context(line)
            line.sendall(head.encode())
            lines.append(line)
        yield lines


def test_where_no_body_is_taken(server: Server, installed: Installed) -> None:
    """An open door that takes no body answers without waiting for one (R18)."""
    with _stalled(server, "GET /livez HTTP/1.1") as lines:
        assert {hear(line).status for line in lines} == {200}
    with _stalled(server, "POST /signout HTTP/1.1") as lines:
        answered = {hear(line).status for line in lines}
    assert max(answered) < 500
    token = installed.tokens[30]
    assert ask(server.port, "GET", "/cma/token", _bearer(token)).status == 200


def test_a_body_that_is_none_is_not_waited_for(server: Server, installed: Installed) -> None:
    """A request that takes no body is refused by the length that it announces (R18, S38)."""
    head = (
        f"PUT /cma/items/1/publish HTTP/1.1\r\nHost: localhost\r\n{_bearer(installed.tokens[31])}"
        '\r\nIf-Match: "1"\r\nContent-Type: application/json\r\nContent-Length: 4000\r\n\r\n{'
    )
    with socket.create_connection(("127.0.0.1", server.port), 10) as line:
        line.sendall(head.encode())
        assert hear(line).status == 400


@pytest.mark.parametrize("path", ["/signin", "/oauth/token"])
def test_anybody_may_stall(server: Server, installed: Installed, path: str) -> None:
    """Bodies that stall hold fewer threads than there are: all else is served meanwhile (R18).

    Those beyond are told at once to come again, and so is whoever sends a whole body; when the
    places are free again, everything is as before.
    """
    with _stalled(server, f"POST {path} HTTP/1.1", SIGN_IN):
        for token in installed.tokens[:20]:
            assert ask(server.port, "GET", "/cma/token", _bearer(token)).status == 200
        answers = []

        def is_full() -> bool:
            answers.append(ask(server.port, "POST", "/signin", SIGN_IN, body=WRONG))
            return answers[-1].status == 503

        wait_until(is_full, "what stalls to be let in")
        full = answers[-1]
        assert full.header("retry-after") == "1"
        assert full.json["errors"][0]["code"] == "NOT_READY"
        assert ask(server.port, "GET", "/readyz").status == 200
    wait_until(
        lambda: ask(server.port, "POST", "/signin", SIGN_IN, body=WRONG).status in {401, 429},
        "a place to be free again",
    )


def test_stalled_by_token(server: Server, installed: Installed) -> None:
    """So it is behind a token, and a stalled upload is none of the others' concern (R18)."""
    bearer = _bearer(installed.tokens[32])
    with _stalled(server, "POST /cma/nodes HTTP/1.1", bearer, "Content-Type: application/json"):
        for token in installed.tokens[20:30]:
            assert ask(server.port, "GET", "/cma/token", _bearer(token)).status == 200


@pytest.fixture(scope="module")
def hasty(installed: Installed) -> Iterator[Server]:
    """A server that cuts a line which is silent for a second in the middle of a body."""
    one = ("--workers", "1")
    with serving(installed.settings.data_dir, *one, env={"COUNTERFOIL_BODY_TIMEOUT": "1"}) as own:
        yield own


def test_what_stalls_is_cut(hasty: Server) -> None:
    """Nobody holds a place for ever: the line is cut, and who waited there is told why (R18)."""
    with _stalled(hasty, "POST /signin HTTP/1.1", SIGN_IN) as lines:
        heard = [hear(line) for line in lines]
    assert {one.status for one in heard} == {400, 503}
    details = {one.json["errors"][0]["detail"] for one in heard if one.status == 400}
    assert details == {"The body ended before its Content-Length."}
    assert ask(hasty.port, "POST", "/signin", SIGN_IN, body=WRONG).status in {401, 429}


def test_what_is_slow_is_not_cut(hasty: Server) -> None:
    """Whoever goes on sending is waited for, however long the whole takes (R18)."""
    head = f"POST /signin HTTP/1.1\r\nHost: localhost\r\n{SIGN_IN}\r\nContent-Length: {len(WRONG)}"
    with socket.create_connection(("127.0.0.1", hasty.port), 10) as line:
        line.sendall(f"{head}\r\n\r\n".encode())
        for at in range(0, len(WRONG), 6):
            time.sleep(0.3)
            line.sendall(WRONG[at : at + 6])
        assert hear(line).status in {401, 429}


def test_an_idle_line_is_not_cut(hasty: Server) -> None:
    """A line that waits between two requests is left alone (R18)."""
    with socket.create_connection(("127.0.0.1", hasty.port), 10) as line:
        for pause in (2, 0):
            line.sendall(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert hear(line).status == 200
            time.sleep(pause)


def test_lines_that_say_nothing(hasty: Server) -> None:
    """As many lines as a worker holds, on which never a byte comes, give way to others (R18)."""
    with ExitStack() as stack:
        for _ in range(LINES + MANY):
            line = socket.create_connection(("127.0.0.1", hasty.port), 10)
            stack.enter_context(line)
        wait_until(lambda: is_ready(hasty.port), "a line to be free")
