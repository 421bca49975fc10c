"""What is printed: to people, to pipes, and never what would repaint a terminal."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.conftest import Type
from counterfoil.cli.output import printable, put_list, words
from counterfoil.cli.talking.instants import read_expiry
from counterfoil.demo.seed import new_password
from support.fake_server import Says, StandIn
from support.office import START

ID = "1234567890123456"


@given(st.text())
def test_nothing_printed_is_a_command_to_the_terminal(text: str) -> None:
    """No control, format or bidirectional character of somebody's name reaches a terminal (S35)."""
    shown = printable(text)
    assert not any(unicodedata.category(char) in {"Cc", "Cf", "Zl", "Zp"} for char in shown)
    assert shown.isascii() is False or shown.isprintable()


def test_what_can_be_seen_stays() -> None:
    """Letters of every alphabet are shown as they are; an escape is spelled out."""
    assert printable("Ångström 東京 …") == "Ångström 東京 …"
    assert printable("a\x1b[31mb\u202ec") == "a\\x1b[31mb\\u202ec"


def test_a_pipe_gets_lines_of_tabs(capsys: pytest.CaptureFixture[str]) -> None:
    """Where no terminal is, rows are tab-separated, without headings, one line each."""
    put_list([{"a": "x", "b": None}, {"a": "two\nlines", "b": "a\tb"}], "a b")
    assert capsys.readouterr().out == "x\t\ntwo\\nlines\ta\\tb\n"


def test_a_terminal_gets_a_table(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a terminal rows stand under headings, and markup in a name is no markup."""
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "dumb")
    put_list([{"name": "[red]x[/red]"}], "name")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].strip() == "NAME"
    assert lines[1].strip() == "[red]x[/red]"


def test_lists_in_a_cell() -> None:
    """None is everything and an empty list is nothing, in words (S27)."""
    assert words(None) == "everything"
    assert words([]) == "nothing"
    assert words(["a", "b"]) == "a, b"


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("30d", "2026-03-31T12:00:00Z"),
        ("2w", "2026-03-15T12:00:00Z"),
        ("36h", "2026-03-03T00:00:00Z"),
        ("2026-12-31", "2027-01-01T00:00:00Z"),
        ("2026-12-31T10:00:00+02:00", "2026-12-31T08:00:00Z"),
        ("never", None),
        ("none", None),
    ],
)
def test_an_expiry_as_people_type_it(text: str, instant: str | None) -> None:
    """A span, a date or an instant becomes an instant in UTC; a date means its end (X10)."""
    assert read_expiry(text, START) == instant


@pytest.mark.parametrize(
    "text", ["", "0d", "30", "d", "tomorrow", "-3d", "2026-13-01", "999999w", "12345678d"]
)
def test_what_is_no_expiry_is_named(text: str) -> None:
    """What is no expiry is refused as a wrong option, whatever was typed (X10)."""
    with pytest.raises(click.BadParameter):
        read_expiry(text, datetime(2026, 3, 1, tzinfo=UTC))


@pytest.mark.parametrize("name", ["../../evil", "/etc/passwd", "..", "ÄÖ", "a/b", ".hidden", ""])
def test_exported_files_stay_in_their_directory(
    typed: Type, server: StandIn, name: str, home: object
) -> None:
    """Whatever a server calls a content type, its files are written in the directory (A16)."""
    del home
    attributes = {"api_key": name, "schema_id": "https://x/y", "body": {"type": "object"}}
    resource = {"type": "content_type_schema", "id": ID, "attributes": attributes}
    server.script(Says(200, {"data": [resource, {**resource, "id": "1" + ID[1:-1] + "7"}]}))
    ran = typed("content-type-schema", "export", "out", "--url", server.url, "--pat-token", "x")
    assert ran.code == 0
    files = [line.split("\t")[0] for line in ran.out.splitlines()]
    assert len(set(files)) == 2
    assert all(file.startswith("out/") and file.count("/") == 1 for file in files)
    assert all(not file.startswith("out/.") for file in files)


@given(st.binary(min_size=64, max_size=64))
def test_sample_passwords_are_long_and_typeable(chance: bytes) -> None:
    """A sample password has 16 letters and digits, and not the ones that look alike."""
    left = [chance[at : at + 8] for at in range(0, 64, 8)]
    password = new_password(lambda length: left.pop(0) if left else bytes(length))
    assert len(password) == 16
    assert not set(password) & set("01ilo")
    assert password.isalnum()
