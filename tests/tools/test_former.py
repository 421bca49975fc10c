"""The older release that tests upgrade; `make check` compares it with what git has."""

from __future__ import annotations

from pathlib import Path

from tools.former import packed, program


def test_it_is_older(tmp_path: Path) -> None:
    """This program has revisions that it lacks: an upgrade has something to do (R17)."""
    then = program(tmp_path) / "counterfoil/migrations/versions"
    now = Path(__file__).parents[2] / "src/counterfoil/migrations/versions"
    assert {one.name for one in then.glob("0*.py")} < {one.name for one in now.glob("0*.py")}


def test_what_no_history_has_is_not_packed() -> None:
    """A clone without that commit packs nothing, and what is kept stays (R17)."""
    assert packed("0" * 40) is None
