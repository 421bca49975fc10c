"""Upgrades only add: what the release before reads and writes is there, as it knew it (R17).

While hosts are upgraded one after another, the release before works on the tables of the next one.
So a release that no longer needs a column stops using it, and the release after that may drop it:
expand, then contract. Each release leaves an inventory of the tables that it uses, below
`tools/releases`; what the newest one lists is held here. Before the first release nothing is.

    python -m tools.upgrades                  says what the release before could not live with
    python -m tools.upgrades --release 1.0.0  takes the inventory of a release; commit it with that

It does not see what values mean: a new kind of thing in an old column is its author's to think of.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeAlias

import msgspec
from sqlalchemy import Connection, inspect
from sqlalchemy.engine.reflection import Inspector

from counterfoil.migrations import migrate
from counterfoil.migrations.tables import metadata
from counterfoil.runtime.database import Database
from tools.tracked import ROOT

RELEASES: Final = ROOT / "tools" / "releases"
CHANGES: Final = ROOT / "CHANGELOG.md"
_RELEASED: Final = re.compile(r"^## (\d+\.\d+\.\d+)\b", re.MULTILINE)


class Column(msgspec.Struct, frozen=True):
    """What a program counts on: its type, whether it may be empty, and whether it fills itself."""

    type: str
    nullable: bool
    fills_itself: bool


class Table(msgspec.Struct, frozen=True):
    """The columns of a table, and which of them together are unique."""

    columns: dict[str, Column]
    unique: list[list[str]]


Inventory: TypeAlias = Mapping[str, Table]


def inventory(tx: Connection) -> Inventory:
    """Return the tables of a database, without what belongs to its engine or to Alembic."""
    found = inspect(tx)
    names = [name for name in found.get_table_names() if name in metadata.tables]
    return {name: Table(_columns(found, name), _unique(found, name)) for name in names}


def _columns(found: Inspector, table: str) -> dict[str, Column]:
    return {
        one["name"]: Column(
            str(one["type"]), one["nullable"], one["default"] is not None or "computed" in one
        )
        for one in found.get_columns(table)
    }


def _unique(found: Inspector, table: str) -> list[list[str]]:
    rules: list[Sequence[str | None]] = [
        *(one["column_names"] for one in found.get_unique_constraints(table)),
        *(one["column_names"] for one in found.get_indexes(table) if one["unique"]),
    ]
    return sorted(sorted(str(name) for name in names) for names in rules)


def used(there: Inventory) -> Inventory:
    """Return of these tables what this program uses: a column that it left alone is not listed."""

    def ours(name: str, columns: Mapping[str, Column]) -> dict[str, Column]:
        known = metadata.tables[name].c
        return {key: column for key, column in columns.items() if key in known}

    return {name: Table(ours(name, one.columns), one.unique) for name, one in there.items()}


def complaints(before: Inventory, there: Inventory) -> Iterator[str]:
    """Say what a release could not live with, whose inventory is `before`."""
    for name, table in before.items():
        if name in there:
            yield from _changed(name, table, there[name])
        else:
            yield f"the table {name} is gone"


def _changed(name: str, table: Table, now: Table) -> Iterator[str]:
    for key, column in table.columns.items():
        other = now.columns.get(key)
        if other is None:
            yield f"{name}.{key} is gone"
        elif (other.type, other.nullable) != (column.type, column.nullable):
            yield f"{name}.{key} was {_told(column)}, and is {_told(other)}"
    for key, column in now.columns.items():
        if key not in table.columns and not (column.nullable or column.fills_itself):
            yield f"{name}.{key} is new and nobody fills it: make it nullable, or give a default"
    for together in now.unique:
        if together not in table.unique and set(together) <= set(table.columns):
            yield f"{name} has a new rule: {' and '.join(together)} are unique"


def _told(column: Column) -> str:
    return f"{column.type}{'' if column.nullable else ' not null'}"


def latest(releases: Path = RELEASES) -> tuple[str, Inventory] | None:
    """Return the newest release and its inventory; None before the first one."""
    found = sorted(releases.glob("*.json"), key=lambda path: _ordered(path.stem))
    if not found:
        return None
    return found[-1].stem, msgspec.json.decode(found[-1].read_bytes(), type=dict[str, Table])


def forgotten(changes: str, releases: Path = RELEASES) -> list[str]:
    """Return the releases that the change log tells of and that left no inventory."""
    return [one for one in _RELEASED.findall(changes) if not (releases / f"{one}.json").exists()]


def present() -> Inventory:
    """Return the tables that all revisions together make."""
    with tempfile.TemporaryDirectory() as place:
        url = f"sqlite:///{Path(place) / 'present.sqlite'}"
        migrate(url)
        database = Database(url, pool_size=1)
        with database.reading() as tx:
            found = inventory(tx)
        database.close()
        return found


def _ordered(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def main() -> int:
    """Check, or take the inventory of a release; 1 if something is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tools.upgrades")
    parser.add_argument("--release", metavar="VERSION", help="take the inventory of this release")
    release = parser.parse_args().release
    if release:
        RELEASES.mkdir(exist_ok=True)
        text = msgspec.json.format(msgspec.json.encode(used(present()), order="sorted"))
        (RELEASES / f"{release}.json").write_bytes(text + b"\n")
        return 0
    told = [
        f"CHANGELOG.md: {one} has no inventory: python -m tools.upgrades --release {one}"
        for one in forgotten(CHANGES.read_text())
    ]
    if before := latest():
        version, tables = before
        told += [f"{one}; {version} still uses it" for one in complaints(tables, present())]
    print("\n".join(told), end="\n" if told else "")
    return bool(told)


if __name__ == "__main__":
    sys.exit(main())
