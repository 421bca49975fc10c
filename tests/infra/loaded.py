"""Commands that begin with their modules loaded: to load them is two thirds of a server's start.

One process of a session of tests has loaded what serves, runs nothing of it, and forks whoever
begins. Who begins runs the command from its first line, as a leader of its own process group with
the environment and the log that it is given. What measures begins its commands as an operator does.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from multiprocessing import get_context, set_start_method
from pathlib import Path
from typing import Final, TypeAlias

from counterfoil.cli import main

_HOUSE: Final = get_context("forkserver")
_SERVES: Final = [
    "counterfoil.cli.machine.serve", "counterfoil.app.serve", "counterfoil.gateway.serve"
]  # fmt: skip
_asked: Final[list[str]] = []


def beforehand() -> None:
    """Have this process begin commands that are loaded; until then each loads its own modules."""
    _HOUSE.set_forkserver_preload(_SERVES)
    _asked.extend(_SERVES)


class Loaded:
    """A command that runs, as `subprocess.Popen` shows one; `args` is what was typed."""

    def __init__(self, args: Sequence[str], log: Path, env: Mapping[str, str]) -> None:
        self.args = list(args)
        self._it = _HOUSE.Process(
            target=_be, args=(self.args, str(log), dict(env), str(Path.cwd()))
        )
        self._it.start()
        assert self._it.pid
        self.pid = self._it.pid

    @property
    def returncode(self) -> int | None:
        """How it ended: less than nothing by a signal, None while it runs."""
        return self._it.exitcode

    def poll(self) -> int | None:
        """Return how it ended, None while it runs."""
        return self._it.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Return how it ended, once it has.

        Raises:
            TimeoutExpired: if it still runs after so many seconds.
        """
        self._it.join(timeout)
        if (code := self._it.exitcode) is None:
            raise subprocess.TimeoutExpired(self.args, timeout or 0)
        return code

    def send_signal(self, what: int) -> None:
        """Send it a signal, if it runs."""
        if self.poll() is None:
            os.kill(self.pid, what)


Begun: TypeAlias = subprocess.Popen[bytes] | Loaded


def begin(
    command: Sequence[str], log: Path, env: Mapping[str, str], *, typed: bool = False
) -> Begun:
    """Begin a command of ours, with so much more in its environment than is in this one.

    A Python of its own loads it where it is `typed`, as an operator does, where the environment
    tells Python something, and in whatever did not ask for it `beforehand`.
    """
    around = {**os.environ, **env}
    if _asked and not (typed or any(name.startswith("PYTHON") for name in env)):
        return Loaded(command, log, around)
    with log.open("ab") as out:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            env=around,
            start_new_session=True,
        )


def _be(args: list[str], log: str, env: dict[str, str], place: str) -> None:
    """Be the command."""
    os.setsid()
    set_start_method("fork", force=True)  # as where nobody chose: else its workers load all anew
    with Path(log).open("ab") as said:
        os.dup2(said.fileno(), 1)
        os.dup2(said.fileno(), 2)
    os.environ.clear()
    os.environ.update(env)
    time.tzset()
    os.chdir(place)
    sys.argv = args
    main(args[1:])
