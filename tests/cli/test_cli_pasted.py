"""What a command says to type next can be pasted: it lacks nothing that it needs."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from cli.conftest import Type
from cli.test_cli_init import EMAIL, PASSWORD, SAID
from counterfoil.cli.doctor.installation import look
from counterfoil.cli.root import root

HOME = "our cellar"
"""The data directory, which a shell has to be told with care."""


@pytest.fixture
def begun(typed: Type) -> str:
    """Return what is said where an installation has begun."""
    ran = typed("init", "--data-dir", HOME, *SAID, stdin=PASSWORD)
    assert ran.code == 0, ran.err
    return ran.out + ran.err


def commands(said: str) -> list[list[str]]:
    """Return the commands that are named in a text, up to the end of a line or of its quotes."""
    return [shlex.split(one) for one in re.findall(r"counterfoil ([a-z][^`\n]*)", said)]


def taken(arguments: list[str]) -> str:
    """Return which command takes these arguments; a UsageError says that none does."""
    group: click.Command = root
    context = click.Context(root)
    while isinstance(group, click.Group):
        _, command, arguments = group.resolve_command(context, arguments)
        assert command is not None
        group, context = command, click.Context(command, context)
    group.make_context(group.name, arguments)
    return str(group.name)


def test_what_to_type_after_init(begun: str) -> None:
    """Each of the three lines is a whole command, and nothing else."""
    assert EMAIL in begun
    assert [taken(one) for one in commands(begun)] == ["serve", "login", "create"]
    assert str(Path(HOME).absolute()) in commands(begun)[0]


@pytest.mark.usefixtures("begun")
def test_what_to_type_after_a_gate_is_added(typed: Type, monkeypatch: pytest.MonkeyPatch) -> None:
    """The gate's command has a place for its own data directory, and our address if we have one."""
    monkeypatch.setenv("COUNTERFOIL_BASE_URL", "https://cms.example.com")
    said = typed("gates", "add", "eu-1", "--data-dir", HOME, "--out", "the gate").err
    [command] = commands(said)
    assert taken(command) == "gate"
    assert command[1:] == [
        "--office", "https://cms.example.com", "--credential", "the gate",
        "--data-dir", "DIRECTORY",
    ]  # fmt: skip


@pytest.mark.usefixtures("begun")
def test_what_to_type_after_a_restore(typed: Type) -> None:
    """It shows the quarantine of what was restored, as it is pasted."""
    assert typed("backup", "one.backup", "--data-dir", HOME).code == 0
    ran = typed("restore", "one.backup", "--data-dir", "put back")
    assert ran.code == 0, ran.err
    [command] = commands(ran.err)
    assert command == ["quarantine", "show", "--data-dir", str(Path("put back").absolute())]
    assert typed(*command).code == 0


def test_what_to_type_where_nothing_is(typed: Type) -> None:
    """An empty directory is named with the command that begins there, by the doctor too."""
    Path("nothing").mkdir(0o700)
    whole = ["init", "--data-dir", str(Path("nothing").absolute())]
    assert commands(typed("backup", "x", "--data-dir", "nothing").err) == [whole]
    fixes = [one.fix for one in look(Path("nothing")) if one.what == "database"]
    assert [commands(one) for one in fixes] == [[whole]]
    [absent] = look(Path("absent"))
    assert commands(absent.fix) == [["init", "--data-dir", "absent"]]
