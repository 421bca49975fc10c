"""The how-to pages: each command that they show, and what they say will come."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from docs.pages import ROOT
from docs.reading import Reader
from docs.terminal import Person
from infra.postgres import new_database
from infra.server import serving
from infra.wait import free_port
from support.provider_only import demand
from tools.tracked import tracked

PASSWORD = "correct horse battery staple"
ANN = ("ann@harbour.example", PASSWORD)
LONG = 25
"""So many lines of a page take longer than a sign-in counts as fresh, for who reads them."""
SHOWN_DATABASE = "postgresql://counterfoil@db.example.com/counterfoil"
WITH_THE_SAMPLE = (
    "approve",
    "authenticator-app",
    "call-from-python",
    "choose-a-preset",
    "ci-token",
    "content-types",
    "declare",
    "end-every-token",
    "find-content",
    "give-an-agent-tools",
    "introspect",
    "keep-tokens-out",
    "key-and-secret",
    "leaked-token",
    "move-content-types",
    "narrow-a-token",
    "protect-an-mcp-server",
    "register-an-api",
    "restrict-to-nodes",
    "restrict-where-and-when",
    "rotate",
    "unused-tokens",
    "work-on-an-entry",
)
"""Pages whose reader has a server with the sample and is Ann."""
OF_PROGRAMS = ("put-the-gate-inside", "test-your-api")
"""Pages that show programs, which need no server."""
ON_THEIR_OWN = (
    "ask-the-gate",
    "back-up",
    "behind-a-proxy",
    "changed-in-the-database",
    "install",
    "let-somebody-in",
    "openid",
    "postgres",
    "protect-an-api",
    "protect-wagtail",
    "prove-the-trail",
    "rebuild-replica",
    "record-an-api",
    "run-a-gate-on-another-host",
    "take-over-tokens",
)
WITHOUT_COMMANDS = (
    "README",
    "add-a-page",
    "add-a-scope",
    "hear-by-webhook",
    "keep-it-running",
    "send-mail",
    "sign-in-a-device",
    "tell-gates-over-nats",
    "vendor-clients",
)

_BUILT_OF = (
    "src", "docs", "deploy", "requirements", "hatch_build.py", "pyproject.toml", "README.md",
    "LICENSE",
)  # fmt: skip


def beginner(folder: Path, real: Mapping[str, str], environment: Mapping[str, str]) -> Reader:
    """Return somebody whose page starts a server of its own on an empty data directory."""
    (folder / "ann.password").write_text(f"{PASSWORD}\n")
    port = free_port()
    return Reader(
        folder,
        f"http://localhost:{port}",
        first="ann",
        people={"ann": ANN},
        real={"/srv/counterfoil": str(folder / "srv"), **real},
        environment={"COUNTERFOIL_PORT": str(port), **environment},
    )


def test_every_page_has_its_test() -> None:
    """A how-to page that no test reads fails the build."""
    pages = {path.stem for path in tracked("docs/how-to/*.md")}
    assert pages == {*WITH_THE_SAMPLE, *OF_PROGRAMS, *ON_THEIR_OWN, *WITHOUT_COMMANDS}


def test_a_page_that_takes_long_says_that_a_sign_in_ages() -> None:
    """Where a token is made long after one signed in, the page says that one may have to again."""
    for path in tracked("docs/how-to/*.md"):
        text = path.read_text()
        _, signs_in, rest = text.partition("$ counterfoil auth login\n")
        makes = re.search(r"(pat|token|key-pair|webhook) create ", rest)
        if signs_in and makes and rest.count("\n", 0, makes.start()) > LONG:
            assert "15 minutes" in text, path.name


@pytest.mark.slow
@pytest.mark.parametrize("page", WITH_THE_SAMPLE)
def test_a_page_is_true(reader: Reader, page: str) -> None:
    """Every command of the page ends and answers as the page says."""
    reader.first = "ann"
    assert reader.read(f"how-to/{page}.md") > 3


@pytest.mark.slow
@pytest.mark.parametrize("page", OF_PROGRAMS)
def test_a_page_of_programs_is_true(tmp_path: Path, page: str) -> None:
    """The programs that a page shows run, and say what the page says."""
    assert Reader(tmp_path, "http://localhost:1").read(f"how-to/{page}.md") > 0


@pytest.mark.slow
def test_rebuilding_the_replica_is_as_told(data_dir: Path, tmp_path: Path) -> None:
    """The replica is rebuilt under a serving server, as its page says (R20)."""
    with serving(data_dir) as server:
        reader = Reader(tmp_path, server.url, real={"/srv/counterfoil": str(data_dir)})
        assert reader.read("how-to/rebuild-replica.md") > 1


@pytest.mark.slow
def test_a_gate_on_another_host_is_let_in_as_told(data_dir: Path, tmp_path: Path) -> None:
    """Gates are added, listed and removed beside a serving server, as their page says (R1)."""
    with serving(data_dir) as server:
        reader = Reader(tmp_path, server.url, real={"/srv/counterfoil": str(data_dir)})
        assert reader.read("how-to/run-a-gate-on-another-host.md") > 2


@pytest.mark.slow
def test_proving_the_trail_is_as_told(
    data_dir: Path, people: dict[str, Person], tmp_path: Path
) -> None:
    """A checkpoint, a receipt and a copy of the trail hold, and what was tampered with does not.

    All as their page says, with every trail that lies in the checkout (R15).
    """
    samples = "tests/vectors/trail"
    with serving(data_dir) as server:
        real = {"/srv/counterfoil": str(data_dir), samples: str(ROOT / samples)}
        reader = Reader(tmp_path, server.url, first="ann", people=people, real=real)
        assert reader.read("how-to/prove-the-trail.md") > 17
    page = (ROOT / "docs" / "how-to" / "prove-the-trail.md").read_text()
    for sample in (ROOT / samples).glob("*.ndjson"):
        assert f" {sample.name} --against" in page, sample.name


@pytest.mark.slow
def test_backing_up_is_as_told(data_dir: Path, tmp_path: Path) -> None:
    """A backup beside a serving server, put back and told what it lacks, as its page says (R12)."""
    (tmp_path / "backups").mkdir()
    with serving(data_dir) as server:
        real = {
            "/srv/counterfoil": str(data_dir),
            "/srv/restored": str(tmp_path / "restored"),
            "/srv/backups": str(tmp_path / "backups"),
        }
        reader = Reader(tmp_path, server.url, real=real)
        assert reader.read("how-to/back-up.md") > 6


@pytest.mark.slow
def test_taking_over_tokens_is_as_told(data_dir: Path, tmp_path: Path) -> None:
    """Tokens of another system are taken over beside a serving server, as their page says."""
    with serving(data_dir) as server:
        reader = Reader(tmp_path, server.url, real={"/srv/counterfoil": str(data_dir)})
        assert reader.read("how-to/take-over-tokens.md") > 6


@pytest.mark.slow
def test_somebody_is_let_in_as_told(
    data_dir: Path, people: dict[str, Person], tmp_path: Path
) -> None:
    """People come in by codes, from an admin and from the operator, as their page says (S44)."""
    with serving(data_dir) as server:
        real = {"/srv/counterfoil": str(data_dir)}
        reader = Reader(tmp_path, server.url, first="ann", people=people, real=real)
        assert reader.read("how-to/let-somebody-in.md") > 7


@pytest.mark.slow
def test_asking_for_a_provider_is_as_told(
    data_dir: Path, people: Mapping[str, Person], sample: Mapping[str, Any], tmp_path: Path
) -> None:
    """Who came by a password may not turn it on; at the machine it is taken back (S44)."""
    lift = 'counterfoil organization lift-provider-only "Harbour Press" --data-dir /srv/counterfoil'
    with serving(data_dir) as server:
        real = {"/srv/counterfoil": str(data_dir)}
        reader = Reader(tmp_path, server.url, first="ann", people=people, real=real, done=(lift,))
        before = reader.read("how-to/openid.md")
        typed = ("counterfoil auth login", "counterfoil policy set provider_only=true")
        assert before == len(typed)
        demand(data_dir, int(sample["organization"]["id"]))
        reader.done = typed
        assert reader.read("how-to/openid.md") == 1


@pytest.mark.slow
def test_what_was_changed_in_the_database_is_opened_as_told(data_dir: Path, tmp_path: Path) -> None:
    """A role and a policy that somebody wrote are opened again at the machine (S5)."""
    with closing(sqlite3.connect(data_dir / "office.sqlite")) as database:
        database.execute("UPDATE role SET roots = '[1]' WHERE name = 'admin'")
        ((admin,),) = database.execute("SELECT id FROM role WHERE name = 'admin'").fetchall()
        database.commit()
    real = {"/srv/counterfoil": str(data_dir), "ROLE": f"rol_{admin}"}
    lift = 'counterfoil organization lift-provider-only "Harbour Press" --data-dir /srv/counterfoil'
    reader = Reader(tmp_path, "http://localhost:1", real=real, done=(lift,))
    assert reader.read("how-to/changed-in-the-database.md") == 2
    with closing(sqlite3.connect(data_dir / "office.sqlite")) as database:
        ((roots,),) = database.execute("SELECT roots FROM role WHERE name = 'admin'").fetchall()
    assert roots is None


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_installing_is_as_told(tmp_path: Path) -> None:
    """A new environment, an empty data directory and the page lead to a first token."""
    passed = {
        name: value
        for name, value in os.environ.items()
        if name.startswith(("PIP_", "SSL_", "REQUESTS_")) or name.lower().endswith("_proxy")
    }
    for path in tracked(*_BUILT_OF):
        copy = tmp_path / path
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes((ROOT / path).read_bytes())
    reader = beginner(tmp_path, {"/opt/counterfoil": str(tmp_path / "opt")}, passed)
    assert reader.read("how-to/install.md") > 8


@pytest.mark.slow
def test_postgres_is_as_told(tmp_path: Path, postgres: int) -> None:
    """One variable takes an installation to Postgres, from its beginning to its service."""
    with new_database(postgres) as url:
        reader = beginner(tmp_path, {SHOWN_DATABASE: url}, {})
        assert reader.read("how-to/postgres.md") > 5
