"""Mistakes, and machines that have no room: each is told in a sentence, with its exit code."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

import click
import pytest

from cli.conftest import Type
from counterfoil.cli.exits import Exit
from counterfoil.cli.lazy import Lazy
from counterfoil.cli.root import root
from counterfoil.cli.tree import TREE, Noun
from infra.server import COUNTERFOIL
from support.fake_server import Says, StandIn

SPOKEN: Final = "cfp_spoken"
_DEMO: Final = {("demo",), ("serve",)}
"""They begin without any argument."""


def leaves(tree: Any = TREE, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, one in tree.items():
        yield from leaves(one.verbs, (*path, name)) if isinstance(one, Noun) else [(*path, name)]


def found(path: tuple[str, ...]) -> click.Command:
    command: click.Command = root
    for name in path:
        assert isinstance(command, Lazy)
        inner = command.get_command(click.Context(command), name)
        assert inner is not None
        command = inner
    return command


@pytest.mark.parametrize("path", sorted(set(leaves()) - _DEMO), ids=" ".join)
def test_a_mistyped_command_says_what_is_wrong(typed: Type, path: tuple[str, ...]) -> None:
    """Arguments that are missing or too many, and unknown options, are exit 2 and nothing else."""
    command = found(path)
    arguments = [one for one in command.params if isinstance(one, click.Argument)]
    tries = [["--nonsense"]]
    if any(one.required for one in arguments):
        tries.append([])
    if all(one.nargs == 1 for one in arguments):
        tries.append(["x"] * (len(arguments) + 1))
    for said in tries:
        ran = typed(*path, *said)
        assert ran.code == Exit.USAGE, (said, ran)
        assert "Error: " in ran.err
        assert ran.out == ""


@pytest.mark.parametrize("status", [200, 404, 501, 503])
def test_a_server_that_is_none_of_ours_is_told(typed: Type, server: StandIn, status: int) -> None:
    """What answers in no words of ours is no missing thing: exit 3, and a doubt about --url."""
    server.says = lambda _heard: Says(status, b"<html>hello</html>")
    for words in (["tree", "ls"], ["token", "create", "x", "--role", "rol_1000000000000001"]):
        ran = typed(*words, "--url", server.url, "--pat-token", "-", stdin=SPOKEN)
        assert (ran.code, ran.out) == (Exit.CONFIG, "")
        assert "unforeseen" not in ran.err


@pytest.mark.parametrize("verb", ["search", "export"])
@pytest.mark.parametrize("option", ["--since", "--before"])
@pytest.mark.parametrize("text", ["never", "none", "yesterday"])
def test_what_is_no_instant_widens_no_question(
    typed: Type, server: StandIn, verb: str, option: str, text: str
) -> None:
    """What cannot be read as an instant is refused, and not left out as if nobody had said it."""
    words = ("audit", verb, option, text, "--url", server.url, "--pat-token", "-")
    ran = typed(*words, stdin=SPOKEN)
    assert (ran.code, ran.out) == (Exit.USAGE, "")
    assert f"Invalid value for {option}: '{text}' is no instant" in ran.err


@pytest.mark.parametrize("option", ["--since", "--before"])
def test_a_day_begins_a_question_where_it_begins(typed: Type, server: StandIn, option: str) -> None:
    """What was done on a day is found since that day, and not before it."""
    heard: list[str] = []

    def says(one: Any) -> Says:
        heard.append(one.target)
        return Says(200, {"data": []})

    server.says = says
    words = ("audit", "search", option, "2026-11-28", "--url", server.url, "--pat-token", "-")
    assert typed(*words, stdin=SPOKEN).code == 0
    assert any("2026-11-28T00:00:00Z" in unquote(path) for path in heard)


def run(*words: str | bytes, **how: Any) -> subprocess.CompletedProcess[bytes]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COUNTER")}
    how["env"] = {**kept, "COUNTERFOIL_TOKEN": SPOKEN, **how.pop("env", {})}
    return subprocess.run(
        [COUNTERFOIL, *words], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False, **how
    )


def test_a_secret_that_nobody_took_is_told(server: StandIn) -> None:
    """Where its output has no room, a command says what it made, and that its secret is lost."""
    made = {
        "type": "api_token", "id": "1000000000000001",
        "attributes": {"name": "web", "token": "cfs_" + "0" * 49},
    }  # fmt: skip
    server.says = lambda _heard: Says(201, {"data": made})
    words = ("token", "create", "web", "--inherit", "--url", server.url)
    with Path("/dev/full").open("wb") as full:
        ran = run(*words, stdout=full)
    assert ran.returncode == Exit.FAILED
    assert b"tok_1000000000000001 is made, and its secret could not be written" in ran.stderr
    assert b"0" * 49 not in ran.stderr
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as gone:
        ran = run(*words, stdout=gone)
    assert ran.returncode == Exit.FAILED
    assert b"is lost" in ran.stderr


def test_a_full_disk_is_named() -> None:
    """A result that finds no room is a failure in one line."""
    with Path("/dev/full").open("wb") as full:
        ran = run("help", "--json", stdout=full)
    assert ran.returncode == Exit.FAILED
    assert ran.stderr.count(b"\n") == 1
    assert b"Standard output cannot be used" in ran.stderr


def test_a_closed_output_is_named() -> None:
    """Where standard output is closed nothing is done: a result would have no place."""
    ran = subprocess.run(
        ["/bin/sh", "-c", f"{COUNTERFOIL} token create web --inherit >&-"],
        stderr=subprocess.PIPE, check=False,
    )  # fmt: skip
    assert ran.returncode == Exit.FAILED
    assert ran.stderr.decode() == "✗ Standard output is closed: there is no place for a result\n"
    quiet = subprocess.run(
        ["/bin/sh", "-c", f"{COUNTERFOIL} completion bash 2>&- | head -1"],
        stdout=subprocess.PIPE, check=True,
    )  # fmt: skip
    assert quiet.stdout


def test_a_home_that_takes_nothing_is_named(typed: Type, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that cannot be made is exit 3, and a token that is given needs no such file."""
    monkeypatch.setenv("XDG_CONFIG_HOME", "/proc/nowhere")
    ran = typed("configure", "--url", "https://cms.example.com")
    assert ran.code == Exit.CONFIG
    assert "cannot be written" in ran.err
    monkeypatch.setenv("XDG_CONFIG_HOME", "/dev/null")
    ran = typed("pat", "list")
    assert (ran.code, ran.err.splitlines()[0]) == (4, "✗ There is no credential")


def test_a_folder_that_is_gone_is_no_obstacle(tmp_path: Path, server: StandIn) -> None:
    """Whoever stands in a folder that somebody removed can work on."""
    server.says = lambda _heard: Says(200, {"data": []})
    (tmp_path / "gone").mkdir()
    script = f"cd gone && rmdir ../gone && {COUNTERFOIL} content-item list --url {server.url}"
    ran = subprocess.run(
        ["/bin/sh", "-c", script], cwd=tmp_path, stderr=subprocess.PIPE, check=False,
        env={**os.environ, "COUNTERFOIL_TOKEN": SPOKEN},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr


def test_what_is_no_text_is_a_mistake(server: StandIn) -> None:
    """Bytes that are no text are a mistake of whoever typed them, and not of ours."""
    ran = run("content-item", "list", "--query", b"\xff", "--url", server.url)
    assert ran.returncode == Exit.USAGE
    assert b"is no text" in ran.stderr


def test_no_token_on_standard_input_is_named(typed: Type) -> None:
    """`-` with nothing to read says so, before anybody is asked."""
    ran = typed("auth", "login", "--with-token", "--url", "http://localhost:1")
    assert ran.code == Exit.UNAUTHENTICATED
    assert "no token on standard input" in ran.err
