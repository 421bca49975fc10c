"""Further hosts of an office, which have one Postgres: each with a way to it that can be cut."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url

from chaos.cut import wire
from chaos.network import Cut, Losing, is_apart
from chaos.running import Running
from counterfoil.runtime.settings import Settings
from infra.wait import free_port
from support.installation import SHARED_KEYS


@dataclass(frozen=True)
class Host:
    """An office on a host of its own, and its way to the database."""

    office: Running
    database: Cut


@contextmanager
def host(folder: Path, first: Settings, buses: str) -> Iterator[Host]:
    """Run an office beside the first one, on another host."""
    data, port, url = folder / "data", free_port(), make_url(first.database_url)
    data.mkdir(mode=0o700, parents=True)
    for key in SHARED_KEYS:
        shutil.copy2(first.data_dir / key, data / key)
    with wire(url.port or 0) as line:
        there = url.set(port=line.port).render_as_string(hide_password=False)
        office = Running(
            folder / "office.log", port, "serve", "--data-dir", str(data), "--port", str(port),
            "--nats", buses, env={"COUNTERFOIL_DATABASE_URL": there},
        )  # fmt: skip
        try:
            office.begin()
            office.ready()
            yield Host(office, Losing(line) if is_apart() else line)
        finally:
            office.kill()


def further(leaving: ExitStack, folder: Path, first: Settings, buses: str, many: int) -> list[Host]:
    """Run so many of them, each in a folder of its own."""
    homes = [folder / f"office-{number}" for number in range(1, many + 1)]
    return [leaving.enter_context(host(home, first, buses)) for home in homes]


def led(offices: Sequence[int], number: int) -> Sequence[int]:
    """Return which of these offices a gate asks: one of its own, or whichever it is led to."""
    return offices[number : number + 1] or offices
