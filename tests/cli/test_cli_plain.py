"""What the system refuses is told in words, and never by the name of a class or a number."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cli.conftest import Type
from cli.test_cli_init import PASSWORD, SAID
from infra.wait import free_port

HOME = ("--data-dir", "home")
RAW = re.compile(r"Errno|\b[A-Z][A-Za-z]*(Error|Exception)\b|Traceback")


@pytest.fixture
def begun(typed: Type) -> None:
    """Begin an installation, with books for a gate."""
    ran = typed("init", *HOME, *SAID, stdin=PASSWORD)
    assert ran.code == 0, ran.err
    Path("home/replica").mkdir(0o700)
    Path("far").mkdir(0o700)


@pytest.mark.usefixtures("begun")
@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("gate {home} --listen 127.0.0.1:{port} --secret-file no", "no cannot be read: No such"),
        ("gate {home} --listen 127.0.0.1:{port} --record no/at", "cannot be written: No such"),
        (
            "gate --data-dir far --office http://localhost:1 --credential no",
            "no cannot be read: No",
        ),
        ("gates add eu-1 {home} --out /proc/eu-1", "/proc/eu-1 cannot be written: No such file"),
        ("backup no/at {home}", "no backup was made: No such file or directory: "),
        ("restore /proc/self/mem --data-dir far", "othing was restored: "),
    ],
)
def test_a_file_that_is_not_there(typed: Type, line: str, says: str) -> None:
    """Whoever names a file that cannot be used hears which one it is, and what the system says."""
    ran = typed(*line.format(home="--data-dir home", port=free_port()).split())
    assert ran.code != 0
    assert says in ran.err
    assert not RAW.search(ran.err)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("postgresql+psycopg://ann:hush@127.0.0.1:{port}/office", "Connection refused"),
        ("postgresql+psycopg:/hush", "COUNTERFOIL_DATABASE_URL is invalid"),
        ("hush", "COUNTERFOIL_DATABASE_URL is invalid"),
    ],
)
def test_a_database_that_is_not_there(
    typed: Type, monkeypatch: pytest.MonkeyPatch, url: str, says: str
) -> None:
    """An operator hears what the driver says of their database, without its password."""
    monkeypatch.setenv("COUNTERFOIL_DATABASE_URL", url.format(port=free_port()))
    Path("home").mkdir(0o700)
    for command in (("migrate", *HOME), ("init", *HOME, *SAID), ("doctor", *HOME)):
        ran = typed(*command, stdin=PASSWORD)
        told = ran.out + ran.err
        assert says in told, command
        assert not RAW.search(told), command
        assert "hush" not in told
