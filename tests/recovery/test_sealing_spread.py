"""An installation of before, whose tokens alone are sealed, comes to have its directory sealed."""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from falcon.testing import TestClient
from sqlalchemy import text

from counterfoil.app import sealing
from counterfoil.app.build import build
from counterfoil.app.fit import UnreadyError
from counterfoil.cli.doctor.installation import look
from counterfoil.runtime.database import Database
from counterfoil.runtime.keyfile import key_kept_in
from counterfoil.runtime.seal import Seal
from counterfoil.runtime.settings import Settings
from infra.postgres import new_database
from support.installation import Installed, install

UNSEALED = (
    'UPDATE "user" SET seal = NULL',
    "UPDATE membership SET seal = NULL",
    "UPDATE role SET seal = NULL",
    "UPDATE policy SET seal = NULL",
)
WIDENED = "UPDATE role SET roots = '[1]' WHERE name = 'admin'"


@pytest.fixture
def made(tmp_path: Path) -> Installed:
    """An embedded installation, as the version before left it."""
    return as_before(install(tmp_path / "data"))


@pytest.fixture
def served(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installed]:
    """The same on Postgres, where others may run of which this host knows nothing."""
    with new_database(request.getfixturevalue("postgres")) as url:
        yield as_before(install(tmp_path / "data", database_url=url))


def as_before(made: Installed) -> Installed:
    """Have tokens alone be sealed, and nobody here remember otherwise."""
    made.settings.whole_file.unlink()
    made.settings.cut_offs_file.unlink()
    named_before(made.settings)
    for statement in UNSEALED:
        write(made.settings, statement)
    return made


def named_before(settings: Settings) -> None:
    name = Seal(key_kept_in(settings.seal_key_file)).of_tokens.name
    write(settings, "UPDATE installation SET seal_name = :name", name=name)


def write(settings: Settings, statement: str, **told: str) -> None:
    with closing(Database(settings.url)) as database, database.transaction() as tx:
        assert tx.execute(text(statement), told).rowcount


def opens(made: Installed) -> bool:
    """Say whether a token whose role allows everything opens, at a gate that is built anew."""
    shutil.rmtree(made.settings.replica_dir)
    server = build(made.settings)
    try:
        told = {"Authorization": f"Bearer {made.tokens[0]}"}
        return TestClient(server.wsgi).simulate_get("/cma/roles", headers=told).status_code == 200
    finally:
        server.close()


def said_of_seals(settings: Settings) -> str:
    """Return what the doctor says of them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COUNTERFOIL_DATABASE_URL", settings.database_url)
        return next(one.seen for one in look(settings.data_dir) if one.what == "seals")


def test_the_first_start_seals_what_there_is(made: Installed) -> None:
    """Everybody goes on, and from then on nobody is widened in the database (S5, R17)."""
    assert opens(made)
    write(made.settings, WIDENED)
    assert not opens(made)


def test_beside_another_server_nothing_is_sealed_yet(made: Installed) -> None:
    """One of the version before may run and write without seals: so all is believed (R17)."""
    held = os.open(made.settings.sweeper_lock, os.O_RDWR | os.O_CREAT)
    fcntl.flock(held, fcntl.LOCK_EX)
    write(made.settings, WIDENED)
    assert opens(made)
    os.close(held)
    assert opens(made)
    write(made.settings, "UPDATE role SET roots = NULL WHERE name = 'admin'")
    assert not opens(made)


def test_on_postgres_the_operator_says_when(served: Installed) -> None:
    """While offices of two versions write, rows without seals are believed (S5, R17)."""
    assert opens(served)
    write(served.settings, "UPDATE role SET seal = NULL")
    assert opens(served)
    assert sealing.seal_directory(served.settings, dry_run=True)
    assert said_of_seals(served.settings).startswith("roles, members and policies are believed")
    assert opens(served)
    assert sealing.seal_directory(served.settings)
    assert not sealing.seal_directory(served.settings)
    assert said_of_seals(served.settings) == "on all that gives power"
    assert opens(served)
    write(served.settings, WIDENED)
    assert not opens(served)


def test_nobody_takes_it_back(made: Installed) -> None:
    """Whoever writes the name of before has no directory that is believed again (S5)."""
    assert opens(made)
    named_before(made.settings)
    with pytest.raises(UnreadyError, match="somebody changed it"):
        build(made.settings)


def without_cut_offs(made: Installed) -> Installed:
    """Have an installation be as one whose organizations have no row of their cut-offs yet."""
    made.settings.cut_offs_file.unlink()
    of_directory(made.settings)
    write(made.settings, "DELETE FROM organization_cut_off")
    return made


def of_directory(settings: Settings) -> None:
    name = Seal(key_kept_in(settings.seal_key_file)).of_directory.name
    write(settings, "UPDATE installation SET seal_name = :name", name=name)


def test_the_first_start_writes_that_nobody_ended_any_token(tmp_path: Path) -> None:
    """Everybody goes on; from then on a row that is gone was taken away, and all are dead (S5).

    Whoever writes the name of before has none that is believed again.
    """
    made = without_cut_offs(install(tmp_path / "data"))
    assert opens(made)
    write(made.settings, "DELETE FROM organization_cut_off")
    assert not opens(made)
    of_directory(made.settings)
    with pytest.raises(UnreadyError, match="somebody changed it"):
        build(made.settings)


def test_meanwhile_the_directory_stays_sealed(tmp_path: Path) -> None:
    """Where the rows of cut-offs are still to come nobody is widened in the database (S5, R17)."""
    made = without_cut_offs(install(tmp_path / "data"))
    held = os.open(made.settings.sweeper_lock, os.O_RDWR | os.O_CREAT)
    fcntl.flock(held, fcntl.LOCK_EX)
    assert opens(made)
    write(made.settings, WIDENED)
    assert not opens(made)
    os.close(held)
    assert not opens(made)


def test_on_postgres_the_operator_says_when_none_is_missing(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """While an office of before may found organizations without such a row, none is missed (S5)."""
    with new_database(request.getfixturevalue("postgres")) as url:
        made = without_cut_offs(install(tmp_path / "data", database_url=url))
        assert opens(made)
        assert sealing.seal_directory(made.settings, dry_run=True)
        assert sealing.seal_directory(made.settings)
        assert opens(made)
        write(made.settings, "DELETE FROM organization_cut_off")
        assert not opens(made)


def test_an_organization_that_is_hidden_revives_nothing(tmp_path: Path) -> None:
    """Without its own row, its policy and its cut-off none of its tokens opens a gate (S5)."""
    made = install(tmp_path / "data")
    assert opens(made)
    with closing(sqlite3.connect(made.settings.office_file)) as there, there:
        for table in ("organization_cut_off", "policy", "organization"):
            there.execute(f"DELETE FROM {table}")  # noqa: S608 - one of these
    assert not opens(made)
