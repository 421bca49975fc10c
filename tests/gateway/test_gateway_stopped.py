"""A gate and an office that were stopped and go on end when they are told to."""

from __future__ import annotations

import os
import signal
from contextlib import AbstractContextManager
from pathlib import Path

from infra.server import Server, gateway, serving
from support.doorway import House
from support.installation import install

ENDS_WITHIN = 60


def _others(pid: int) -> list[int]:
    """The threads of a process but its first one."""
    return sorted({int(one.name) for one in Path(f"/proc/{pid}/task").iterdir()} - {pid})


def _require_end(running: AbstractContextManager[Server]) -> None:
    """Tell another thread than the first one, as the kernel does after a SIGCONT."""
    with running as server:
        (other, *_) = _others(server.process.pid)
        os.kill(other, signal.SIGTERM)
        assert server.process.wait(ENDS_WITHIN) == 0


def test_a_gate_ends_whichever_of_its_threads_is_told(house: House) -> None:
    """SIGTERM ends a gate also where its first thread is not the one that the kernel gives it."""
    _require_end(gateway(house.home))


def test_an_office_ends_whichever_of_its_threads_is_told(tmp_path: Path) -> None:
    """So it ends an office."""
    home = install(tmp_path / "data").settings.data_dir
    _require_end(serving(home, "--workers", "1"))
