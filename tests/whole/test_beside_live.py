"""Commands at the machine beside a running server: neither takes away the files of the other."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from infra.server import COUNTERFOIL, Server, serving
from infra.wait import wait_until
from support.sample import Sample, Talker

LOOKS = {"COUNTERFOIL_BODY_TIMEOUT": "1"}
"""So that lines are looked at five times a second."""

COMMANDS = {
    "rebuild": ("replica", "rebuild"),
    "found": ("organization", "create", "--name", "Quay", "--admin-email", "q@x.test"),
}


def command(name: str, sample: Sample) -> None:
    typed = [COUNTERFOIL, *COMMANDS[name], "--data-dir", str(sample.directory)]
    done = subprocess.run(typed, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr


def children(process: int) -> list[int]:
    listed = Path(f"/proc/{process}/task/{process}/children").read_text()
    return [int(one) for one in listed.split()]


def lost(server: Server) -> list[str]:
    """Return the files that a process of the server has open and nobody can open any more."""
    files = []
    for process in (server.process.pid, *children(server.process.pid)):
        for file in Path(f"/proc/{process}/fd").iterdir():
            try:
                files.append(str(file.readlink()))
            except FileNotFoundError:
                continue
    return [file for file in files if file.endswith("(deleted)") and "/data/" in file]


@pytest.mark.parametrize("name", COMMANDS)
def test_what_was_revoked_after_a_command_stays_revoked(sample: Sample, name: str) -> None:
    """A command beside the server, a revocation, a new start: the token is dead (R4, I8)."""
    weak = sample.token("weak")
    with serving(sample.directory, "--workers", "2", env=LOOKS) as server:
        time.sleep(1.5)
        command(name, sample)
        assert lost(server) == []
        talk = Talker(server.port).bearing(weak)
        assert talk("GET", "/cda/items?page[size]=1").status == 200
        assert talk("DELETE", "/cma/token").status == 200
        assert "readers that died" not in server.log.read_text()
    with serving(sample.directory) as server:
        assert Talker(server.port).bearing(weak)("GET", "/cda/items").status == 401


def test_a_worker_that_ends_leaves_the_others_their_files(sample: Sample) -> None:
    """A worker ends alone: what its successor and the others write is one truth (R4, R5)."""
    with serving(sample.directory, "--workers", "2", env=LOOKS) as server:
        time.sleep(1.5)
        first = children(server.process.pid)
        os.kill(first[-1], signal.SIGTERM)
        wait_until(
            lambda: (
                first[-1] not in children(server.process.pid)
                and len(children(server.process.pid)) == len(first)
            ),
            "another worker",
        )
        assert lost(server) == []
        talk = Talker(server.port).bearing(sample.token("personal"))
        assert talk("DELETE", "/cma/token").status == 200
    with serving(sample.directory) as server:
        talk = Talker(server.port).bearing(sample.token("personal"))
        assert talk("GET", "/cda/items").status == 401
