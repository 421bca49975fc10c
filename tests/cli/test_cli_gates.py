"""`counterfoil gates list` as a person reads it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from cli.conftest import Type
from counterfoil.cli.machine.gates import since
from counterfoil.kernel.clock import spell_instant

HERE = ("--data-dir", "data")
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SAID = ("--organization", "Acme", "--name", "Ann", "--email", "ann@acme.test")
PASSWORD = "correct horse battery"


def test_a_table_says_how_long_ago(typed: Type) -> None:
    """People read since when a gate is silent, and not on which day; programs get the instant."""
    assert typed("init", *HERE, *SAID, "--password-file", "-", stdin=PASSWORD).code == 0
    assert typed("gates", "add", "eu-3", "--out", "eu-3.gate", *HERE).code == 0
    heading, row = typed("gates", "list", "-o", "table", *HERE).out.splitlines()
    assert heading.split()[:7] == ["NAME", "POSITION", "LAG", "LEASE", "HEARD", "UNTOLD", "TOLD"]
    assert row.split().count("never") == 2
    (told,) = json.loads(typed("gates", "list", "--json", *HERE).out)
    assert {"heard_at", "told_at"} <= set(told)
    assert not {"heard", "told"} & set(told)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-1, "0 s"), (119, "119 s"), (120, "2 min"), (7_200, "2 h"), (172_800, "2 d")],
)
def test_since_when(seconds: int, said: str) -> None:
    """The nearer it is the finer it is told, and a clock that is ahead makes nothing negative."""
    at = spell_instant(NOW - timedelta(seconds=seconds))
    assert since("heard_at", NOW, {"heard_at": at}) == f"{said} ago"
