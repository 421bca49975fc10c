"""The vendors' clients are there, at the versions that the suites were written against."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

import pytest

from infra.node import CLIENTS, NODE, command, node

PINNED = json.loads((CLIENTS / "package.json").read_text())["dependencies"]


@pytest.mark.parametrize("name", sorted(PINNED))
def test_installed_as_pinned(name: str) -> None:
    """Each client is installed at the one version that we speak of (D15, A9)."""
    found = json.loads((CLIENTS / "node_modules" / name / "package.json").read_text())
    assert found["version"] == PINNED[name]


def test_dx_client() -> None:
    """DX's own client is the released one, unmodified (X12)."""
    assert version("getdx") == "0.1.1"


def test_node_runs_a_client(tmp_path: Path) -> None:
    """The node of the wheel runs what npm brought."""
    assert NODE.is_file()
    done = node(command("dc-cli"), "--version", home=tmp_path)
    assert done.stdout.strip() == PINNED["@amplience/dc-cli"], done.stderr
