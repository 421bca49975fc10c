"""A gate on another host that was removed after a backup, and the office that is restored by it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from chaos.running import Running
from counterfoil.app import gates, recover
from counterfoil.app.recover import Choice
from counterfoil.feed.page import Ask
from counterfoil.gateway.credential import Credential
from counterfoil.gateway.line import Line, UnheardError
from counterfoil.runtime.settings import Settings
from infra.server import is_ready
from infra.wait import free_port, listens, wait_until
from support.installation import install

ASK = Ask("0" * 32, 0, 0)


@contextmanager
def office(data_dir: Path) -> Iterator[str]:
    """Run the office of a data directory, in quarantine or not; give its address."""
    port = free_port()
    running = Running(data_dir.with_name(f"{data_dir.name}.log"), port, "serve",
                      "--data-dir", str(data_dir), "--port", str(port))  # fmt: skip
    running.begin()
    try:
        wait_until(lambda: listens(port), "the office to listen")
        yield f"http://127.0.0.1:{port}"
    finally:
        running.kill()


def told(address: str, credential: Credential) -> tuple[bytes, list[bytes]]:
    """Return what both doors tell whoever has a credential."""
    line = Line(address, credential.secret)
    try:
        return line.page(ASK), list(line.pieces(ASK))
    finally:
        line.close()


def refusal(address: str, credential: Credential) -> set[str]:
    """Return how both doors refuse whoever has a credential."""
    line, said = Line(address, credential.secret), set()
    for ask in (line.page, lambda one: list(line.pieces(one))):
        with pytest.raises(UnheardError) as refused:
            ask(ASK)
        said.add(str(refused.value).partition(":")[0])
    line.close()
    return said


def test_it_is_told_nothing(tmp_path: Path) -> None:
    """What is restored knows no gate of before: each is let in anew by its operator (R12, S20).

    So one that was removed after the backup is told nothing, in quarantine or after it.
    """
    made, empty = install(tmp_path / "lost"), Settings(data_dir=tmp_path / "restored")
    removed = gates.add(made.settings, "eu-1")
    recover.back_up(made.settings, tmp_path / "monday")
    with office(made.settings.data_dir) as address:
        assert all(told(address, removed))
        gates.take_away(made.settings, "eu-1")
        assert refusal(address, removed) == {"the office answers 401"}
    with (tmp_path / "monday").open("rb") as source:
        recover.put_back(empty, source)
    with office(empty.data_dir) as address:
        assert refusal(address, removed) == {"the office answers 503"}
        choice = Choice(everything=True)
        recover.end_quarantine(empty, choice, "Ann", recover.plan_end(empty, choice).opening)
        wait_until(lambda: is_ready(int(address.rpartition(":")[2])), "the office to be open")
        assert refusal(address, removed) == {"the office answers 401"}
        assert gates.enrolled(empty).gates == []
        assert all(told(address, gates.add(empty, "eu-1")))
