"""Commands as they are typed, against the real server with the sample data."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest

from cli.conftest import Sample
from cli.scripts import plain_environment, play
from counterfoil.client import Bearer, Client
from counterfoil.demo.walk import Walk
from infra.server import COUNTERFOIL, is_ready
from infra.wait import free_port, wait_until

HERE = Path(__file__).parent
Play = Callable[[str], dict[str, str]]


@pytest.fixture(scope="module")
def pair(sample: Sample, url: str) -> tuple[str, str]:
    """Return a key and its secret that may do what a developer may."""
    body = {
        "data": {
            "type": "key_pair",
            "attributes": {"name": "ci", "surfaces": ["management"], "scope_mode": "inherit"},
            "relationships": {
                "role": {"data": {"type": "role", "id": sample["roles"]["developer"]}}
            },
        }
    }
    ann = sample["people"][0]
    with closing(Walk(url, tell=lambda _line: None)) as walk:
        session = walk.sign_in("Ann", ann["email"], ann["password"])
    with Client(url, Bearer(session)) as client:
        made = client.wire.create("/cma/key_pairs", body).data
    return made["id"], made["attributes"]["token"]


@pytest.fixture
def played(sample: Sample, url: str, pair: tuple[str, str], tmp_path: Path) -> Play:
    """Return what types a script."""
    ann, ben, _rita = sample["people"]
    browser = f"{shlex.quote(sys.executable)} {shlex.quote(str(HERE / 'browser.py'))} %s"
    environment = {
        **plain_environment(Path(sys.executable).parent, tmp_path),
        "BROWSER": browser,
        "URL": url,
        "DATA": sample["data_dir"],
        **{name.upper(): token for name, token in sample["tokens"].items()},
        "ANN": ann["email"],
        "ANN_PASSWORD": ann["password"],
        "ANN_HOME": str(tmp_path / "ann"),
        "BEN": ben["email"],
        "BEN_PASSWORD": ben["password"],
        "BEN_HOME": str(tmp_path / "ben"),
        "CLIENT_ID": pair[0],
        "CLIENT_SECRET": pair[1],
    }
    return lambda name: play(HERE / "scripts" / name, environment, tmp_path)


def test_the_sample_is_what_the_contract_says(sample: Sample) -> None:
    """`demo --json` prints one object: people, tokens, roles, content, what each vendor needs."""
    assert set(sample) == {
        "data_dir",
        "organization",
        "people",
        "tokens",
        "roles",
        "nodes",
        "content_types",
        "amplience",
        "agility",
        "datocms",
    }
    assert set(sample["amplience"]) == {"hub", "client_id", "client_secret"}
    assert set(sample["agility"]) == {"guid", "locale", "content_id"}
    assert set(sample["datocms"]) == {"item_type"}
    assert [person["roles"] for person in sample["people"]] == [
        ["admin"],
        ["developer"],
        ["reader"],
    ]
    assert set(sample["tokens"]) == {"manager", "personal", "weak"}
    assert sample["tokens"]["manager"].startswith("cfs_")
    assert sample["tokens"]["personal"].startswith("cfp_")
    assert {"/site", "/site/public", "/site/press", "/site/internal"} <= set(sample["nodes"])
    assert {"admin", "developer", "editor", "reader", "tokens_only"} == set(sample["roles"])
    assert set(sample["content_types"]) == {"article", "author", "catalog_entity", "page"}
    ids = [*sample["nodes"].values(), *sample["roles"].values(), sample["organization"]["id"]]
    assert all(id_.isdigit() for id_ in ids)


def test_a_directory_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    """`demo --json` in a directory that is not empty exits 7 and touches nothing."""
    (tmp_path / "mine").write_text("mine")
    ran = subprocess.run(
        [COUNTERFOIL, "demo", "--json", "--data-dir", tmp_path], capture_output=True, check=False
    )
    assert (ran.returncode, ran.stdout) == (7, b"")
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_the_sample_has_a_thousand_nodes(sample: Sample, url: str) -> None:
    """Over 1,000 nodes are there, some published, some drafts, some both."""
    with Client(url, Bearer(sample["tokens"]["manager"])) as client:
        nodes = client.wire.ask("GET", "/cma/nodes", query={"page[size]": 1}).document
        published = client.wire.ask("GET", "/cda/items", query={"page[size]": 1}).document
        drafts = client.wire.ask("GET", "/cda/preview/items", query={"page[size]": 1}).document
    assert nodes["meta"]["total_count"] > 1000
    assert 300 < published["meta"]["total_count"] < drafts["meta"]["total_count"]


def test_the_sample_has_a_catalog(sample: Sample, url: str) -> None:
    """An API with a scope over the catalog is registered, and entities are published (X12)."""
    with Client(url, Bearer(sample["tokens"]["manager"])) as client:
        apis = client.wire.ask("GET", "/cma/apis").document["data"]
        query = {"filter[type]": "catalog_entity"}
        entities = client.wire.ask("GET", "/cda/items", query=query).document["data"]
        granted = client.whoami().scopes
    each = ({scope["name"] for scope in api["attributes"]["scopes"]} for api in apis)
    (names,) = (names for names in each if "catalog:read" in names)
    assert names <= set(granted)
    assert {"website", "newsletter"} <= {one["attributes"]["identifier"] for one in entities}


def test_the_sample_tokens_reach_what_they_are_for(sample: Sample, url: str) -> None:
    """`manager` and `personal` are let in everywhere, and `weak` at delivery alone (D9)."""
    reached = {}
    for name, token in sample["tokens"].items():
        with Client(url, Bearer(token)) as client:
            who = client.whoami() if name != "weak" else None
            reached[name] = who.surfaces if who else ("delivery",)
            assert client.wire.ask("GET", "/cda/items", query={"page[size]": 1}).status == 200
    assert reached["manager"] == ("delivery", "preview", "management")
    assert reached["personal"] == ("delivery", "preview", "management")


@pytest.mark.slow
def test_signing_in_by_a_token(played: Play) -> None:
    """A good token is stored for later commands; a bad one is not (X13, A17, A19, K15, G4)."""
    played("login.txt")


@pytest.mark.slow
def test_a_tokens_life(played: Play) -> None:
    """A token is asked for, approved, edited and revoked (A7, A9, A10a, A19, A21, X14, X15)."""
    variables = played("life.txt")
    config = Path(variables["ANN_HOME"]) / "counterfoil" / "config.toml"
    assert config.stat().st_mode & 0o777 == 0o600


@pytest.mark.slow
def test_exporting_schemas(played: Play) -> None:
    """The vendor's command works by token, by file and by key and secret (A15, A16, A17, A18)."""
    played("export.txt")


@pytest.mark.slow
def test_importing_schemas(played: Play) -> None:
    """Schemas go back as they came, changed or new, and a refusal fails the command (A16, S41)."""
    played("import.txt")


@pytest.mark.slow
def test_the_file_of_credentials(played: Play) -> None:
    """Each thing that can be wrong with the configuration file ends a command, and is named (A18).

    So do both kinds of credential at once (A16).
    """
    played("config.txt")


def test_who_is_interrupted_says_so() -> None:
    """A command that is interrupted while it waits exits 130 (EXPERIENCE, exit codes)."""
    with subprocess.Popen(
        [COUNTERFOIL, "scan", "-"], stdin=subprocess.PIPE, stderr=subprocess.PIPE
    ) as scanning:
        assert scanning.stdin is not None
        scanning.stdin.write(b"nothing\n" * (1 << 17))  # more than a pipe holds: it reads by now
        scanning.stdin.flush()
        scanning.send_signal(signal.SIGINT)
        assert scanning.wait(20) == 130


def test_managing_an_organization(played: Play) -> None:
    """Tokens, roles, people, policy, content, trail, profiles, project: each by a command (A19)."""
    played("manage.txt")


@pytest.mark.slow
def test_tokens_are_asked_about(played: Play) -> None:
    """A token is looked at offline, verified, asked what it can do; a dry run tells all it would.

    Pairs are managed, a policy is tried before it is set, and a secret goes to a program.
    """
    played("ask.txt")


@pytest.mark.slow
def test_a_token_is_narrowed(played: Play) -> None:
    """A token is exchanged for a narrower one, which loses what it loses; the secret is alone."""
    played("narrow.txt")


@pytest.mark.slow
def test_webhooks_are_managed(played: Play) -> None:
    """A webhook is registered, changed, asked about, received here and deleted."""
    played("hooks.txt")


@pytest.mark.slow
def test_an_organization_as_a_file_says(played: Play) -> None:
    """`apply` makes it as declared, twice the same; secrets go to private files (A18, S16)."""
    played("apply.txt")


@pytest.mark.slow
def test_what_an_operator_does(played: Play) -> None:
    """The replica is rebuilt and the database migrated under a serving server (R20)."""
    played("operator.txt")


@pytest.mark.slow
def test_proofs_of_the_audit_trail(played: Play) -> None:
    """A checkpoint, a receipt and a copy hold, and what is changed does not (R15)."""
    played("proofs.txt")


@pytest.fixture(scope="module")
def walked(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """Return where the demo walked once, and how it went."""
    data = tmp_path_factory.mktemp("walk") / "data"
    ran = subprocess.run(
        [COUNTERFOIL, "demo", "--once", "--data-dir", data],
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )
    return data, ran


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_walk(walked: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    """`demo --once` shows the main job over HTTP, with real statuses, in 80 columns; exits 0."""
    _, ran = walked
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "steps went as they should" in ran.stdout
    for told in ("TOKEN_PENDING_APPROVAL", "OUTSIDE_ROOT_NODES", "INVALID_TOKEN", "202", "201"):
        assert told in ran.stdout
    assert "cfp_" not in ran.stdout + ran.stderr
    assert max(map(len, ran.stdout.splitlines())) <= 80


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_ctrl_c_keeps_the_data(
    walked: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    """`demo` serves what is there already, walks again, and Ctrl-C ends it and keeps the data."""
    data, _ = walked
    said, port = tmp_path / "said", str(free_port())
    with said.open("w") as out:
        process = subprocess.Popen(
            [COUNTERFOIL, "demo", "--data-dir", data, "--port", port],
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    try:
        wait_until(
            lambda: "Ctrl-C stops" in said.read_text() or process.poll() is not None,
            "the demo to serve",
            seconds=150,
        )
        assert is_ready(int(port)), said.read_text()
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(30) == 0, said.read_text()
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert "steps went as they should" in said.read_text()
    assert "the data is still in" in said.read_text()
    assert not is_ready(int(port))
    assert (data / "office.sqlite").exists()


def test_a_port_that_is_taken_is_named(tmp_path: Path, url: str) -> None:
    """`demo` on a port where something listens exits 3 before it makes anything."""
    ran = subprocess.run(
        [COUNTERFOIL, "demo", "--data-dir", tmp_path / "x", "--port", url.rpartition(":")[2]],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 3
    assert "listens on port" in ran.stderr
    assert not (tmp_path / "x").exists()
