"""`--dry-run` at the machine: all is looked up and asked, and nothing is kept."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest
from sqlalchemy import func, inspect, select, table

from cli.conftest import Type
from counterfoil.cli.tree import TREE, Noun, Tree
from counterfoil.runtime.database import Database

ANN = "ann@acme.test"
BEGIN = ("init", "--data-dir", "data", "--organization", "Acme", "--name", "Ann", "--email", ANN)
HERE = ("--data-dir", "data", "--dry-run")

ONLY_LOOK = """
auth status, auth token, auth header, pat list, pat show, pat wait, pat usage, pat templates,
pat link, request list, token list, token show, token inspect, token verify, token can,
key-pair list, key-pair show, webhook list, webhook show, webhook messages, webhook listen, usage,
policy show, policy preview, policy test, policy export, role list, role show, user list, user show,
organization list, content-type-schema export, content-type-schema list, content-type-schema get,
content-item list, content-item get, tree ls, tree cat, graphql, audit tail, audit search,
audit export, audit refusals, audit checkpoint, audit receipt, audit verify, audit copy, leak scan,
scan, gates list, gates propose, quarantine show, plan, doctor, completion, version, help
"""
"""Commands that change nothing at a server or in an installation."""

OTHERWISE = {
    "serve": "it runs until it is stopped",
    "gate": "it runs until it is stopped",
    "demo": "it makes data of its own",
    "mcp": "it runs until it is stopped; its program asks before it writes",
    "auth login": "it keeps what signing in gave",
    "backup": "it makes a file that was not there, and touches nothing else",
    "restore": "it checks every byte, and fills an empty directory alone",
    "gates add": "it is undone by `gates remove`",
    "gates remove": "it is undone by `gates add`",
    "quarantine begin": "it closes all, and `quarantine end` opens it",
    "quarantine replay": "it only takes power away, and tells what",
    "quarantine end": "it asks, and says first what it would revoke",
}
"""Commands that write without a rehearsal, and why that is so."""


def commands(tree: Tree | dict[str, Tree], *before: str) -> list[str]:
    """Return every command that has no `--dry-run`."""
    found = []
    for name, one in tree.items():  # type: ignore[union-attr]
        if isinstance(one, Noun):
            found += commands(dict(one.verbs), *before, name)
            continue
        module, _, verb = one.at.partition(":")
        command = getattr(import_module(f"counterfoil.{module}"), verb)
        if not any("--dry-run" in option.opts for option in command.params):
            found.append(" ".join((*before, name)))
    return found


def test_every_write_can_be_rehearsed() -> None:
    """A command without `--dry-run` only looks, or stands here with a reason."""
    looks = {" ".join(one.split()) for one in ONLY_LOOK.replace("\n", " ").split(",")}
    assert set(commands(dict(TREE))) == looks | set(OTHERWISE)


@pytest.fixture
def begun(typed: Type) -> None:
    assert typed(*BEGIN, "--password-file", "-", stdin="correct horse battery").code == 0


def state(data: Path) -> list[tuple[str, int]]:
    """Return how many rows each table has that is there."""
    database = Database(f"sqlite:///{data / 'office.sqlite'}", pool_size=1)
    try:
        with database.reading() as tx:
            return [
                (name, tx.scalars(select(func.count()).select_from(table(name))).one())
                for name in sorted(inspect(tx).get_table_names())
            ]
    finally:
        database.close()


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
    ],
)
@pytest.mark.usefixtures("begun")
def test_a_deed_is_rehearsed(typed: Type, tmp_path: Path, line: tuple[str, ...], said: str) -> None:
    """What the operator would do is said, and not a row is other than it was."""
    before = state(tmp_path / "data")
    ran = typed(*line, *HERE)
    assert ran.code == 0, ran.err
    assert said in ran.err
    assert "nothing has changed" in ran.err
    assert ran.out == ""
    assert state(tmp_path / "data") == before


@pytest.mark.usefixtures("begun")
def test_what_could_not_be_done_is_not_said_to_be(typed: Type) -> None:
    """A rehearsal fails as the deed would: the last admin stays, and nobody is found who is not."""
    assert typed("user", "deactivate", ANN, *HERE).code == 7
    assert typed("user", "invite", "nobody@acme.test", *HERE).code == 6
    again = typed(*BEGIN, "--password-file", "-", "--dry-run", stdin="correct horse battery")
    assert again.code == 7
