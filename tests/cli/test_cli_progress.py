"""The bar for what takes long: seen at a terminal, taken away again, and nowhere else."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest

from cli.scripts import plain_environment
from infra.server import COUNTERFOIL
from support.fake_server import Heard, Says, StandIn

TOKEN: Final = "cfp_" + "k" * 49
PASSWORD: Final = b"correct horse battery staple"
_SLOW_S: Final = 0.35
"""So long the server takes for each: what is quick has no bar."""
_CLEAR: Final = "\r\x1b[K"
_BAR: Final = "━"
_HOW_MANY: Final = 3
_AT_ONCE: Final = """
import sys
from importlib import import_module
import_module("counterfoil.cli.output.progress").PATIENCE_S = 0
from counterfoil.cli.root import main
main()
"""
"""Our command line for people who begin to wonder at once."""
_TRAIL: Final = Path(__file__).parents[1] / "vectors" / "trail" / "whole.ndjson"


class Seen(NamedTuple):
    """What a command at a terminal drew, what it left there, and what it printed elsewhere."""

    drawn: list[str]
    left: str
    out: bytes


@pytest.fixture
def slow(server: StandIn) -> StandIn:
    """Return a server that thinks before it takes a content type."""

    def says(heard: Heard) -> Says:
        if heard.method == "GET":
            return Says(200, {"data": []})
        time.sleep(_SLOW_S)
        attributes = heard.json["data"]["attributes"]
        made = {"type": "item_type", "id": "1000000000000001", "attributes": attributes}
        return Says(201, {"data": made})

    server.says = says
    return server


@pytest.fixture
def types(tmp_path: Path) -> Path:
    """Return a folder with content types to be imported."""
    folder = tmp_path / "types"
    folder.mkdir()
    for number in range(_HOW_MANY):
        id_ = f"https://a.test/{number}"
        told = {"schemaId": id_, "body": json.dumps({"$id": id_, "type": "object"})}
        (folder / f"type{number}.json").write_text(json.dumps(told))
    return folder


def start(slow: StandIn, types: Path, stderr: int) -> subprocess.Popen[str]:
    environment = plain_environment(Path(COUNTERFOIL).parent, types.parent)
    return subprocess.Popen(
        [COUNTERFOIL, "content-type-schema", "import", str(types)],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=stderr, text=True,
        env={**environment, "COUNTERFOIL_URL": slow.url, "COUNTERFOIL_TOKEN": TOKEN},
    )  # fmt: skip


def shown_on(screen: int) -> str:
    """Return all that came on a terminal until nobody holds it any more."""
    seen = b""
    try:
        while piece := os.read(screen, 65_536):
            seen += piece
    except OSError:  # Linux says so when the last process has closed it
        pass
    return seen.decode()


def test_a_bar_is_drawn_and_taken_away(slow: StandIn, types: Path) -> None:
    """On a terminal a bar grows on standard error while it lasts, and nothing is left of it."""
    screen, line = pty.openpty()
    process = start(slow, types, line)
    os.close(line)
    seen = shown_on(screen)
    os.close(screen)
    out = process.communicate(timeout=30)[0]
    assert process.returncode == 0, seen
    drawn = [one for one in seen.split(_CLEAR) if one.startswith("Importing ")]
    assert [one.rpartition(" ")[2] for one in drawn] == ["1/3", "2/3"]
    assert [one.count(_BAR) for one in drawn] == [8, 16]
    left = seen.rpartition(_CLEAR)[2]
    assert _BAR not in left
    assert "3 content type schemas imported" in left
    assert len(out.splitlines()) == _HOW_MANY
    assert _BAR not in out


def test_a_pipe_sees_no_bar(slow: StandIn, types: Path) -> None:
    """Where nobody looks, standard error holds sentences alone: no bar, and no escape."""
    process: Any = start(slow, types, subprocess.PIPE)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    assert err.splitlines() == ["✓ 3 content type schemas imported"]
    assert len(out.splitlines()) == _HOW_MANY


def at_once(
    home: Path,
    *arguments: str,
    more: Mapping[str, str] | None = None,
    stdin: bytes = b"",
    code: int = 0,
) -> Seen:
    """Run a command with its standard error at a terminal, and no patience."""
    screen, line = pty.openpty()
    (home / "stdin").write_bytes(stdin)
    with (home / "stdin").open("rb") as read, (home / "stdout").open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-c", _AT_ONCE, *arguments],
            stdin=read, stdout=out, stderr=line, cwd=home,
            env=plain_environment(Path(COUNTERFOIL).parent, home) | dict(more or {}),
        )  # fmt: skip
        os.close(line)
        seen = shown_on(screen)
        os.close(screen)
        assert process.wait() == code, seen
    *drawn, left = seen.split(_CLEAR)
    return Seen([one for one in drawn if one], left, (home / "stdout").read_bytes())


def amounts(seen: Seen, label: str) -> list[str]:
    """Return how much was done, each time that a stage was drawn."""
    return [one.rpartition(_BAR)[2].removeprefix(label).strip() for one in seen.drawn
            if one.startswith(f"{label} ")]  # fmt: skip


def only_sentences(seen: Seen) -> bool:
    """Say whether nothing is left but lines that are whole."""
    return seen.left.endswith("\n") and not {_BAR, "\x1b", "\r\x1b"} & set(seen.left)


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home with an installation in `data` and a backup of it in `monday`."""
    home = tmp_path_factory.mktemp("begun")
    begin = ("--organization", "Acme", "--name", "Ann", "--email", "ann@acme.test")
    at_once(home, "init", "--data-dir", "data", *begin, "--password-file", "-", stdin=PASSWORD)
    at_once(home, "backup", "--data-dir", "data", "monday")
    return home


def test_a_backup_shows_how_far_it_is(begun: Path) -> None:
    """A backup grows to the size of the database, then to its own; restoring it, to all of it."""
    seen = at_once(begun, "backup", "--data-dir", "data", "-")
    size = f"{(begun / 'data' / 'office.sqlite').stat().st_size / 1e6:.1f}"
    copying, writing = amounts(seen, "Copying"), amounts(seen, "Writing")
    assert copying[-1] == f"{size}/{size} MB"
    assert writing == sorted(writing, key=lambda one: float(one.removesuffix(" MB")))
    assert writing[-1] == f"{size} MB"
    assert only_sentences(seen)
    assert "✓ backup of 0 files" in seen.left
    whole = f"{len(seen.out) / 1e6:.1f}"
    seen = at_once(begun, "restore", "--data-dir", "again", "-", stdin=seen.out)
    assert amounts(seen, "Reading")[-1] == f"{whole}/{whole} MB"
    assert only_sentences(seen)
    seen = at_once(begun, "restore", "--data-dir", "third", "monday", "--dry-run")
    assert amounts(seen, "Reading")[-1].endswith(" MB")
    assert only_sentences(seen)


def test_a_migration_counts_revisions(tmp_path: Path) -> None:
    """A database on its way through the revisions says at which of how many it is."""
    seen = at_once(tmp_path, "migrate", "--data-dir", "data")
    steps = [one.split("/") for one in amounts(seen, "Migrating")]
    last = int(steps[-1][1])
    assert [int(done) for done, _ in steps] == list(range(1, last + 1))
    assert {int(total) for _, total in steps} == {last}
    assert only_sentences(seen)


@pytest.mark.parametrize(
    ("label", "arguments"),
    [
        ("Building", ("replica", "rebuild", "--data-dir", "data")),
        ("Verifying", ("audit", "verify", str(_TRAIL))),
        ("Scanning", ("scan", str(Path(__file__).parent))),
        ("Scanning", ("scan", "-")),
    ],
)
def test_what_nobody_can_foresee_is_counted(
    begun: Path, label: str, arguments: tuple[str, ...]
) -> None:
    """Records, entries, files and bytes of which nobody knows how many come are counted."""
    seen = at_once(begun, *arguments, stdin=b"a" * 10)
    assert amounts(seen, label), seen
    assert only_sentences(seen)


def test_a_history_is_counted(tmp_path: Path) -> None:
    """A scan of a git history counts its objects."""
    git = ("git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@a.test")
    (tmp_path / "file").write_text("nothing")
    for words in (("init", "-q"), ("add", "file"), ("commit", "-q", "-m", "one")):
        subprocess.run([*git, *words], check=True)
    seen = at_once(tmp_path, "scan", "--history", ".")
    assert amounts(seen, "Reading the history") == ["0", "1", "2"]
    assert only_sentences(seen)


def test_an_export_counts_what_it_prints(tmp_path: Path, server: StandIn) -> None:
    """An export into a file counts entries, without colour; one for a program draws nothing."""
    rows = [{"type": "audit_event", "id": str(one), "attributes": {}} for one in range(3)]
    server.says = lambda _heard: Says(200, {"data": rows})
    reach = {"COUNTERFOIL_URL": server.url, "COUNTERFOIL_TOKEN": TOKEN, "NO_COLOR": "1"}
    seen = at_once(tmp_path, "audit", "export", more=reach)
    assert seen.drawn == ["Printing 0", "Printing 1", "Printing 2"]
    assert not seen.left
    assert len(seen.out.splitlines()) == 1 + len(rows)
    json_ = at_once(tmp_path, "audit", "export", "--json", more=reach)
    dumb = at_once(tmp_path, "audit", "export", more={**reach, "TERM": "dumb"})
    assert (json_.drawn, json_.left, dumb.drawn, dumb.left) == ([], "", [], "")
    assert len(json_.out.splitlines()) == len(rows)


def test_a_sentence_has_a_line_of_its_own(types: Path, server: StandIn) -> None:
    """What is told while a bar stands takes its place; the bar comes back below it."""
    refused = {"errors": [{"status": "422", "code": "INVALID_FORMAT", "detail": "It is not so."}]}
    server.says = lambda heard: (
        Says(200, {"data": []}) if heard.method == "GET" else Says(422, refused)
    )
    reach = {"COUNTERFOIL_URL": server.url, "COUNTERFOIL_TOKEN": TOKEN}
    seen = at_once(types.parent, "content-type-schema", "import", str(types), more=reach, code=1)
    told = [
        line
        for one in (*seen.drawn, seen.left)
        for line in one.splitlines()
        if line.endswith(".json:")
    ]
    assert [Path(line).name for line in told] == [f"type{n}.json:" for n in range(_HOW_MANY)]
    assert all(line.startswith("/") for line in told), told
    assert only_sentences(seen)
