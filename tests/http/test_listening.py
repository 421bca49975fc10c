"""Where the server listens, nobody else does."""

from __future__ import annotations

import socket
import subprocess
from pathlib import Path

import pytest

from counterfoil.runtime.listening import ListeningError, require_free, take
from infra.server import COUNTERFOIL, Server, is_ready
from infra.wait import free_port, wait_until


def test_a_port_that_is_taken(server: Server, tmp_path: Path) -> None:
    """A second server on one port would take half of the requests: it ends, and says why."""
    done = _serve(server.port, tmp_path)
    assert done.returncode == 3
    assert f"cannot listen on port {server.port}" in done.stderr


def test_a_port_of_another_program(tmp_path: Path) -> None:
    """A port that another program holds is named, not called a fault of ours."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        done = _serve(other.getsockname()[1], tmp_path)
    assert done.returncode == 3
    assert "choose another" in done.stderr
    assert "Traceback" not in done.stderr


def test_two_at_once(tmp_path: Path) -> None:
    """Of two servers that begin on one port in the same moment, one serves and the other ends."""
    port = free_port()
    begun = [
        subprocess.Popen(
            [COUNTERFOIL, "serve", "--data-dir", str(tmp_path / f"{number}"), "--port", str(port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for number in range(2)
    ]
    try:
        wait_until(
            lambda: sum(one.poll() is None for one in begun) == 1, "the other to end", seconds=60
        )
        assert sorted(one.poll() or 0 for one in begun) == [0, 3]
        wait_until(lambda: is_ready(port), "the one to be ready", seconds=60)
    finally:
        for one in begun:
            one.terminate()
            one.wait()


@pytest.mark.parametrize("port", [0, 1])
def test_how_an_address_is_spelled(port: int) -> None:
    """However long the name of a host is, one may listen there; any free port is nobody's."""
    number = port and free_port()
    long = f"127.{'0' * 60}.{'0' * 60}.{'1':0>60}"
    for _ in range(1 if number else 2):
        take(long, number)
    if number:
        with pytest.raises(ListeningError, match="another server is about to"):
            take(long, number)


@pytest.mark.parametrize("host", ["a" * 64, "b\udcff"])
def test_what_is_no_host(host: str) -> None:
    """A host that no name can be is named, not called a fault of ours."""
    for ask in (take, require_free):
        with pytest.raises(ListeningError, match="cannot listen"):
            ask(host, free_port())


def _serve(port: int, where: Path) -> subprocess.CompletedProcess[str]:
    command = [COUNTERFOIL, "serve", "--data-dir", str(where / "data"), "--port", str(port)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
