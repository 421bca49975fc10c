"""An office and gates on other hosts, as processes of this machine, with a wire to each gate.

The office tells over NATS, of three servers, what is new. The first of two gates hears it there,
the second one asks for all of it. Office and first gate have disks that can be filled, and clocks
that can be wrong.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from chaos.cut import wire
from chaos.disk import Disk, disk
from chaos.network import Between, Cut, Network, is_apart, network
from chaos.postgres import Postgres
from counterfoil import app
from counterfoil.access.caller import Origin
from counterfoil.access.surface import ALL_SURFACES
from counterfoil.app import gates
from counterfoil.kernel.ids import Prefix, spell
from counterfoil.runtime.settings import Settings
from counterfoil.tokens.api_token import create_api_token
from counterfoil.tokens.wish import Wish
from infra.nats import Cluster, nats_servers
from infra.server import COUNTERFOIL, is_ready
from infra.wait import free_port, wait_until
from support.installation import Installed, admin_again, install, trusting

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


@dataclass(frozen=True)
class House:
    """All of it, running.

    Attributes:
        managers: tokens that may revoke.
        victims: tokens to be revoked; they are taken from the end.
        root: the node that they are asked about.
        nats: over which every other gate hears what is new.
        disks: of the office and of the first gate.
        clocks: by how many seconds theirs are wrong.
        postgres: of the office, if it has one.
    """

    office: Running
    gates: list[Running]
    wires: Sequence[Cut]
    managers: list[str]
    victims: list[Victim]
    root: str
    nats: Cluster
    disks: list[Disk]
    clocks: list[Path]
    postgres: Postgres | None = None


@contextmanager
def house(folder: Path, *, many: int, victims: int, on_postgres: bool = False) -> Iterator[House]:
    """Run an office with so many gates on other hosts, and so many tokens to be revoked.

    With `on_postgres` it has one of its own in place of the embedded database.
    """
    port = free_port()
    with ExitStack() as leaving:
        disks = [leaving.enter_context(disk(folder / name)) for name in ("office", "gate-0")]
        clocks = [folder / f"{name}.clock" for name in ("office", "gate-0")]
        postgres = leaving.enter_context(Postgres.running()) if on_postgres else None
        data = disks[0].folder / "data"
        made = install(data, MANAGERS, postgres.url if postgres else "")
        settings, doomed = made.settings, mint(made, victims)
        cluster = leaving.enter_context(nats_servers(folder / "nats", 3))
        env = {"COUNTERFOIL_DATABASE_URL": settings.database_url, **_clock(clocks[0])}
        office = Running(folder / "office.log", port, "serve", "--data-dir", str(data),
                         "--port", str(port), "--nats", cluster.urls, env=env)  # fmt: skip
        disks[0].holds(office)
        leaving.callback(office.kill)
        office.begin()
        office.ready()
        wires = [leaving.enter_context(wire(port)) for _ in range(many)]
        reached = [one.port for one in wires]
        buses = [() if number % 2 else ("--nats", cluster.urls) for number in range(many)]
        far = [
            gate(folder, settings, number, reached[number], *bus, env=_clock_of(clocks, number))
            for number, bus in enumerate(buses)
        ]
        disks[1].holds(far[0])
        apart = [
            _apart(leaving, number, one, reached[number], cluster.urls)
            for number, one in enumerate(far if is_apart() else ())
        ]
        lines = list(map(Between, wires, apart)) if apart else wires
        for one in far:
            leaving.callback(one.kill)
            one.begin()
        for one in far:
            one.ready()
        root = spell(Prefix.NODE, made.root)
        yield House(office, far, lines, made.tokens, doomed, root, cluster, disks, clocks, postgres)


def _apart(leaving: ExitStack, number: int, gate: Running, office: int, buses: str) -> Network:
    """Have a gate run in a network of its own, from which it reaches its office and the buses."""
    ports = (office, *map(int, re.findall(r":(\d+)", buses)))
    given = leaving.enter_context(network(number, gate.port, ports))
    gate.before = given.before
    return given


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


def _clock_of(clocks: list[Path], number: int) -> dict[str, str]:
    return {} if number else _clock(clocks[1])


def _clock(file: Path) -> dict[str, str]:
    """Return what has a command go by a clock that is wrong by what a file says."""
    return {"PYTHONPATH": str(Path(__file__).with_name("clock")), "CHAOS_CLOCK": str(file)}


def mint(made: Installed, many: int) -> list[Victim]:
    """Make tokens that are there to be revoked."""
    opened = app.build(made.settings)
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
