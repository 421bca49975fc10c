"""An office and gates on other hosts, as processes of this machine, with a wire to each gate.

The office tells over NATS, of three servers, what is new. The first of two gates hears it there,
the second one asks for all of it. Office and first gate have disks that can be filled, and clocks
that can be wrong. Where there are two offices, on two hosts, with one Postgres, the first gate asks
the first of them, the second one the other, and the third and fourth whichever they are led to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from chaos.cut import wire
from chaos.disk import Disk, disk
from chaos.hostile import Hostile
from chaos.hosts import Host, further, led
from chaos.network import Between, Cut, Network, is_apart, network
from chaos.plain import Plain
from chaos.postgres import Postgres
from chaos.running import MANAGERS, Running, gate, mint
from counterfoil.kernel.ids import Prefix, spell
from infra.nats import Cluster, nats_servers
from infra.wait import free_port
from support.installation import install


@dataclass(frozen=True, kw_only=True)
class House(Plain):
    """All of it, running.

    Attributes:
        wires: to each gate.
        nats: over which every other gate hears what is new.
        disks: of the office and of the first gate.
        clocks: by how many seconds theirs are wrong.
        postgres: of the office, if it has one.
        others: offices on other hosts that have the same Postgres, and the way of each to it.
        hostile: somebody who may come to NATS.
    """

    wires: Sequence[Cut]
    nats: Cluster
    disks: list[Disk]
    clocks: list[Path]
    postgres: Postgres | None = None
    others: Sequence[Host] = ()
    hostile: Hostile = field(default_factory=Hostile)

    @property
    def offices(self) -> list[Running]:
        """All of them."""
        return [self.office, *(one.office for one in self.others)]


@contextmanager
def house(
    folder: Path, *, many: int, victims: int, on_postgres: bool = False, offices: int = 1
) -> Iterator[House]:
    """Run an office with so many gates on other hosts, and so many tokens to be revoked.

    With `on_postgres` it has one of its own in place of the embedded database, and so there may be
    several offices.
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
        env = {"COUNTERFOIL_DATABASE_URL": settings.database_url, **clock_of(clocks[0])}
        office = Running(folder / "office.log", port, "serve", "--data-dir", str(data),
                         "--port", str(port), "--nats", cluster.urls, env=env)  # fmt: skip
        disks[0].holds(office)
        leaving.callback(office.kill)
        office.begin()
        office.ready()
        others = further(leaving, folder, settings, cluster.urls, offices - 1)
        at = [port, *(one.office.port for one in others)]
        wires = [leaving.enter_context(wire(*led(at, number))) for number in range(many)]
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
        yield House(
            office=office, gates=far, wires=lines, managers=made.tokens, victims=doomed, root=root,
            nats=cluster, disks=disks, clocks=clocks, postgres=postgres, others=others,
        )  # fmt: skip


def _apart(leaving: ExitStack, number: int, gate: Running, office: int, buses: str) -> Network:
    """Have a gate run in a network of its own, from which it reaches its office and the buses."""
    ports = (office, *map(int, re.findall(r":(\d+)", buses)))
    given = leaving.enter_context(network(number, gate.port, ports))
    gate.before = given.before
    return given


def _clock_of(clocks: list[Path], number: int) -> dict[str, str]:
    return {} if number else clock_of(clocks[1])


def clock_of(file: Path) -> dict[str, str]:
    """Return what has a command go by a clock that is wrong by what a file says."""
    return {"PYTHONPATH": str(Path(__file__).with_name("clock")), "CHAOS_CLOCK": str(file)}
