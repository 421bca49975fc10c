"""An office and gates on other hosts, as processes of this machine, and nothing that could fail."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from chaos.running import MANAGERS, Running, Victim, gate, mint
from counterfoil.kernel.ids import Prefix, spell
from infra.nats import nats_servers
from infra.postgres import own_postgres
from infra.wait import free_port
from support.installation import install


@dataclass(frozen=True, kw_only=True)
class Plain:
    """It, running.

    Attributes:
        managers: tokens that may revoke.
        victims: tokens to be revoked; they are taken from the end.
        root: the node that they are asked about.
    """

    office: Running
    gates: list[Running]
    managers: list[str]
    victims: list[Victim]
    root: str


@contextmanager
def plain(
    folder: Path,
    *,
    many: int,
    victims: int,
    over_nats: bool = False,
    on_postgres: bool = False,
) -> Iterator[Plain]:
    """Run an office with so many gates, which ask it over HTTP or hear of news over NATS too.

    With `on_postgres` it has one of its own in place of the embedded database.
    """
    port = free_port()
    with ExitStack() as leaving:
        url = leaving.enter_context(own_postgres()).url() if on_postgres else ""
        made = install(folder / "data", MANAGERS, url)
        doomed, bus = mint(made, victims), []
        if over_nats:
            bus = ["--nats", leaving.enter_context(nats_servers(folder / "nats", 1)).urls]
        at = str(made.settings.data_dir)
        office = Running(
            folder / "office.log", port, "serve", "--data-dir", at, "--port", str(port), *bus,
            env={"COUNTERFOIL_DATABASE_URL": url},
        )  # fmt: skip
        far = [gate(folder, made.settings, number, port, *bus) for number in range(many)]
        for one in (office, *far):
            leaving.callback(one.kill)
            one.begin()
            one.ready()
        root = spell(Prefix.NODE, made.root)
        yield Plain(office=office, gates=far, managers=made.tokens, victims=doomed, root=root)
