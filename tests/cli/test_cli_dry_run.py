"""`--dry-run`: all is looked up and asked, and nothing is kept."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path

import click
import pytest
from sqlalchemy import inspect, select, table, text

from cli.conftest import Type
from counterfoil.cli.needs import needs_of
from counterfoil.cli.tree import TREE, Noun, Tree
from counterfoil.kernel.entropy import system_entropy
from counterfoil.operation import OPERATIONS
from counterfoil.runtime.database import Database
from counterfoil.runtime.keyfile import key_in
from support.fake_server import Says, StandIn

ANN = "ann@acme.test"
BEGIN = ("init", "--data-dir", "data", "--organization", "Acme", "--name", "Ann", "--email", ANN)
HERE = ("--data-dir", "data", "--dry-run")
BY = ("--operator", "Ann")
SHARED = ("clock", "office.sqlite-", "gates.leases")
"""What processes share while they run, and nobody keeps."""
TOKEN = "cfp_" + "k" * 49
WHO = {"type": "token", "id": "1", "attributes": {"name": "laptop", "method": "personal"}}

ONLY_LOOK = """
auth status, auth token, auth header, pat list, pat show, pat wait, pat usage, pat templates,
pat link, request list, token list, token show, token inspect, token verify, token can,
key-pair list, key-pair show, webhook list, webhook show, webhook messages, webhook listen, usage,
policy show, policy preview, policy test, policy export, role list, role show, user list, user show,
organization list, content-type-schema list, content-type-schema get, content-item list,
content-item get, tree ls, tree cat, audit tail, audit search, audit export,
audit refusals, audit checkpoint, audit receipt, audit verify, audit copy, leak scan, scan,
gates list, gates propose, api snippet, quarantine show, plan, doctor, completion, version, help
"""
"""Commands that change nothing: not at a server, nor in an installation, nor in anybody's files."""

RUNS = {
    "serve": "it runs until it is stopped; what changes meanwhile, others ask for",
    "gate": "it runs until it is stopped, and keeps a copy of its own",
    "demo": "it makes data of its own where nothing is, and runs until it is stopped",
    "mcp": "it runs until it is stopped; each of its writes is a call that its agent makes",
}
"""Commands that begin something and are rehearsed by nothing, and why that is so."""


def commands(tree: Mapping[str, Tree], *before: str) -> Iterator[tuple[str, click.Command]]:
    """Yield every command of the tree, by its name."""
    for name, one in tree.items():
        if isinstance(one, Noun):
            yield from commands(one.verbs, *before, name)
            continue
        module, _, verb = one.at.partition(":")
        yield (
            " ".join((*before, name)),
            getattr(import_module(f"counterfoil.{module}"), verb),
        )


def test_every_write_can_be_rehearsed() -> None:
    """A command without `--dry-run` is known to change nothing, or to run until it is stopped.

    Whether it changes something at a server is what its operations say, and nobody's opinion: so
    the next command is held to it too.
    """
    looks = {" ".join(one.split()) for one in ONLY_LOOK.replace("\n", " ").split(",")}
    without = {
        path
        for path, command in commands(TREE)
        if not any("--dry-run" in option.opts for option in command.params)
    }
    assert without == looks | set(RUNS)
    changing = {
        path
        for path, _ in commands(TREE)
        if any(not OPERATIONS[need["operation"]].reads for need in needs_of(path))
    }
    assert len(changing) > 40
    assert without & changing == set()


@pytest.fixture
def begun(typed: Type) -> None:
    assert typed(*BEGIN, "--password-file", "-", stdin="correct horse battery").code == 0


def state(data: Path) -> dict[str, object]:
    """Return every row of every table that is there, and which files lie beside them."""
    database = Database(f"sqlite:///{data / 'office.sqlite'}", pool_size=1)
    try:
        with database.reading() as tx:
            found: dict[str, object] = {
                name: sorted(map(repr, tx.execute(select(text("*")).select_from(table(name)))))
                for name in sorted(inspect(tx).get_table_names())
            }
    finally:
        database.close()
    beside = {path for path in data.rglob("*") if not path.name.startswith(SHARED)}
    return {**found, "files": sorted(map(str, beside))}


def test_a_beginning_is_rehearsed(typed: Type, tmp_path: Path) -> None:
    """`init` and `migrate` say what they would do in an empty place, and make no directory."""
    ran = typed(*BEGIN, "--password-file", "-", "--dry-run", stdin="correct horse battery")
    assert (ran.code, "Acme would be founded" in ran.err) == (0, True)
    ran = typed("migrate", *HERE)
    assert (ran.code, "from revision none to" in ran.err) == (0, True)
    assert not (tmp_path / "data").exists()
    bad = typed(*BEGIN, "--password-file", "-", "--dry-run", stdin="short")
    assert bad.code == 2


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (("migrate",), "is at revision"),
        (("replica", "rebuild"), "would be built anew"),
        (("organization", "create", "--name", "B", "--admin-email", "b@b.test"), "one-time code"),
        (("user", "invite", ANN), "Ann would be invited"),
        (("user", "reactivate", ANN), "Ann might come in again"),
        (("backup", "monday"), "it would be a backup of 0 files and a database that ends at"),
        (("backup", "-"), "it would be a backup of 0 files and a database that ends at"),
        (("gates", "add", "eu-1", "--out", "eu-1.gate"), "eu-1 might follow"),
        (("quarantine", "begin", *BY), "nothing would open in Acme; everybody would be signed out"),
    ],
)
@pytest.mark.usefixtures("begun")
def test_a_deed_is_rehearsed(typed: Type, tmp_path: Path, line: tuple[str, ...], said: str) -> None:
    """What the operator would do is said, not a row is other than it was, and no file is there."""
    before, beside = state(tmp_path / "data"), sorted(tmp_path.iterdir())
    ran = typed(*line, *HERE)
    assert ran.code == 0, ran.err
    assert said in ran.err
    assert "nothing has changed" in ran.err
    assert ran.out == ""
    assert state(tmp_path / "data") == before
    assert sorted(tmp_path.iterdir()) == beside


@pytest.mark.usefixtures("begun")
def test_shutting_a_gate_out_is_rehearsed(typed: Type, tmp_path: Path) -> None:
    """`gates remove` says whom it would shut out, and they go on following."""
    here = ("--data-dir", "data")
    assert typed("gates", "add", "eu-1", "--out", "eu-1.gate", *here).code == 0
    before = state(tmp_path / "data")
    ran = typed("gates", "remove", "eu-1", *HERE)
    assert (ran.code, "eu-1 would be told nothing more" in ran.err) == (0, True)
    assert "a grace" not in ran.err
    assert state(tmp_path / "data") == before
    database = Database(f"sqlite:///{tmp_path / 'data' / 'office.sqlite'}")
    with database.transaction() as tx:
        tx.execute(text("UPDATE gate SET grace_s = 30"))
    database.close()
    ran = typed("gates", "remove", "eu-1", *HERE)
    assert "two seconds, but for reads in the 30 seconds of a grace" in ran.err
    assert typed("gates", "remove", "eu-2", *HERE).code == 6
    assert typed("gates", "add", "eu-1", "--out", "other", *HERE).code == 7
    assert typed("gates", "add", "eu-2", "--out", "eu-1.gate", *HERE).code == 7
    assert typed("gates", "add", "eu-2", "--out", "nowhere/at-all", *HERE).code == 3


@pytest.mark.usefixtures("begun")
def test_putting_back_is_rehearsed(typed: Type, tmp_path: Path) -> None:
    """`restore` looks at every byte of a backup, and puts nothing anywhere (R12)."""
    assert typed("backup", "monday", "--data-dir", "data").code == 0
    there = ("--data-dir", "there", "--dry-run")
    ran = typed("restore", "monday", *there)
    assert (ran.code, "all of it is there, and would be restored" in ran.err) == (0, True)
    whole = (tmp_path / "monday").read_bytes()
    for spoilt in (whole[: len(whole) // 2], whole.replace(b"Acme", b"Bcme", 1), b""):
        (tmp_path / "spoilt").write_bytes(spoilt)
        ran = typed("restore", "spoilt", *there)
        assert (ran.code, "Nothing was restored" in ran.err) == (7, True), ran.err
    assert not (tmp_path / "there").exists()
    assert typed("restore", "monday", *HERE).code == 7  # into what is not empty
    assert typed("restore", "tuesday", *there).code == 6


@pytest.mark.usefixtures("begun")
def test_ending_a_quarantine_is_rehearsed(typed: Type, tmp_path: Path) -> None:
    """`quarantine end` says what it would do, fails where it would, and all stays closed (R12)."""
    here = ("--data-dir", "data")
    assert typed("quarantine", "begin", *BY, *here).code == 0
    before = state(tmp_path / "data")
    journal = tmp_path / "data" / "revocations"
    ran = typed("quarantine", "replay", str(journal), *HERE)
    assert (ran.code, "there is no journal of revocations" in ran.err) == (7, True), ran.err
    ran = typed("quarantine", "end", "--revoke-all", *BY, *HERE)
    assert (ran.code, "this revokes" in ran.err) == (0, True), ran.err
    assert typed("quarantine", "end", "--revoke-all", "--opening", "0", *BY, *HERE).code == 0
    assert typed("quarantine", "end", "--revoke-all", "--opening", "9", *BY, *HERE).code == 7
    assert typed("quarantine", "end", "--revoke", "tok_1000000000000001", *BY, *HERE).code == 2
    assert state(tmp_path / "data") == before


@pytest.mark.parametrize(
    "line",
    [
        ("gates", "list"),
        ("quarantine", "show"),
        ("audit", "verify"),
        ("audit", "copy"),
        ("doctor",),
    ],
    ids=" ".join,
)
@pytest.mark.usefixtures("begun")
def test_what_only_looks_at_the_machine_changes_nothing(
    typed: Type, tmp_path: Path, line: tuple[str, ...]
) -> None:
    """A command of the operator's without `--dry-run` leaves every row and file as it was."""
    key_in(tmp_path / "data" / "audit.key", system_entropy)  # as a server that has run leaves it
    before = state(tmp_path / "data")
    assert typed(*line, "--data-dir", "data").code in {0, 1}
    assert state(tmp_path / "data") == before


def test_signing_in_is_rehearsed(typed: Type, server: StandIn, home: Path) -> None:
    """`auth login` tries a token, says where it would be kept, and keeps it not (X13)."""
    server.says = lambda _heard: Says(200, {"data": WHO})
    ran = typed("auth", "login", "--url", server.url, "--with-token", "--dry-run", stdin=TOKEN)
    assert ran.code == 0, ran.err
    assert f"it would be signed in at {server.url} as laptop" in ran.err
    assert f"stored in {home}" in ran.err
    server.says = lambda _heard: Says(401, {"errors": [{"code": "INVALID_TOKEN"}]})
    ran = typed("auth", "login", "--url", server.url, "--with-token", "--dry-run", stdin=TOKEN)
    assert ran.code == 4
    server.says = lambda _heard: Says(200, {"issuer": server.url})
    ran = typed("auth", "login", "--url", server.url, "--dry-run")
    assert (ran.code, "would be signed in here" in ran.err) == (0, True)
    assert server.heard[-1].method == "GET"
    server.says = lambda _heard: Says(200, {})
    assert typed("auth", "login", "--url", server.url, "--dry-run").code == 3
    assert not home.exists()


def test_an_export_is_rehearsed(typed: Type, server: StandIn, tmp_path: Path) -> None:
    """`content-type-schema export` says which files would be new, and writes none (A16)."""
    article = {
        "type": "content_type_schema", "id": "1000000000000001",
        "attributes": {"api_key": "article", "schema_id": "https://a.test/a", "body": {}},
    }  # fmt: skip
    server.says = lambda _heard: Says(200, {"data": [article]})
    line = ("content-type-schema", "export", "out", "--url", server.url, "--pat-token", "-")
    ran = typed(*line, "--dry-run", stdin=TOKEN)
    assert (ran.code, ran.out.split()[-1]) == (0, "CREATED"), ran.err
    assert "would be written; nothing was" in ran.err
    assert not (tmp_path / "out").exists()
    assert typed(*line, stdin=TOKEN).code == 0
    (tmp_path / "out" / "article.json").write_text("{}")
    assert typed(*line, "--dry-run", stdin=TOKEN).out.split()[-1] == "UPDATED"
    assert (tmp_path / "out" / "article.json").read_text() == "{}"


@pytest.mark.usefixtures("begun")
def test_what_could_not_be_done_is_not_said_to_be(typed: Type) -> None:
    """A rehearsal fails as the deed would: the last admin stays, and nobody is found who is not."""
    assert typed("user", "deactivate", ANN, *HERE).code == 7
    assert typed("user", "invite", "nobody@acme.test", *HERE).code == 6
    again = typed(*BEGIN, "--password-file", "-", "--dry-run", stdin="correct horse battery")
    assert again.code == 7


def test_a_mutation_is_rehearsed(typed: Type, server: StandIn) -> None:
    """`graphql --dry-run` sends nothing, for a query of assets may be a mutation."""
    asked = ("graphql", "-q", "mutation { x }", "--assets", "--url", server.url)
    ran = typed(*asked, "--pat-token", "-", "--dry-run", stdin=TOKEN)
    assert (ran.code, "this was not sent" in ran.err) == (0, True)
    assert json.loads(ran.out)["body"]["query"] == "mutation { x }"
    assert server.heard == []


@pytest.mark.usefixtures("begun")
def test_gates_alone_lists_them(typed: Type) -> None:
    """`counterfoil gates` lists the gates on other hosts, by the same options as `gates list`."""
    here = ("--data-dir", "data")
    assert typed("gates", "add", "eu-2", "--out", "eu-2.gate", *here).code == 0
    listed = typed("gates", "list", *here)
    assert "eu-2" in listed.out
    assert typed("gates", *here).out == listed.out
    assert json.loads(typed("gates", "--json", *here).out)[0]["name"] == "eu-2"
    assert typed("gates", "--help").out.startswith("Usage:")
