"""The real server, as a user starts it, for tests that must see what Granian makes of things."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from infra.wait import free_port, wait_until

COUNTERFOIL = str(Path(sys.executable).with_name("counterfoil"))
STOPS_WITHIN = 60


@dataclass(frozen=True)
class Server:
    """A server that was ready when it was handed out."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def workers(self) -> list[int]:
        """Return the processes that answer: those of its children that hold the replica."""
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [int(child) for child in children if _holds_replica(int(child))]


@contextmanager
def serving(
    data_dir: Path, *options: str, env: Mapping[str, str] | None = None, port: int = 0
) -> Iterator[Server]:
    """Run `counterfoil serve` on a port, a free one if none is named, till it stops by SIGTERM.

    A test may kill the process itself; nothing of its process group outlives the block.
    """
    port = port or free_port()
    command = ["serve", "--data-dir", str(data_dir), "--port", str(port), *options]
    with _running(data_dir, port, command, env, lambda: is_ready(port)) as server:
        yield server


@contextmanager
def gateway(
    data_dir: Path, *options: str, env: Mapping[str, str] | None = None, port: int = 0
) -> Iterator[Server]:
    """Run `counterfoil gate` on a port, a free one if none is named, until SIGTERM stops it."""
    port = port or free_port()
    listen = f"127.0.0.1:{port}"
    command = ["gate", "--data-dir", str(data_dir), "--listen", listen, *options]
    with _running(data_dir, port, command, env, lambda: is_ready(port)) as server:
        yield server


@contextmanager
def gateway_at(data_dir: Path, path: Path, *options: str) -> Iterator[Server]:
    """Run `counterfoil gate` on a Unix socket, until SIGTERM stops it; its port is 0."""
    command = ["gate", "--data-dir", str(data_dir), "--listen", f"unix:{path}", *options]
    with _running(data_dir, 0, command, None, lambda: is_ready_at(path)) as server:
        yield server


@contextmanager
def begun(
    data_dir: Path, verb: str, *options: str, env: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """Begin `counterfoil VERB` and wait for nothing, until SIGTERM stops it; its port is 0."""
    command = [verb, "--data-dir", str(data_dir), *options]
    with _running(data_dir, 0, command, env, lambda: True) as server:
        yield server


@contextmanager
def _running(
    data_dir: Path,
    port: int,
    command: list[str],
    env: Mapping[str, str] | None,
    ready: Callable[[], bool],
) -> Iterator[Server]:
    log = data_dir.with_name(f"{data_dir.name}-{port}.log")
    with log.open("wb") as out:
        process = subprocess.Popen(
            [COUNTERFOIL, *command],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            env={**os.environ, **(env or {})},
            start_new_session=True,
        )
    try:
        _await_ready(process, log, ready)
        yield Server(port, process, log)
        process.send_signal(signal.SIGTERM)
        process.wait(STOPS_WITHIN)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _await_ready(process: subprocess.Popen[bytes], log: Path, ready: Callable[[], bool]) -> None:
    try:
        wait_until(lambda: ready() or process.poll() is not None, f"{log.name} to be ready")
    except TimeoutError as error:
        raise RuntimeError(log.read_text()) from error
    if process.returncode is not None:
        raise RuntimeError(log.read_text())


def _holds_replica(pid: int) -> bool:
    try:
        return "lmdb" in Path(f"/proc/{pid}/maps").read_text()
    except OSError:
        return False


def is_ready(port: int) -> bool:
    """Whether `/readyz` answers 200."""
    return _says_ready(HTTPConnection("127.0.0.1", port, timeout=2))


def is_ready_at(path: Path) -> bool:
    """Whether `/readyz` answers 200 over a Unix socket."""
    return _says_ready(OverSocket(path))


class OverSocket(HTTPConnection):
    """A connection by a Unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=2)
        self._path = path

    def connect(self) -> None:
        """Connect to the path."""
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


def _says_ready(connection: HTTPConnection) -> bool:
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
