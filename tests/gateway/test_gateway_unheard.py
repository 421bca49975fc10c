"""A gate that does not hear its office logs why, in words, and nothing that is secret."""

from __future__ import annotations

import io
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path

import pytest
import structlog

from counterfoil.feed.page import Ask
from counterfoil.gateway.line import Line, UnheardError
from counterfoil.kernel.entropy import system_entropy
from counterfoil.runtime import logging
from counterfoil.runtime.repeating import Repeating
from counterfoil.secret import DEFAULT_PREFIX, Kind, Secret, hint
from infra.accepting import accepting
from infra.nginx import certificate
from infra.wait import free_port, wait_until

SECRET = Secret.mint(Kind.GATE, system_entropy, DEFAULT_PREFIX)
ASK = Ask("0" * 32, 0, 0)
SOON_S = 0.01
BODY = f'{{"errors": [{{"detail": "No gate is known by {SECRET.reveal()}."}}]}}'
REFUSES = (
    f"HTTP/1.1 401 Unauthorized\r\nContent-Length: {len(BODY)}\r\n\r\n{BODY}".encode()
)  # fmt: skip


def refused(line: socket.socket) -> None:
    """Answer as an office does that does not know a credential, and shows it as none would."""
    line.recv(65_536)
    line.sendall(REFUSES)


def why(url: str, timeout_s: float = 10.0) -> str:
    """Return what a gate makes of whoever stands at an address."""
    line = Line(url, SECRET, timeout_s)
    with pytest.raises(UnheardError) as told:
        line.page(ASK)
    line.close()
    return str(told.value)


def test_nobody_is_there() -> None:
    """An address at which nobody listens, and a name that is none, are told as the system does."""
    gone = why(f"http://127.0.0.1:{free_port()}")
    assert gone == "the office does not answer: Connection refused"
    assert why("https://office.invalid").startswith("the office does not answer: ")
    assert "Error" not in why("https://office.invalid")


@pytest.mark.parametrize(
    ("say", "said"),
    [
        (lambda line: line.recv(65_536), "it hung up"),
        (lambda line: line.sendall(b"220 mail.example.com\r\n"), "speaks no HTTP"),
    ],
    ids=["hangs up", "is a mail server"],
)
def test_somebody_else_is_there(say: Callable[[socket.socket], object], said: str) -> None:
    """What hangs up, or is no office, is told as that."""
    with accepting(say) as port:
        assert said in why(f"http://127.0.0.1:{port}")


def test_nothing_comes() -> None:
    """An office that is reached and says nothing has not answered in time."""
    held = threading.Event()
    with accepting(lambda _: held.wait()) as port:
        assert why(f"http://127.0.0.1:{port}", SOON_S).endswith("not in time")
        held.set()


def test_its_certificate_is_nobodys(tmp_path: Path) -> None:
    """A certificate of no authority is told as that; what speaks no TLS as something else."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate(tmp_path, "localhost"))
    with accepting(lambda line: context.wrap_socket(line, server_side=True)) as port:
        assert "its certificate is not trusted here, self" in why(f"https://localhost:{port}")
    with accepting(lambda line: line.sendall(b"HTTP/1.1 400 Bad\r\n\r\n")) as port:
        assert why(f"https://127.0.0.1:{port}").endswith("it speaks no TLS that this gate does")


@pytest.fixture
def out() -> Iterator[io.StringIO]:
    """Yield where the log goes."""
    out = io.StringIO()
    logging.configure("info", out)
    yield out
    logging.requests.configure(None)
    structlog.reset_defaults()


def test_the_log_says_why_without_a_secret(out: io.StringIO) -> None:
    """Each reason is logged once, in words; what goes well again is, too; a credential never."""
    absent = Line(f"http://127.0.0.1:{free_port()}", SECRET)
    with accepting(refused) as port:
        lines = cycle((absent, absent, Line(f"http://127.0.0.1:{port}", SECRET)))

        def ask() -> None:
            if not well.is_set():
                next(lines).page(ASK)

        well = threading.Event()
        it = Repeating("the feed", ask, SOON_S)
        it.start()
        wait_until(lambda: "the office answers 401" in out.getvalue(), "both reasons")
        well.set()
        wait_until(lambda: out.getvalue().count("goes well again") == 1, "it to go well")
        assert it.stop()
    told = [json.loads(one) for one in out.getvalue().splitlines()]
    assert [one.get("why", "") for one in told if one["event"] != "goes well again"] == [
        "the office does not answer: Connection refused",
        f"the office answers 401: No gate is known by {hint(SECRET.reveal())}.",
    ]
    assert {one["error"] for one in told if "error" in one} == {"UnheardError"}
    assert SECRET.reveal() not in out.getvalue()
