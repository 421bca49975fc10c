"""An installation of an older release becomes one of this release, part by part, under load (R17).

The older release is the program as it was, in `tests/vectors/former` (`python -m tools.former`).
"""

from __future__ import annotations

import os
import random
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from threading import Lock
from typing import Any

import pytest

from counterfoil.demo.walk import Walk
from counterfoil.migrations import newest, revision_of
from counterfoil.runtime.database import Database
from counterfoil.runtime.settings import Settings
from infra.postgres import new_database
from infra.server import COUNTERFOIL, Server, gateway, serving
from infra.wait import free_port, wait_until
from support.history import PASSED, REFUSED, History, Verified, stream
from support.installation import EMAIL, PASSWORD
from support.sample import Talker
from tools.former import program
from tools.tracked import ROOT

GATES, TOKENS, MANAGERS = 2, 18, 3
AWAY, LIMITED, BAD = 503, 429, 400
PAUSE_S, LATE = 0.2, 20
OFFICE_FIRST = ("office", "gate-0", "gate-1")
GATES_FIRST = ("gate-0", "gate-1", "office")
NAMES_MODULES = {"PYTHONVERBOSE": "1"}
"""Has a process say in its log of which file each of its modules is."""
PAGE = re.compile(r"(?:matches|code object from) (/.+)/counterfoil/feed/page\.py$", re.MULTILINE)
"""A module that office and gate have loaded, in each of their processes."""


@dataclass
class House:
    """An office, and gates on hosts of their own; each runs one of the two releases.

    Attributes:
        database: the address of the office's database; empty for the embedded one.
        older: where the program of the older release lies.
    """

    folder: Path
    database: str
    older: Path
    port: int = field(default_factory=free_port)
    api: str = ""
    managers: list[str] = field(default_factory=list)
    ids: dict[str, str] = field(default_factory=dict)
    history: History = field(default_factory=History)
    reaches: list[str] = field(default_factory=list)
    _running: dict[str, ExitStack] = field(default_factory=dict)
    _ports: dict[str, int] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    @property
    def data(self) -> Path:
        """Where the office's data lies."""
        return self.folder / "data"

    def env(self, *, former: bool) -> dict[str, str]:
        """Return what a command of the office runs with."""
        books = {"COUNTERFOIL_DATABASE_URL": self.database} if self.database else {}
        return books | self.release(former=former)

    def release(self, *, former: bool) -> dict[str, str]:
        """Return what has a command be one of the two releases."""
        return {"PYTHONPATH": str(self.older)} if former else {}

    def revision(self) -> str:
        """Return the revision that the office's database is at."""
        settings = Settings(data_dir=self.data, database_url=self.database)
        with closing(Database(settings.url)) as database, database.reading() as tx:
            return revision_of(tx)

    def tell(self, *command: str, given: str = "", former: bool = True) -> str:
        """Have a release, the older one as a rule, do something at the machine of the office."""
        env = {**os.environ, **self.env(former=former)}
        done = subprocess.run(
            [COUNTERFOIL, *command], input=given, env=env, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def begin(self, part: str, *, former: bool) -> Server:
        """Begin the office or a gate, where and as it was, by one of the releases."""
        stack = self._running[part] = ExitStack()
        if part == "office":
            env = self.env(former=former) | NAMES_MODULES
            begun = stack.enter_context(serving(self.data, env=env, port=self.port))
        else:
            begun = stack.enter_context(self._gate(part, former=former))
        of = self.older if former else ROOT / "src"
        assert {Path(one) for one in PAGE.findall(begun.log.read_text())} == {of}, part
        return begun

    def _gate(self, part: str, *, former: bool) -> AbstractContextManager[Server]:
        port = self._ports.setdefault(part, free_port())
        shown = self.folder / f"{part}.credential"
        if not shown.exists():
            self.tell("gates", "add", part, "--data-dir", str(self.data), "--out", str(shown))
        office = f"http://127.0.0.1:{self.port}"
        own = self.folder / part / "data"
        own.parent.mkdir(exist_ok=True)
        more = ("--office", office, "--credential", str(shown))
        return gateway(own, *more, env=self.release(former=former) | NAMES_MODULES, port=port)

    def upgrade(self, part: str) -> None:
        """End it, and begin it by this release, as `docs/how-to/keep-it-running.md` says.

        A database that is not the embedded one is migrated before, while the older office runs.
        """
        if part == "office" and self.database:
            self.tell("migrate", "--data-dir", str(self.data), former=False)
        self._running.pop(part).close()
        self.begin(part, former=False)
        if part == "office":
            assert self.revision() == newest()

    def close(self) -> None:
        """End all of it."""
        for stack in self._running.values():
            stack.close()

    def ask(self, part: str, token: str) -> int | None:
        """Have a gate verify a token, as a proxy asks it; return what it said, if it did."""
        said = {"X_Forwarded_Method": "GET", "X_Forwarded_Uri": "/pages"}
        to = Talker(self._ports[part])

        def asked(text: str) -> int:
            return to.bearing(text)("GET", f"/authz/forward/api_{self.api}", **said).status

        self.history.verify(token, [asked])
        return self.history.verified[-1].status

    def revoke(self, token: str) -> bool:
        """Revoke a token; whether that was answered."""
        manager = random.choice(self.managers)
        try:
            path = f"/cma/api_tokens/{self.ids[token]}"
            said = Talker(self.port).bearing(manager)("DELETE", path)
        except OSError:
            return False
        if said.status != PASSED:
            assert said.status in {LIMITED, AWAY}, said
            return False
        self.reaches.append(said.body["meta"]["effective"])
        self.history.died(token)
        return True

    @contextmanager
    def under_load(self) -> Iterator[None]:
        """Ask both gates about all tokens in turn, and revoke one after another."""
        turns = cycle([(part, token) for token in self.ids for part in sorted(self._ports)])
        doomed = iter(list(self.ids)[: TOKENS * 2 // 3])

        def ask() -> None:
            with self._lock:
                part, token = next(turns)
            self.ask(part, token)

        def revoke() -> None:
            if (token := next(doomed, None)) is not None:
                wait_until(lambda: self.revoke(token), "a revocation", seconds=60)
                self._pause()

        with stream(ask), stream(ask), stream(revoke):
            yield

    def _pause(self) -> None:
        asked = len(self.history.verified)
        wait_until(lambda: len(self.history.verified) > asked + 40, "verifications", seconds=60)

    def wrong(self) -> list[Verified]:
        """Return each wrong verdict: 503 is none, nor is no answer of a gate that is replaced."""
        return [one for one in self.history.wrong() if one.status not in {None, AWAY}]

    def judges(self) -> bool:
        """Whether each gate says of each token by now what is so; 503 would say nothing."""
        dead = self.history.dead_since
        return all(
            self.ask(part, token) == (REFUSED if token in dead else PASSED)
            for token in self.ids
            for part in self._ports
        )


@pytest.fixture(scope="module")
def older(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the program of the older release lies."""
    return program(tmp_path_factory.mktemp("former"))


@pytest.fixture(params=["sqlite", "postgres"])
def house(request: pytest.FixtureRequest, tmp_path: Path, older: Path) -> Iterator[House]:
    """An installation that the older release has made and runs, with tokens and two gates."""
    with ExitStack() as leaving:
        url = ""
        if request.param == "postgres":
            url = leaving.enter_context(new_database(request.getfixturevalue("postgres")))
        made = House(tmp_path, url, older)
        made.tell(
            "init", "--data-dir", str(made.data), "--organization", "Acme", "--name", "Ada",
            "--email", EMAIL, "--password-file", "-", given=PASSWORD,
        )  # fmt: skip
        revisions = (older / "counterfoil/migrations/versions").glob("0*.py")
        assert made.revision() == max(one.name[:4] for one in revisions) < newest()
        leaving.callback(made.close)
        office = made.begin("office", former=True)
        _furnish(made, office)
        for number in range(GATES):
            made.begin(f"gate-{number}", former=True)
        yield made


def _furnish(house: House, office: Server) -> None:
    """Register an API with a route, and make tokens: some that revoke, and those to be revoked."""
    with closing(Walk(office.url, tell=lambda _line: None)) as walk:
        admin = Talker(office.port).bearing(walk.sign_in("Ada", EMAIL, PASSWORD))
    wish = {"name": "Pages", "audience": "pages", "scopes": [{"name": "pages:read"}]}
    api = _made(admin, "/cma/apis", {"type": "api", "attributes": wish})
    house.api = str(api["id"])
    routes = {"routes": [{"methods": ["GET"], "path": "/pages", "scope": "pages:read"}]}
    _made(
        admin, f"/cma/apis/{house.api}/routes", {"type": "api_routes", "attributes": routes}, "PUT"
    )
    roles = admin("GET", "/cma/roles").body["data"]
    role = next(one["id"] for one in roles if one["attributes"]["name"] == "admin")
    ties = {"role": {"data": {"type": "role", "id": role}}}
    kind = {"scope_mode": "inherit", "enabled": True, "surfaces": ["delivery", "management"]}
    for number in range(MANAGERS + TOKENS):
        wanted = {"name": f"token {number}", **kind}
        token = {"type": "api_token", "attributes": wanted, "relationships": ties}
        one = _made(admin, "/cma/api_tokens", token)
        secret = one["attributes"]["token"]
        if number < MANAGERS:
            house.managers.append(secret)
        else:
            house.ids[secret] = one["id"]


def _made(who: Talker, path: str, data: Any, method: str = "POST") -> Any:
    said = who(method, path, {"data": data})
    while said.status == LIMITED:
        time.sleep(PAUSE_S)
        said = who(method, path, {"data": data})
    assert said.status < BAD, said
    return said.body["data"]


@pytest.mark.slow
@pytest.mark.parametrize("order", [OFFICE_FIRST, GATES_FIRST], ids=", ".join)
def test_an_older_release_is_upgraded(house: House, order: tuple[str, ...]) -> None:
    """While one part after another becomes this release, nothing revoked opens at any gate (R17).

    Who holds a good token is let in, or told by a 503 that nobody can say. In the end all that is
    good is let in at each gate, and all that was revoked is refused, before and after the upgrade.
    Then the operator says that all is of this release, and what gives power counts as sealed (S5).
    """
    with house.under_load():
        for part in order:
            house.upgrade(part)
            wait_until(house.judges, f"verdicts of both releases after {part}", seconds=60)
        house.tell("seal", "--data-dir", str(house.data), former=False)
        house.upgrade("office")
        wait_until(house.judges, "verdicts once all is sealed", seconds=60)
    assert house.wrong() == []
    wait_until(house.judges, "all verdicts", seconds=60)
    assert house.wrong() == []
    assert set(house.reaches) == {"everywhere"}
    assert len(house.history.late()) > LATE
