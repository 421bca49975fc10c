"""`counterfoil help`: for people, and as data for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import click
import pytest

from cli.conftest import Type
from counterfoil.app.routes import ROUTES
from counterfoil.cli.needs import ASKS, UNSAID
from counterfoil.cli.root import root
from counterfoil.cli.tree import TREE, Noun, Tree


def paths(tree: Mapping[str, Tree], above: tuple[str, ...] = ()) -> Iterator[str]:
    for name, one in tree.items():
        if isinstance(one, Noun):
            yield from paths(one.verbs, (*above, name))
        else:
            yield " ".join((*above, name))


def command(path: str) -> click.Command:
    found: click.Command = root
    for name in path.split():
        assert isinstance(found, click.Group)
        inner = found.get_command(click.Context(found), name)
        assert inner
        found = inner
    return found


def told(typed: Type, *arguments: str) -> dict[str, dict[str, Any]]:
    ran = typed("help", *arguments, "--json")
    assert ran.code == 0, ran.err
    return {one["command"]: one for one in json.loads(ran.out)["commands"]}


def test_the_whole_tree_is_told(typed: Type) -> None:
    """Every command stands in `help --json`, with its arguments, its options and its help."""
    commands = told(typed)
    assert list(commands) == list(paths(TREE))
    for path, one in commands.items():
        assert one["help"], path
        assert len(one["options"]) + len(one["arguments"]) == len(command(path).params)
    created = {name: option for option in commands["pat create"]["options"] for name in
               option["names"]}  # fmt: skip
    assert (created["--scope"]["many"], created["--inherit"]["takes"]) == (True, None)
    assert created["--surface"]["choices"] == ["delivery", "preview", "management"]


def test_each_option_says_what_it_is_for(typed: Type) -> None:
    """No option is left to be guessed by its name, and no default stands in place of a sentence."""
    for path in told(typed):
        for one in command(path).params:
            if isinstance(one, click.Option):
                assert one.help, f"{path} {one.opts[0]}"
                assert not one.help.startswith("["), f"{path} {one.opts[0]}"


def test_each_option_says_which_variable_it_reads(typed: Type) -> None:
    """What an option takes from the environment stands in its help, and so in the manual."""
    for path in told(typed):
        for one in command(path).params:
            if isinstance(one, click.Option) and one.envvar:
                assert f"[env: {one.envvar}]" in (one.help or ""), f"{path} {one.opts[0]}"


def test_each_command_names_the_scopes_that_it_needs(typed: Type) -> None:
    """The scopes, surfaces and credentials of a command are those of its operations (X7)."""
    commands = told(typed)
    assert commands["content-type-schema export"]["scopes"] == ["content-types:read"]
    assert commands["content-type-schema import"]["scopes"] == [
        "content-types:read",
        "content-types:write",
    ]
    assert commands["audit tail"]["scopes"] == ["audit:read"]
    (create,) = commands["pat create"]["needs"]
    assert (create["scope"], create["credentials"]) == (None, ["session"])
    assert commands["scan"]["needs"] == []


def test_no_command_that_asks_a_server_is_forgotten() -> None:
    """A command that talks to a server says in `cli/needs.py` what it asks; each call exists."""
    talking = {
        path
        for path in paths(TREE)
        if any("--pat-token" in one.opts for one in command(path).params)
    }
    assert talking - ASKS.keys() - UNSAID == set()
    routes = {f"{route.method} {route.path}" for route in ROUTES}
    assert {call for calls in ASKS.values() for call in calls} <= routes


def test_a_person_reads_help_as_ever(typed: Type) -> None:
    """Without --json `help` says what --help says, of the program or of a command."""
    assert typed("help").out == typed("--help").out
    assert typed("help", "pat", "create").out == typed("pat", "create", "--help").out
    assert set(told(typed, "pat")) == {one for one in paths(TREE) if one.startswith("pat ")}
    assert typed("help", "pat", "nonsense").code == 2


@pytest.mark.parametrize(("other", "name"), [("org", "organization"),
                                             ("content-type", "content-type-schema")])  # fmt: skip
def test_another_word_for_a_noun_is_the_same_commands(typed: Type, other: str, name: str) -> None:
    """Another spelling of a noun leads to the same commands and needs, and stands in help once."""
    assert command(f"{other} list") is command(f"{name} list")
    assert told(typed, other) == told(typed, name)
    assert typed("help", other, "list").out == typed("help", name, "list").out
    lines = [line.split()[0] for line in typed("--help").out.splitlines() if line.strip()]
    assert (lines.count(name), lines.count(other)) == (1, 0)
    assert f"`{other}`" in " ".join(typed("--help").out.split()).replace("- ", "-")
    assert typed(other, "nonsense").code == 2


def test_permissions_are_a_table(typed: Type) -> None:
    """`help permissions` has a line for each command that needs leave, and says what it needs."""
    rows = {one["command"]: one for one in json.loads(typed("help", "permissions", "--json").out)}
    assert rows.keys() == ASKS.keys()
    assert rows["token create"]["scopes"] == ["roles:read", "tokens:manage"]
    assert rows["pat list"]["scopes"] == []
    assert rows["pat list"]["scopes_for_others"] == ["tokens:approve"]
    assert rows["pat create"]["credentials"] == ["session"]
    lines = typed("help", "permissions").out.splitlines()
    assert len(lines) == len(ASKS)
    assert "audit tail\taudit:read\tnothing\tmanagement\t" in "\n".join(lines)


def test_the_version_is_a_word_too(typed: Type) -> None:
    """`version` says what `--version` does, and to a program as data."""
    ran = typed("version")
    assert (ran.code, ran.out) == (0, typed("--version").out)
    assert json.loads(typed("version", "--json").out)["version"] in ran.out
