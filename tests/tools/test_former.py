"""The older release that tests upgrade is kept as git has it."""

from __future__ import annotations

import lzma
from pathlib import Path

from tools.former import COMMIT, PROGRAM, packed, program


def test_it_is_what_git_has() -> None:
    """What is kept is the program of the commit that it names, where the history has that (R17)."""
    found = packed(COMMIT.read_text().strip())
    if found is not None:
        assert found == lzma.decompress(PROGRAM.read_bytes())


def test_it_is_older(tmp_path: Path) -> None:
    """This program has revisions that it lacks: an upgrade has something to do (R17)."""
    then = program(tmp_path) / "counterfoil/migrations/versions"
    now = Path(__file__).parents[2] / "src/counterfoil/migrations/versions"
    assert {one.name for one in then.glob("0*.py")} < {one.name for one in now.glob("0*.py")}


def test_what_no_history_has_is_not_packed() -> None:
    """A clone without that commit packs nothing, and what is kept stays (R17)."""
    assert packed("0" * 40) is None
