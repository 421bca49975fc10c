"""Where the server listens, nobody else does."""

from __future__ import annotations

import socket
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from counterfoil.runtime.listening import ListeningError, require_free, take, take_path
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
        with pytest.raises(ListeningError, match="another server listens there, or begins"):
            take(long, number)


@pytest.mark.parametrize("host", ["a" * 64, "b\udcff"])
def test_what_is_no_host(host: str) -> None:
    """A host that no name can be is named, not called a fault of ours."""
    for ask in (take, require_free):
        with pytest.raises(ListeningError, match="cannot listen"):
            ask(host, free_port())


@pytest.fixture
def folder() -> Iterator[Path]:
    """A directory whose name is short enough for a socket in it."""
    with TemporaryDirectory() as made:
        yield Path(made)


def test_what_a_killed_server_left_is_taken_away(folder: Path) -> None:
    """A socket at which nobody listens any more is in nobody's way."""
    path = folder / "gate.sock"
    with socket.socket(socket.AF_UNIX) as killed:
        killed.bind(str(path))
        killed.listen()
    assert stat.S_ISSOCK(path.stat().st_mode)
    take_path(path)
    assert not path.exists()


@pytest.mark.parametrize("busy", [False, True])
def test_nobody_is_robbed_of_a_socket(folder: Path, *, busy: bool) -> None:
    """The socket of a server that listens stays its own, by whatever name it is asked for.

    So it is where it has as many waiting as it takes, and answers nobody.
    """
    path, link = folder / "gate.sock", folder / "link.sock"
    link.symlink_to(path)
    with socket.socket(socket.AF_UNIX) as other, socket.socket(socket.AF_UNIX) as waits:
        other.bind(str(path))
        other.listen(0)
        if busy:
            waits.connect(str(path))
        with pytest.raises(ListeningError, match="another server does"):
            take_path(link)
    assert stat.S_ISSOCK(path.stat().st_mode)


def test_a_path_is_taken_once(folder: Path) -> None:
    """Of two that begin at one path, only the first may, before either of them listens."""
    take_path(folder / "gate.sock")
    with pytest.raises(ListeningError, match="another server listens there, or begins"):
        take_path(folder / "." / "gate.sock")
    take_path(folder / "other.sock")


def test_no_file_is_taken_for_a_socket(folder: Path) -> None:
    """A file that is no socket stays, with what is in it."""
    path = folder / "notes"
    path.write_text("kept")
    with pytest.raises(ListeningError, match="that is no socket"):
        take_path(path)
    assert path.read_text() == "kept"


def test_a_socket_stands_where_not_everybody_may_put_one(folder: Path) -> None:
    """Where everybody may write, anybody could be asked in place of the server, sticky or not."""
    folder.chmod(0o1777)
    with pytest.raises(ListeningError, match="everybody may write to"):
        take_path(folder / "gate.sock")


def test_a_path_that_can_be_none(folder: Path) -> None:
    """A path that is too long, or in no directory, is named before anything is served."""
    with pytest.raises(ListeningError, match="No such file or directory"):
        take_path(folder / "nowhere" / "gate.sock")
    with pytest.raises(ListeningError, match="107 bytes at most"):
        take_path(folder / ("s" * 108))
    (folder / "round").symlink_to(folder / "round")
    with pytest.raises(ListeningError, match="Too many levels of symbolic links"):
        take_path(folder / "round")


def _serve(port: int, where: Path) -> subprocess.CompletedProcess[str]:
    command = [COUNTERFOIL, "serve", "--data-dir", str(where / "data"), "--port", str(port)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
