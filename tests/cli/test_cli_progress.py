"""The bar for what takes long: seen at a terminal, taken away again, and nowhere else."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import time
from pathlib import Path
from typing import Any, Final

import pytest

from cli.scripts import plain_environment
from infra.server import COUNTERFOIL
from support.fake_server import Heard, Says, StandIn

TOKEN: Final = "cfp_" + "k" * 49
_SLOW_S: Final = 0.35
"""So long the server takes for each: what is quick has no bar."""
_CLEAR: Final = "\r\x1b[K"
_BAR: Final = "━"
_HOW_MANY: Final = 3


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
