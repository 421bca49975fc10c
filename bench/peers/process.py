"""A server under measurement: where it runs, when it is ready, and what it uses."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Final

SERVERS: Final = 0
"""The core on which every server runs, with all its threads and processes."""
LOAD: Final = 1
"""The core of whatever asks."""

_READY_S: Final = 120.0
_STOP_S: Final = 20.0
_OK: Final = 300
_TICKS: Final = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Memory:
    """Of all processes of a server, in MB: pages in memory, and those with shared ones divided."""

    rss: float
    pss: float


@contextmanager
def pinned(core: int) -> Iterator[None]:
    """Run on one core, and let whatever is started meanwhile do so for good."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextmanager
def running(
    command: Sequence[str | Path], folder: Path, port: int, ready: str, env: Mapping[str, str]
) -> Iterator[int]:
    """Run a server on its core until the end of the block; yield its process id once it is ready.

    What it logs goes where it costs least. Node.js is told that it runs in production.
    """
    with pinned(SERVERS):
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=surroundings(folder) | dict(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    try:
        _wait(process, port, ready)
        yield process.pid
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(_STOP_S)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def surroundings(folder: Path) -> dict[str, str]:
    """Return the environment of a server: nothing of ours but the path."""
    return {"PATH": os.environ["PATH"], "HOME": str(folder), "NODE_ENV": "production"}


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def memory(pid: int) -> Memory:
    """Return what a process and its descendants have in memory now."""
    rss = pss = 0
    for each in _family(pid):
        for line in Path(f"/proc/{each}/smaps_rollup").read_text().splitlines():
            name, _, rest = line.partition(":")
            rss += int(rest.split()[0]) if name == "Rss" else 0
            pss += int(rest.split()[0]) if name == "Pss" else 0
    return Memory(rss / 1024, pss / 1024)


def processor_s(pid: int) -> float:
    """Return the processor time that a process and its descendants have used, in seconds."""
    ticks = 0
    for each in _family(pid):
        stat = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        ticks += int(stat[11]) + int(stat[12])
    return ticks / _TICKS


def _family(pid: int) -> list[int]:
    found = [pid]
    for each in found:
        for task in Path(f"/proc/{each}/task").iterdir():
            found += map(int, (task / "children").read_text().split())
    return found


def _wait(process: subprocess.Popen[bytes], port: int, path: str) -> None:
    until = time.monotonic() + _READY_S
    while time.monotonic() < until:
        if process.poll() is not None:
            message = f"{process.args!r} ended by itself"
            raise RuntimeError(message)
        if _answers(port, path):
            return
        time.sleep(0.2)
    message = f"{process.args!r} is not ready after {_READY_S:.0f} s"
    raise RuntimeError(message)


def _answers(port: int, path: str) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status < _OK
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
