"""`counterfoil init`: where an installation begins, once, and never over another one."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select

from cli.conftest import Type
from counterfoil import directory
from counterfoil.app import sealing
from counterfoil.cli.exits import Exit
from counterfoil.client import Bearer, Client
from counterfoil.demo.walk import Walk
from counterfoil.directory.presets import PRESETS
from counterfoil.directory.seeds import SEEDS
from counterfoil.directory.store.tables import policies
from counterfoil.kernel.ids import OrganizationId
from counterfoil.migrations import migrate
from counterfoil.runtime.database import Database
from counterfoil.runtime.settings import Settings
from infra.postgres import new_database
from infra.server import COUNTERFOIL, serving

PASSWORD = "correct hörse battery"
EMAIL = "ada@acme.test"
SAID = ("--organization", "Acme", "--name", "Ada", "--email", EMAIL, "--password-file", "-")


@pytest.fixture
def empty_postgres(postgres: int) -> Iterator[str]:
    with new_database(postgres) as url:
        yield url


def init(
    data: Path, *options: str, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COUNTERFOIL, "init", "--data-dir", data, *SAID, *options],
        input=f"{PASSWORD}\n",
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **(env or {})},
    )


def names(url: str) -> list[str]:
    database = Database(url, pool_size=1)
    try:
        with database.reading() as tx:
            return directory.organization_names(tx)
    finally:
        database.close()


def files(data: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in data.rglob("*") if path.is_file()}


def test_whoever_begins_can_sign_in_and_mint(tmp_path: Path) -> None:
    """After init the admin signs in and gets a token, at a server that ran already too (A3)."""
    data = tmp_path / "data"
    with serving(data) as server:
        ran = init(data)
        assert ran.returncode == 0, ran.stderr
        with closing(Walk(server.url, tell=lambda _line: None)) as walk:
            session = walk.sign_in("Ada", EMAIL, PASSWORD)
        with Client(server.url, Bearer(session)) as client:
            body = {
                "data": {
                    "type": "personal_access_token",
                    "attributes": {"name": "laptop", "scopes": ["content:read"]},
                }
            }
            assert client.wire.create("/cma/personal_access_tokens", body).status == 201
            answer = client.wire.ask("GET", "/cma/api_tokens")
            (built_in,) = answer.document["data"]
            assert built_in["attributes"]["hardcoded_type"] == "readonly_access_token"
    assert f"counterfoil serve --data-dir {data}" in ran.stdout
    assert "counterfoil auth login --url http://localhost:8400" in ran.stdout
    assert PASSWORD not in ran.stdout + ran.stderr
    assert not any(PASSWORD.encode() in content for content in files(data).values())


def test_it_begins_once(tmp_path: Path) -> None:
    """A second init exits 7 and leaves every byte of the installation as it was."""
    data = tmp_path / "data"
    assert init(data).returncode == 0
    before = files(data)
    again = init(data, "--preset", "dx")
    assert again.returncode == Exit.CONFLICT
    assert "Acme" in again.stderr
    assert files(data) == before


def test_it_leaves_strange_things_alone(typed: Type, tmp_path: Path) -> None:
    """A directory with anything that is not of an installation is refused, and stays (7)."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "thesis.txt").write_text("mine")
    ran = typed("init", "--data-dir", "data", *SAID, stdin=PASSWORD)
    assert ran.code == Exit.CONFLICT
    assert "thesis.txt" in ran.err
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["thesis.txt"]


def test_an_installation_without_organization_is_empty(tmp_path: Path) -> None:
    """A database that was only migrated is empty: init goes on from there."""
    data = tmp_path / "data"
    data.mkdir()
    migrate(f"sqlite:///{data / 'office.sqlite'}")
    assert init(data).returncode == 0
    assert names(f"sqlite:///{data / 'office.sqlite'}") == ["Acme"]


def test_of_two_at_once_one_begins(tmp_path: Path, empty_postgres: str) -> None:
    """On an empty Postgres two inits at once found one organization; a third finds it there."""
    env = {"COUNTERFOIL_DATABASE_URL": empty_postgres}
    migrate(empty_postgres)
    with ThreadPoolExecutor() as pool:
        ran = list(pool.map(lambda n: init(tmp_path / f"data{n}", env=env), range(2)))
    assert sorted(one.returncode for one in ran) == [0, Exit.CONFLICT], [one.stderr for one in ran]
    assert names(empty_postgres) == ["Acme"]
    third = init(tmp_path / "third", env=env)
    assert third.returncode == Exit.CONFLICT
    assert not (tmp_path / "third").exists()


def test_what_another_host_has_begun_is_occupied(tmp_path: Path, empty_postgres: str) -> None:
    """Who comes after another host sealed the tokens, and before it founds, begins nothing (7)."""
    migrate(empty_postgres)
    other = Settings(data_dir=tmp_path / "other", database_url=empty_postgres)
    other.prepare()
    sealing.opened(other).close()
    ran = init(tmp_path / "data", env={"COUNTERFOIL_DATABASE_URL": empty_postgres})
    assert ran.returncode == Exit.CONFLICT
    assert "copy seal.key" in ran.stderr
    assert names(empty_postgres) == []
    assert not list((tmp_path / "data").glob("seal.key*"))


@pytest.mark.parametrize("command", ["migrate", "serve"])
def test_a_newer_database_is_refused(typed: Type, tmp_path: Path, command: str) -> None:
    """What a newer version has brought further is left alone, and a sentence says so (R17)."""
    data = tmp_path / "data"
    data.mkdir()
    url = f"sqlite:///{data / 'office.sqlite'}"
    migrate(url)
    database = Database(url, pool_size=1)
    with database.transaction() as tx:
        tx.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    ran = typed(command, "--data-dir", str(data))
    assert ran.code == Exit.CONFIG
    assert "the database is at revision 9999" in ran.err
    assert "use the version that brought it there" in ran.err


def test_somebody_elses_database_is_left_alone(tmp_path: Path, empty_postgres: str) -> None:
    """A database with tables that are not ours is refused before anything is written to it."""
    database = Database(empty_postgres, pool_size=1)
    with database.transaction() as tx:
        tx.exec_driver_sql("CREATE TABLE invoices (id int)")
    database.close()
    ran = init(tmp_path / "data", env={"COUNTERFOIL_DATABASE_URL": empty_postgres})
    assert ran.returncode == Exit.CONFLICT
    assert "invoices" in ran.stderr
    assert not (tmp_path / "data").exists()


def test_a_database_that_cannot_be_reached(typed: Type, monkeypatch: pytest.MonkeyPatch) -> None:
    """It exits 3, and does not show the password that stands in the address (S9)."""
    address = "postgresql+psycopg://me:hunter22@127.0.0.1:1/x"
    monkeypatch.setenv("COUNTERFOIL_DATABASE_URL", address)
    ran = typed("init", "--data-dir", "data", *SAID, stdin=PASSWORD)
    assert (ran.code, "hunter22" in ran.err) == (Exit.CONFIG, False)


def test_nothing_is_asked_where_no_terminal_is(typed: Type, tmp_path: Path) -> None:
    """Without a terminal it names all that is missing, waits for nothing and makes nothing (2)."""
    ran = typed("init", "--data-dir", "data", "--organization", "Acme")
    assert ran.code == Exit.USAGE
    assert "--name, --email, --password-file" in ran.err
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--organization", " "),
        ("--organization", "x" * 201),
        ("--name", "a\nb"),
        ("--email", "ada"),
        ("--preset", "mine"),
        ("--password-file", "short.txt"),
        ("--password-file", "noise.bin"),
    ],
)
def test_what_is_wrong_is_named(typed: Type, tmp_path: Path, option: str, value: str) -> None:
    """A value that cannot be is refused by its option's name, and nothing is made (2)."""
    (tmp_path / "short.txt").write_text("too short\n")
    (tmp_path / "noise.bin").write_bytes(b"\xff" * 20)
    ran = typed("init", "--data-dir", "data", *SAID, option, value, stdin=PASSWORD)
    assert ran.code == Exit.USAGE
    assert f"✗ {option}: " in ran.err
    assert not (tmp_path / "data").exists()


def test_a_password_is_never_an_argument(typed: Type) -> None:
    """There is no option that takes the password itself: it would stand in `ps` (S16)."""
    assert typed("init", "--data-dir", "data", *SAID, "--password", PASSWORD).code == Exit.USAGE


@pytest.mark.parametrize("preset", list(PRESETS))
def test_it_begins_with_a_preset(typed: Type, tmp_path: Path, preset: str) -> None:
    """The policy is that of the named preset, and --json says the ids of what was made (K10)."""
    (tmp_path / "pw").write_text(f"{PASSWORD}\r\nsecond line\n")
    said = (*SAID[:-1], "pw", "--preset", preset, "--json")
    ran = typed("init", "--data-dir", "data", *said)
    assert ran.code == 0, ran.err
    told = json.loads(ran.out)
    assert told["admin"]["email"] == EMAIL
    brought = SEEDS[preset].roles if preset in SEEDS else ()
    assert set(told["roles"]) == {"admin", "developer", "editor", "reader", *brought}
    database = Database(f"sqlite:///{tmp_path / 'data' / 'office.sqlite'}", pool_size=1)
    with database.reading() as tx:
        assert tx.scalar(select(policies.c.organization_id)) == int(told["organization"]["id"])
        id_ = OrganizationId(int(told["organization"]["id"]))
        assert directory.policy(tx, id_) == PRESETS[preset]
    database.close()


def test_a_terminal_is_asked(tmp_path: Path) -> None:
    """On a terminal it asks for what was not said, again where the answer cannot be."""
    ours, theirs = pty.openpty()
    data = tmp_path / "data"
    answers = ["Acme", "Ada", "ada", EMAIL, "short", PASSWORD, PASSWORD]
    with subprocess.Popen(
        [COUNTERFOIL, "init", "--data-dir", data],
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=theirs,
        start_new_session=True,
    ) as process:
        os.close(theirs)
        seen = b""
        for answer in answers:
            seen += _until(ours, b": ")
            os.write(ours, answer.encode() + b"\n")
        assert process.stdout is not None
        told = process.stdout.read().decode()
        assert process.wait(30) == 0
    os.close(ours)
    assert f"counterfoil serve --data-dir {data}" in told
    assert b"This is not an e-mail address." in seen
    assert b"12 to 512 characters" in seen
    assert PASSWORD.encode() not in seen
    assert names(f"sqlite:///{data / 'office.sqlite'}") == ["Acme"]


def _until(terminal: int, end: bytes) -> bytes:
    """Read what a program says on its terminal until it asks."""
    seen = b""
    while not seen.endswith(end):
        seen += os.read(terminal, 4096)
    return seen
