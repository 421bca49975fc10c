"""Restarting and upgrading under load: the old process drains, the new one takes over."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count, cycle
from pathlib import Path
from typing import Any

import pytest

from counterfoil.cli.exits import Exit
from counterfoil.demo.walk import Walk
from infra.server import COUNTERFOIL, Server, gateway, serving
from infra.wait import wait_until
from support.history import Ask, History, stream
from support.installation import EMAIL, PASSWORD, install
from support.sample import Talker

MANAGERS, VICTIMS = 4, 40
NEXT_RELEASE = (
    "ALTER TABLE token ADD COLUMN colour TEXT",
    "CREATE TABLE shade (id INTEGER NOT NULL PRIMARY KEY)",
    "UPDATE alembic_version SET version_num = '9999'",
)
"""What the migration of a later release may do: it only adds (`tools.upgrades`)."""

TRIES = 5
"""A worker that leaves may cut a line that it has taken and not read yet, and then another one that
still waited at its socket. Who was cut asks whoever is there a moment later."""
MOMENT_S = 0.1


class Running:
    """A process that is replaced while it is asked: those that answer now, the newest first."""

    def __init__(self, start: Callable[[], AbstractContextManager[Server]]) -> None:
        self._start = start
        self._stops: dict[Server, ExitStack] = {}
        self.now: list[Server] = []

    def begin(self) -> Server:
        """Start one more, and return it when it is ready."""
        stack = ExitStack()
        server = stack.enter_context(self._start())
        self._stops[server] = stack
        self.now = [server, *self.now]
        return server

    def end(self, server: Server) -> None:
        """Have one leave by SIGTERM; who asks it meanwhile may be answered or not."""
        self._stops.pop(server).close()
        assert server.process.returncode == 0
        self.now = [one for one in self.now if one is not server]

    def close(self) -> None:
        for server in tuple(self._stops):
            self.end(server)


@dataclass
class House:
    """A host with its offices and gates, and tokens that everybody asks about."""

    data_dir: Path
    offices: Running
    gates: Running
    api: str
    managers: list[str]
    victims: dict[str, str]
    history: History

    def ask_offices(self, token: str) -> None:
        """Have an office verify a token, by a read of its own."""
        self.history.verify(
            token, _tries(lambda: [partial(_read, one.port) for one in self.offices.now])
        )

    def ask_gates(self, token: str) -> None:
        """Have a gate verify a token, as a proxy asks it."""
        self.history.verify(
            token, _tries(lambda: [partial(_forward, one.port, self.api) for one in self.gates.now])
        )

    @contextmanager
    def under_load(self, revoked: int) -> Iterator[None]:
        """Verify tokens and revoke some of them, until the block has ended and these are dead.

        Dead and living tokens are asked about in turn, at the offices and at the gates.
        """
        tokens = cycle([*self.managers, *self.victims])
        alive = iter([one for one in self.victims if one not in self.history.dead_since])
        turns, dead = count(), len(self.history.dead_since) + revoked

        def revoke() -> None:
            if len(self.history.dead_since) >= dead:
                return
            token = next(alive)
            manager = self.managers[next(turns) % MANAGERS]
            wait_until(lambda: self._revoked(manager, self.victims[token]), "a revocation")
            self.history.died(token)

        with (
            stream(lambda: self.ask_gates(next(tokens))),
            stream(lambda: self.ask_offices(next(tokens))),
            stream(revoke),
        ):
            yield
            wait_until(lambda: len(self.history.dead_since) >= dead, "revocations", seconds=60)
            late = len(self.history.late())
            wait_until(lambda: len(self.history.late()) > late + 50, "verifications after them")

    def _revoked(self, manager: str, id_: str) -> bool:
        """Whether an office has answered that a token is revoked; a repetition answers the same."""
        for one in self.offices.now:
            try:
                said = Talker(one.port).bearing(manager)("DELETE", f"/cma/api_tokens/{id_}")
            except OSError:
                continue
            if said.status in {200, 404}:
                return True
            assert said.status in {429, 503}, said
        return False


def _tries(there: Callable[[], list[Ask]]) -> Iterator[Ask]:
    """Yield whom to ask until somebody answers: everybody who is there, and again after a moment.

    As a proxy does: one whom it knew a moment ago may be gone for good by then.
    """
    yield from there()
    for _ in range(TRIES - 1):
        time.sleep(MOMENT_S)
        yield from there()


def _read(port: int, token: str) -> int:
    return Talker(port).bearing(token)("GET", "/cda/nodes").status


def _forward(port: int, api: str, token: str) -> int:
    said = {"X_Forwarded_Method": "GET", "X_Forwarded_Uri": "/pages"}
    return Talker(port).bearing(token)("GET", f"/authz/forward/api_{api}", **said).status


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """One office and two gates of an installation."""
    made = install(tmp_path / "data", tokens=MANAGERS + VICTIMS)
    data_dir = made.settings.data_dir
    offices, gates = Running(partial(serving, data_dir)), Running(partial(gateway, data_dir))
    with closing(offices), closing(gates):
        office = offices.begin()
        api, ids = _prepared(office)
        for _ in range(2):
            gates.begin()
        victims = {
            token: ids[f"service {number}"]
            for number, token in enumerate(made.tokens)
            if number >= MANAGERS
        }
        yield House(data_dir, offices, gates, api, made.tokens[:MANAGERS], victims, History())


def _prepared(office: Server) -> tuple[str, dict[str, str]]:
    """Register an API with a route; return its id, and those of the tokens by their names."""
    with closing(Walk(office.url, tell=lambda _line: None)) as walk:
        admin = Talker(office.port).bearing(walk.sign_in("Ada", EMAIL, PASSWORD))
    wish = {"name": "Pages", "audience": "pages", "scopes": [{"name": "pages:read"}]}
    api = str(_made(admin, "POST", "/cma/apis", "api", wish)["id"])
    routes = [{"methods": ["GET"], "path": "/pages", "scope": "pages:read"}]
    _made(admin, "PUT", f"/cma/apis/{api}/routes", "api_routes", {"routes": routes})
    listed = admin("GET", "/cma/api_tokens?page%5Blimit%5D=100").body["data"]
    return api, {one["attributes"]["name"]: str(one["id"]) for one in listed}


def _made(admin: Talker, method: str, path: str, type_: str, attributes: Any) -> Any:
    said = admin(method, path, {"data": {"type": type_, "attributes": attributes}})
    assert said.status < 300, said
    return said.body["data"]


def _renew(office: Server) -> None:
    before = set(office.workers())
    office.process.send_signal(signal.SIGHUP)
    wait_until(lambda: not before & set(office.workers()), "other workers")
    wait_until(lambda: len(office.workers()) == len(before), "as many workers")


def judged(house: House) -> None:
    """See that nobody was answered wrongly, and that there was enough to be wrong about."""
    history = house.history
    assert history.wrong() == []
    assert len(history.late()) > 50
    assert len(history.verified) > len(history.late())


@pytest.mark.slow
def test_one_after_another(house: House) -> None:
    """While gates and office are replaced one by one, no verdict is wrong and none fails (R20).

    The office's new process stands beside the old one on the same books until that has left, and
    a SIGHUP renews its workers one by one. Whose line was cut asks again.
    """
    with house.under_load(revoked=30):
        for gate in tuple(house.gates.now):
            house.gates.end(gate)
            house.gates.begin()
        former = house.offices.now[0]
        house.offices.begin()
        house.offices.end(former)
        _renew(house.offices.now[0])
    judged(house)


@pytest.mark.slow
def test_the_tables_of_the_next_release(house: House) -> None:
    """An office goes on while a later release adds to its tables, and does not begin again (R17).

    The process that runs verifies and revokes on, and the gates decide with no office at all.
    """
    (office,) = house.offices.now
    books = sqlite3.connect(house.data_dir / "office.sqlite", timeout=30)
    with house.under_load(revoked=10), closing(books), books:
        for statement in NEXT_RELEASE:
            books.execute(statement)
    judged(house)
    house.offices.end(office)
    again = [COUNTERFOIL, "serve", "--data-dir", str(house.data_dir), "--port", str(office.port)]
    done = subprocess.run(again, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == Exit.CONFIG
    assert "use the version that brought it there" in done.stderr
    token = next(one for one in house.victims if one not in house.history.dead_since)
    house.ask_gates(token)
    judged(house)
