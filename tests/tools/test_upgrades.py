"""What the check of upgrades finds: whatever the release before could not live with."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from counterfoil.migrations import migrate
from counterfoil.migrations.tables import metadata
from counterfoil.runtime.database import Database
from tools import upgrades
from tools.upgrades import Column, Inventory, Table


@pytest.fixture(scope="module")
def released() -> Inventory:
    """The inventory of a release that is as this program is."""
    return upgrades.used(upgrades.present())


def _after(tmp_path: Path, *statements: str) -> Inventory:
    url = f"sqlite:///{tmp_path / 'office.sqlite'}"
    migrate(url)
    database = Database(url, pool_size=1)
    with database.transaction() as tx:
        for statement in statements:
            tx.exec_driver_sql(statement)
        found = upgrades.inventory(tx)
    database.close()
    return found


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("ALTER TABLE webhook DROP COLUMN former_until", ["webhook.former_until is gone"]),
        (
            "ALTER TABLE webhook RENAME COLUMN former_until TO retired_at",
            ["webhook.former_until is gone"],
        ),
        ("ALTER TABLE webhook RENAME TO hook", ["the table webhook is gone"]),
        ("ALTER TABLE webhook ADD COLUMN colour TEXT NOT NULL DEFAULT 'red'", []),
        ("ALTER TABLE webhook ADD COLUMN colour TEXT", []),
        ("CREATE TABLE colour (id INTEGER NOT NULL)", []),
        (
            "CREATE UNIQUE INDEX one_name ON webhook (organization_id, name)",
            ["webhook has a new rule: name and organization_id are unique"],
        ),
        ("CREATE INDEX some_name ON webhook (organization_id, name)", []),
    ],
)
def test_what_an_upgrade_may_do(
    released: Inventory, tmp_path: Path, statement: str, found: list[str]
) -> None:
    """What is dropped, renamed or ruled anew is found; what is only added is not (R17)."""
    assert list(upgrades.complaints(released, _after(tmp_path, statement))) == found


def test_a_column_stays_what_it_was() -> None:
    """Another type, null where there was none, and a new column to be filled are found (R17)."""
    text = Column("TEXT", nullable=False, fills_itself=False)
    number = msgspec.structs.replace(text, type="BIGINT")
    before = {"token": Table({"name": text, "at": number}, [])}
    empty = msgspec.structs.replace(text, nullable=True)
    after = {"token": Table({"name": empty, "at": text, "by": number}, [])}
    assert list(upgrades.complaints(before, after)) == [
        "token.name was TEXT not null, and is TEXT",
        "token.at was BIGINT not null, and is TEXT not null",
        "token.by is new and nobody fills it: make it nullable, or give a default",
    ]


def test_what_a_release_left_alone_may_go(tmp_path: Path) -> None:
    """A column that a release no longer used may be dropped by the next one (R17)."""
    there = _after(tmp_path, "ALTER TABLE webhook ADD COLUMN colour TEXT")
    assert "colour" in there["webhook"].columns
    released = upgrades.used(there)
    assert "colour" not in released["webhook"].columns
    assert list(upgrades.complaints(released, upgrades.present())) == []


def test_an_inventory_is_kept(released: Inventory, tmp_path: Path) -> None:
    """The newest release is the one that is held, and it reads back as it was written (R17)."""
    assert upgrades.latest(tmp_path) is None
    for version, tables in (("0.9.0", {}), ("0.10.0", released)):
        (tmp_path / f"{version}.json").write_bytes(msgspec.json.encode(tables))
    assert upgrades.latest(tmp_path) == ("0.10.0", released)
    assert set(released) == {name for name in metadata.tables if "probe" not in name}


def test_a_release_without_an_inventory_is_found(tmp_path: Path) -> None:
    """A change log that tells of a release which left no inventory fails the check."""
    (tmp_path / "1.0.0.json").touch()
    changes = "# Changes\n\n## 1.1.0 (2027-01-01)\n\n- x\n\n## 1.0.0 (2026-12-01)\n"
    assert upgrades.forgotten(changes, tmp_path) == ["1.1.0"]
