"""The command tree: whole, without a command that nobody reaches, and alike in what all share."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator, Mapping
from importlib import import_module
from pkgutil import walk_packages
from typing import Final

import click
import pytest

import counterfoil.cli
import counterfoil.demo
from cli.conftest import Type
from counterfoil.cli.lazy import HELP, Lazy
from counterfoil.cli.needs import ASKS, UNSAID
from counterfoil.cli.tree import TREE, Noun, Tree, Verb

PROMISED: Final = """
serve, init, doctor, migrate, backup, restore, version, completion, configure, demo, gate, help
auth: login, status, token, logout, switch, header
pat: list, create, show, edit, rotate, disable, enable, delete, wait, templates, link
token: list, create, show, edit, enable, disable, regenerate, delete, import
token: inspect, attenuate, verify, can
request: list, approve, deny
policy: show, set, preview, test, export
role: list, show, create, edit, delete
user: list, show, add, roles, invite, deactivate, reactivate
org: list, create
organization: list, create
content-type-schema: export, import, list, get
content-type: export, import, list, get
content-item: list, get, create, edit, publish, unpublish, delete
tree: ls, mv, cat
audit: tail, search, export, verify
leak: report, scan
webhook: listen, resend
api: call, sync
usage, scan, graphql, mcp, plan, apply
"""
"""What the command line is to have at least: nouns with their verbs, and verbs that stand alone."""

UNSPOKEN: Final = {
    "auth login": "it keeps a token that --token gives, or a session; there is none before it",
    "auth logout": "it ends the session that is stored, by what is stored of it",
    "leak report": "whoever finds a token reports it, and is nobody; no credential is sent",
}
"""Commands that reach a server and take no credential for it, and why that is so."""

_REACHING: Final = frozenset({"Client", "open_client", "client_by", "client_of", "credential_for"})
"""What only a command names that talks to a server."""


def leaves(tree: Mapping[str, Tree] = TREE, *before: str) -> Iterator[tuple[str, Verb]]:
    for name, one in tree.items():
        if isinstance(one, Noun):
            yield from leaves(one.verbs, *before, name)
        else:
            yield " ".join((*before, name)), one


def command_at(verb: Verb) -> click.Command:
    module, _, name = verb.at.partition(":")
    found = getattr(import_module(f"counterfoil.{module}"), name)
    assert isinstance(found, click.Command)
    return found


def reached(line: str) -> click.Command | None:
    """Return the command that somebody gets who types these words."""
    group: click.Command | None = Lazy("counterfoil", context_settings=HELP)
    for word in line.split():
        assert isinstance(group, click.Group)
        group = group.get_command(click.Context(group), word)
    return group


def test_the_tree_is_whole() -> None:
    """Every command that is promised is reached by its words, other words for a noun too."""
    lines = []
    for row in PROMISED.strip().splitlines():
        noun, _, verbs = row.rpartition(":")
        lines += [f"{noun} {verb}".strip() for verb in verbs.split(", ")]
    missing = [
        line for line in lines if isinstance(reached(" ".join(line.split())), click.Group | None)
    ]
    assert missing == []
    assert len(lines) > 80


def test_a_thing_alone_is_listed(typed: Type) -> None:
    """Where there is a list, the noun alone means it, with its options too; help is still help."""
    nouns = [name for name, one in TREE.items() if isinstance(one, Noun) and "list" in one.verbs]
    assert len(nouns) > 10
    for noun in (*nouns, "org", "content-type"):
        for options in ((), ("--json",)):
            alone, listed = typed(noun, *options), typed(noun, "list", *options)
            assert (alone.code, alone.err) == (listed.code, listed.err), noun
            assert "Missing command" not in alone.err, noun
        assert "Alone it is `list`." in typed(noun, "--help").out
    assert typed("auth").code == 2
    assert "Did you mean list?" in typed("pat", "lst").err


def test_no_command_is_left_out_of_the_tree() -> None:
    """What is written as a command stands in the tree, or nobody could type it."""
    reachable = {id(command_at(verb)) for _, verb in leaves()}
    for package in (counterfoil.cli, counterfoil.demo):
        for module in walk_packages(package.__path__, f"{package.__name__}."):
            for name, one in vars(import_module(module.name)).items():
                if isinstance(one, click.Command) and not isinstance(one, click.Group):
                    assert id(one) in reachable, f"{module.name}:{name}"


@pytest.mark.parametrize(
    ("path", "verb"), [*leaves()], ids=lambda one: one if isinstance(one, str) else ""
)
def test_the_tree_says_what_each_command_says(path: str, verb: Verb) -> None:
    """The list of commands fits its line, and each says more when it is asked alone."""
    assert verb.told.endswith(".")
    assert len(verb.told) <= 60
    said = (command_at(verb).help or "").strip()
    assert said.partition("\n")[0].rstrip().endswith((".", ":", "?"))
    assert path not in {verb.told, said}


def test_every_remote_command_takes_both_kinds_of_credentials() -> None:
    """A command that talks to a server takes --patToken, and --clientId with --clientSecret.

    What talks is known by its code and by what it is said to ask, so the next command is held to
    it too; those without a credential stand here with their reasons (A15, A16).
    """
    talking = {path for path, verb in leaves() if path in ASKS.keys() | UNSAID or _reaches(verb)}
    assert len(talking) > 80
    asked = {"--patToken", "--pat-token", "--token-file", "--clientId", "--client-id",
             "--clientSecret", "--client-secret", "--url"}  # fmt: skip
    without = set()
    for path, verb in leaves():
        names = {name for one in command_at(verb).params for name in one.opts}
        if path in talking and not asked <= names:
            without.add(path)
        assert path in talking or "--pat-token" not in names, path
    assert without == set(UNSPOKEN)


def _reaches(verb: Verb) -> bool:
    """Say whether a command, or a function of its module that it names, speaks to a server."""
    module = import_module(f"counterfoil.{verb.at.partition(':')[0]}")
    functions = {
        one.name: {name.id for name in ast.walk(one) if isinstance(name, ast.Name)}
        for one in ast.parse(inspect.getsource(module)).body
        if isinstance(one, ast.FunctionDef)
    }
    seen, ahead = set(), {verb.at.partition(":")[2]}
    while ahead:
        name = ahead.pop()
        seen.add(name)
        ahead |= (functions.get(name, set()) & functions.keys()) - seen
        if functions.get(name, set()) & _REACHING:
            return True
    return False
