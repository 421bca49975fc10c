"""One real Postgres per test session, shared by all its processes."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import LiteralString
from uuid import uuid4

import psycopg
from psycopg.sql import SQL, Identifier

from infra.keeper import ENV, binaries, ordinary_user, run, start
from infra.wait import free_port, wait_until

TESTS = Path(__file__).parents[1]

_PRLIMIT = shutil.which("prlimit") or "prlimit"

_keepers: list[subprocess.Popen[bytes]] = []  # they may outlive us, so nobody waits for them


@contextmanager
def shared_postgres(state: Path) -> Iterator[int]:
    """Give the port of the server that the processes which name the same folder share."""
    state.mkdir(exist_ok=True)
    with (state / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (state / "port").exists():
            start_keeper(state)
        alive = os.open(state / "alive", os.O_WRONLY)
    try:
        yield int((state / "port").read_text())
    finally:
        os.close(alive)


def start_keeper(state: Path) -> None:
    """Start the process that owns the server; return when the server accepts connections."""
    alive = state / "alive"
    alive.unlink(missing_ok=True)
    os.mkfifo(alive)
    held = os.open(alive, os.O_RDWR)  # so that the keeper sees no end before we have joined
    try:
        with (state / "keeper.log").open("wb") as log:
            keeper = subprocess.Popen(
                [sys.executable, "-m", "infra.keeper", state],
                cwd=TESTS, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        _keepers.append(keeper)
        wait_until(
            lambda: (state / "port").exists() or keeper.poll() is not None, "the shared Postgres"
        )
        if keeper.returncode is not None:
            raise RuntimeError((state / "keeper.log").read_text())
    finally:
        os.close(held)


@dataclass(frozen=True)
class Cluster:
    """A Postgres of a test's own, which it may set, stop and copy."""

    port: int
    data: Path
    process: subprocess.Popen[bytes]

    def stop(self) -> None:
        """Have it end."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(20)

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Have all its processes stand still, as a machine does that swaps; then they go on.

        Its kernel goes on acknowledging what it is sent.
        """
        self.tell_all(signal.SIGSTOP)
        try:
            yield
        finally:
            self.tell_all(signal.SIGCONT)

    def tell_all(self, what: signal.Signals) -> None:
        """Send a signal to its processes: first to the one that begins others."""
        self.process.send_signal(what)
        for one in self.children():
            with suppress(ProcessLookupError):
                os.kill(one, what)

    def children(self) -> list[int]:
        """Return its processes but the first."""
        there = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(one) for one in there.read_text().split()]

    @contextmanager
    def begun_again(self) -> Iterator[Cluster]:
        """Run it anew at the same port, once it was stopped."""
        found = binaries(self.data.parents[1])
        other = Cluster(self.port, self.data, run(self.data, found, self.port))
        try:
            yield other
        finally:
            other.stop()

    def fill(self) -> None:
        """Leave it no room: none of its processes can write to a file from now on."""
        for process in (self.process.pid, *self.children()):
            subprocess.run(
                [_PRLIMIT, "--pid", str(process), "--fsize=0:unlimited"],
                check=False, env=ENV, cwd="/", **ordinary_user(),
            )  # fmt: skip

    def copy(self) -> Path:
        """Copy it by `pg_basebackup` while it runs; return where the copy lies."""
        found, copy = binaries(self.data.parents[1]), self.data.with_name("copy")
        subprocess.run(
            [found / "pg_basebackup", "-D", copy, "-X", "stream", "-c", "fast",
             "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres"],
            check=True, stdout=sys.stderr, env=ENV, cwd=self.data.parent, **ordinary_user(),
        )  # fmt: skip
        return copy

    @contextmanager
    def again(self, copy: Path) -> Iterator[Cluster]:
        """Run the copy."""
        port = free_port()
        other = Cluster(port, copy, run(copy, binaries(self.data.parents[1]), port))
        try:
            yield other
        finally:
            other.stop()

    def url(self) -> str:
        """Return the SQLAlchemy URL of its first database."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/postgres"

    def tell(self, *statements: LiteralString) -> None:
        """Run statements as its superuser, each in a transaction of its own."""
        server = f"postgresql://postgres@127.0.0.1:{self.port}/postgres"
        with psycopg.connect(server, autocommit=True) as admin:
            for statement in statements:
                admin.execute(statement)


@contextmanager
def own_postgres() -> Iterator[Cluster]:
    """Run a Postgres that nobody else uses, and take it away with all that it holds."""
    scratch = Path(tempfile.mkdtemp(prefix="counterfoil-pg-"))
    try:
        process, port = start(scratch)
        running = Cluster(port, scratch / "home" / "data", process)
        try:
            yield running
        finally:
            running.stop()
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


@contextmanager
def new_database(port: int) -> Iterator[str]:
    """Give the SQLAlchemy URL of an empty database that nobody else uses; drop it afterwards."""
    server, name = f"postgresql://postgres@127.0.0.1:{port}/postgres", f"t_{uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        try:
            yield f"postgresql+psycopg://postgres@127.0.0.1:{port}/{name}"
        finally:
            admin.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))
