"""The contracts of the layers name every file that they are about."""

from __future__ import annotations

from configparser import ConfigParser

import pytest

from tools.tracked import ROOT

PACKAGE = ROOT / "src" / "counterfoil"


def listed(contract: str, key: str) -> set[str]:
    read = ConfigParser()
    read.read(ROOT / ".importlinter")
    return set(read[f"importlinter:contract:{contract}"][key].split())


@pytest.mark.parametrize(
    ("contract", "key"), [("tables", "protected_modules"), ("tables-apart", "forbidden_modules")]
)
def test_every_file_of_tables_is_protected(contract: str, key: str) -> None:
    """A new `store_…` file is out of other slices' reach, or the build says so (S25)."""
    files = PACKAGE.glob("*/store_*.py")
    modules = {f"counterfoil.{path.parent.name}.{path.stem}" for path in files}
    assert modules
    assert listed(contract, key) == modules | {"counterfoil.*.store"}
