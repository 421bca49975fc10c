"""An office and gates as processes of this machine, and tokens that are there to be revoked."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from counterfoil.access.caller import Origin
from counterfoil.access.surface import ALL_SURFACES
from counterfoil.app import build, gates
from counterfoil.runtime.settings import Settings
from counterfoil.tokens.api_token import create_api_token
from counterfoil.tokens.wish import Wish
from infra.server import COUNTERFOIL, is_ready
from infra.wait import free_port, wait_until
from support.installation import Installed, admin_again, trusting

MANAGERS = 40
"""Each of them may ask thirty things in three seconds."""


@dataclass(frozen=True)
class Victim:
    """A token that is there to be revoked."""

    id: int
    text: str


class Running:
    """A command of ours, on a port of its own, that is begun and ended as often as one likes.

    Attributes:
        before: what its command begins with, in a network of its own.
    """

    def __init__(
        self, log: Path, port: int, *command: str, env: Mapping[str, str] | None = None
    ) -> None:
        self.port = port
        self.before: Sequence[str] = ()
        self._env = {**os.environ, **(env or {})}
        self._log = log
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None

    def begin(self) -> None:
        """Begin it."""
        with self._log.open("ab") as out:
            self._process = subprocess.Popen(
                [*self.before, COUNTERFOIL, *self._command],
                stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
                env=self._env,
            )  # fmt: skip

    def processes(self) -> list[int]:
        """Return its processes: the command and its children."""
        if self._process is None:
            return []
        pid = self._process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [pid, *map(int, children)]

    def ready(self) -> None:
        """Wait until it can be asked."""
        wait_until(lambda: is_ready(self.port), f"port {self.port} to be ready", seconds=60)

    def tell(self, what: signal.Signals) -> None:
        """Send all of its processes a signal."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, what)

    def kill(self) -> None:
        """End it at once."""
        self.tell(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()


def gate(
    folder: Path,
    settings: Settings,
    number: int,
    office: int,
    *more: str,
    env: Mapping[str, str] | None = None,
) -> Running:
    """Enroll a gate, and say how it is begun."""
    credential, port = folder / f"gate-{number}.credential", free_port()
    gates.add(settings, f"gate-{number}").write(credential)
    return Running(
        folder / f"gate-{number}.log", port,
        "gate", "--data-dir", str(folder / f"gate-{number}" / "data"),
        "--listen", f"127.0.0.1:{port}", "--office", f"http://127.0.0.1:{office}",
        "--credential", str(credential), *more, env=env,
    )  # fmt: skip


def mint(made: Installed, many: int) -> list[Victim]:
    """Make tokens that are there to be revoked."""
    opened = build.build(made.settings)
    try:
        wish = Wish(
            "victim", inherit=True, surfaces=ALL_SURFACES, authority="role", subject=made.admin,
            enabled=True, expires_at=opened.office.clock() + timedelta(days=1),
        )  # fmt: skip
        found = []
        office, admin = trusting(opened), admin_again(opened, made)
        for _ in range(many):
            with office.work(admin, Origin("chaos")) as work:
                issued = create_api_token(work, wish)
            found.append(Victim(issued.token.id, issued.secret.reveal()))
        return found
    finally:
        opened.close()
