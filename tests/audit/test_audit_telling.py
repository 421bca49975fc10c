"""The trail told to a syslog server: each entry in its order, and again if it may not have come."""

from __future__ import annotations

import json
import re
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import select

from counterfoil.audit.record import VERSION, entries
from counterfoil.audit.telling import Teller
from counterfoil.runtime.database import Database
from counterfoil.runtime.settings import SettingError, load
from counterfoil.runtime.syslog import Line
from infra.nginx import certificate, trusting
from infra.server import serving
from infra.wait import wait_until
from support.installation import install
from support.sample import Talker
from support.trail import grow

NAME = "localhost"
MESSAGE = re.compile(
    rb"<(?P<pri>\d+)>1 (?P<at>\S+Z) (?P<host>\S+) counterfoil - (?P<kind>\S+) - (?P<said>\{.*\})"
)


@dataclass
class Collector:
    """A syslog server that keeps what each connection said, up to its end."""

    port: int
    trust: ssl.SSLContext | None
    heard: list[bytes] = field(default_factory=list)
    hangs_up: bool = False

    def messages(self) -> list[dict[str, str]]:
        """Return the messages, cut by the length that stands before each."""
        found, left = [], b"".join(self.heard)
        while left:
            size, _, left = left.partition(b" ")
            message, left = left[: int(size)], left[int(size) :]
            said = MESSAGE.fullmatch(message)
            assert said is not None, message
            found.append({name: part.decode() for name, part in said.groupdict().items()})
        return found


@contextmanager
def collector(here: Path, *, secure: bool = True) -> Iterator[Collector]:
    pem, key = certificate(here, NAME)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(pem, key)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        told = Collector(listening.getsockname()[1], trusting(pem))
        ended = threading.Event()

        def serve() -> None:
            while not ended.is_set():
                plain, _ = listening.accept()
                plain.settimeout(10)
                with suppress(OSError), plain:
                    if told.hangs_up or ended.is_set():
                        continue
                    if not secure:
                        told.heard.append(_whole(plain))
                        continue
                    with tls.wrap_socket(plain, server_side=True) as line:
                        told.heard.append(_whole(line))
                        line.unwrap().close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield told
        ended.set()
        with suppress(OSError), socket.create_connection(("127.0.0.1", told.port), 1):
            pass
        thread.join(10)


def _whole(line: socket.socket) -> bytes:
    raw = b""
    while piece := line.recv(4096):
        raw += piece
    return raw


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Collector]:
    with collector(tmp_path) as running:
        yield running


def teller(trail: Database, server: Collector, kept: Path, secure: str = "tls") -> Teller:
    line = Line(f"syslog+{secure}://{NAME}:{server.port}", tls=server.trust, timeout_s=5)
    return Teller(trail, line.send, kept, "cms.example.com")


def bodies(trail: Database) -> list[str]:
    with trail.reading() as tx:
        rows = tx.scalars(select(entries.c.body).order_by(entries.c.position)).all()
    return [bytes(body).removeprefix(VERSION).decode() for body in rows]


def test_every_entry_comes_as_it_was_hashed(
    trail: Database, server: Collector, tmp_path: Path
) -> None:
    """RFC 5424 over TLS: all entries in their order, each with its length, and then no more (R14).

    What is written later comes next, also to one who begins again from the file.
    """
    kept = tmp_path / "told"
    assert teller(trail, server, kept).turn() == 600
    heard = server.messages()
    assert [one["said"] for one in heard] == bodies(trail)
    assert {one["host"] for one in heard} == {"cms.example.com"}
    for one in heard:
        entry = json.loads(one["said"])
        assert one["kind"] == entry["operation"]
        assert one["pri"] == ("110" if entry["outcome"] == "allowed" else "108")
    assert teller(trail, server, kept).turn() == 0
    grow(trail, 3)
    assert teller(trail, server, kept).turn() == 3
    assert [one["said"] for one in server.messages()] == bodies(trail)


def test_what_may_not_have_come_is_told_again(
    trail: Database, server: Collector, tmp_path: Path
) -> None:
    """A server that hangs up before it has read, or is not there, loses nothing (R14)."""
    telling = teller(trail, server, tmp_path / "told")
    server.hangs_up = True
    with pytest.raises(OSError, match=r".*"):
        telling.turn()
    server.hangs_up = False
    assert telling.turn() == 600
    assert [one["said"] for one in server.messages()] == bodies(trail)


def test_a_server_that_is_another_hears_nothing(
    trail: Database, server: Collector, tmp_path: Path
) -> None:
    """Its certificate must be of the name that was set (S53)."""
    line = Line(f"syslog+tls://127.0.0.1:{server.port}", tls=server.trust)
    with pytest.raises(ssl.SSLCertVerificationError):
        Teller(trail, line.send, tmp_path / "told", "").turn()
    assert server.heard == []


def test_another_trail_is_told_from_its_beginning(
    trail: Database, server: Collector, tmp_path: Path
) -> None:
    """Of a database that was put back, with other entries since, none is left out (R12, R14)."""
    kept = tmp_path / "told"
    kept.write_text(f"200 {bytes(32).hex()}\n")
    assert teller(trail, server, kept).turn() == 600
    kept.write_text(f"9000 {bytes(32).hex()}\n")
    assert teller(trail, server, kept).turn() == 600


def test_the_real_server_tells(tmp_path: Path) -> None:
    """Without TLS to this machine alone: what is done and refused is told within seconds (R14)."""
    made = install(tmp_path / "data")
    with collector(tmp_path, secure=False) as told:
        env = {"COUNTERFOIL_SYSLOG": f"syslog+tcp://localhost:{told.port}"}
        with serving(made.settings.data_dir, env=env) as server:
            talk = Talker(server.port).bearing(made.tokens[0])
            assert talk("DELETE", "/cma/nodes/4031846205310216").status == 404
            assert talk("DELETE", "/cma/token").status == 200
            wait_until(
                lambda: (
                    {"node.trash", "token.surrender"} <= {one["kind"] for one in told.messages()}
                ),
                "both to be told",
            )
    (refused,) = (one for one in told.messages() if one["kind"] == "node.trash")
    assert refused["pri"] == "108"


@pytest.mark.parametrize("url", ["syslog+tls://logs", "syslog+tls://logs:1", "syslog+tcp://[::1]"])
def test_where_the_trail_may_go(tmp_path: Path, url: str) -> None:
    """Over TLS to anywhere, without it on this machine; the workers are told the same."""
    given = load({"COUNTERFOIL_DATA_DIR": str(tmp_path), "COUNTERFOIL_SYSLOG": url})
    assert load(given.as_environment()).syslog == url


@pytest.mark.parametrize(
    "url",
    ["logs", "syslog+tcp://logs", "udp://localhost", "syslog+tls://u@logs", "syslog+tls://a:x"],
)
def test_where_the_trail_may_not_go(tmp_path: Path, url: str) -> None:
    """What is no such address, or would be read on the way, is refused at the start (S53)."""
    with pytest.raises(SettingError, match="COUNTERFOIL_SYSLOG is invalid"):
        load({"COUNTERFOIL_DATA_DIR": str(tmp_path), "COUNTERFOIL_SYSLOG": url})
