"""The contracts of the layers reach every file that they are about."""

from __future__ import annotations

import re
from configparser import ConfigParser

import pytest

from tools.tracked import ROOT

PACKAGE = ROOT / "src" / "counterfoil"
SLICES = ("content", "directory", "signin", "tokens")


def listed(contract: str, key: str) -> set[str]:
    read = ConfigParser()
    read.read(ROOT / ".importlinter")
    return set(read[f"importlinter:contract:{contract}"][key].split())


@pytest.mark.parametrize(
    ("contract", "key"), [("tables", "protected_modules"), ("tables-apart", "forbidden_modules")]
)
def test_every_store_is_protected(contract: str, key: str) -> None:
    """The stores of all slices are out of other slices' reach, those that come too (S25)."""
    assert listed(contract, key) == {"counterfoil.*.store", "counterfoil.*.store.**"}


@pytest.mark.parametrize("slice_", SLICES)
def test_tables_and_statements_stand_in_the_store(slice_: str) -> None:
    """No file of a slice outside its store makes a table or a statement (S25)."""
    for path in (PACKAGE / slice_).rglob("*.py"):
        if "store" not in path.parts:
            source = path.read_text()
            assert "= Table(" not in source, path
            imported = re.findall(r"^from sqlalchemy import (.+)$", source, re.MULTILINE)
            assert set(imported) <= {"Connection"}, path
