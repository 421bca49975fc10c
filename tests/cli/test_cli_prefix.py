"""How tokens begin is kept with an installation: no later environment can disown them."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from counterfoil.cli.exits import Exit
from counterfoil.runtime.database import Database
from infra.server import COUNTERFOIL, serving
from infra.wait import free_port
from support.raw_http import ask


def run(*words: str | Path, prefix: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COUNTERFOIL, *words],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COUNTERFOIL_PREFIX": prefix},
    )


def serve(data: Path, prefix: str) -> subprocess.CompletedProcess[str]:
    return run("serve", "--data-dir", data, "--port", str(free_port()), prefix=prefix)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Sample data whose tokens begin with `acme`, and one of them."""
    data = tmp_path_factory.mktemp("prefix") / "data"
    made = run("demo", "--json", "--data-dir", data, prefix="acme")
    assert made.returncode == 0, made.stderr
    tokens = json.loads(made.stdout)["tokens"]
    assert tokens["manager"].startswith("acmes_")
    assert tokens["personal"].startswith("acmep_")
    return data, tokens["manager"]


@pytest.mark.parametrize("said", ["", "acme"])
def test_what_was_begun_goes_on(sample: tuple[Path, str], said: str) -> None:
    """An installation knows its tokens with and without the variable under which it began (S2)."""
    data, token = sample
    with serving(data, "--workers", "1", env={"COUNTERFOIL_PREFIX": said}) as server:
        assert ask(server.port, "GET", "/cma/token", f"Authorization: Bearer {token}").status == 200


def test_another_prefix_is_refused(sample: tuple[Path, str]) -> None:
    """A server that would disown every token does not start, and says which variable it is (S2)."""
    data, _ = sample
    served = serve(data, "cf")
    assert served.returncode == Exit.CONFIG
    assert "begin with acme, and COUNTERFOIL_PREFIX says cf" in served.stderr
    assert serve(data, "Acme!").returncode == Exit.CONFIG


def test_init_keeps_it(tmp_path: Path) -> None:
    """What an installation is begun under holds from its first command on, whoever says it (S2)."""
    data = tmp_path / "data"
    said = ("--organization", "Acme", "--name", "Ada", "--email", "ada@acme.test")
    password = tmp_path / "password"
    password.write_text("correct horse battery\n")
    begun = run("init", "--data-dir", data, *said, "--password-file", password, prefix="acme")
    assert begun.returncode == 0, begun.stderr
    database = Database(f"sqlite:///{data / 'office.sqlite'}", pool_size=1)
    with database.reading() as tx:
        assert tx.exec_driver_sql("SELECT id, prefix FROM installation").all() == [(1, "acme")]
    database.close()
    again = run("user", "invite", "ada@acme.test", "--data-dir", data, prefix="cf")
    assert again.returncode == Exit.CONFIG
    assert "COUNTERFOIL_PREFIX" in again.stderr
