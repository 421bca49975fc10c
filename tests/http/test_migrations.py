"""The history of the tables leads to the tables that there are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from counterfoil import directory
from counterfoil.feed.outbox import read_head
from counterfoil.migrations import configuration, is_present, migrate, newest
from counterfoil.migrations.tables import metadata
from counterfoil.runtime.database import Database
from support.installation import install

NAMELESS = (
    Path(__file__).parents[2]
    / "docs/decisions/0034-what-belongs-to-nobody-names-no-organization.md"
)


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of each engine without a table, and without one again for whoever comes next."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'office.sqlite'}"
        return
    found: str = request.getfixturevalue("postgres_url")
    _bare(found)
    yield found
    _bare(found)


def _bare(url: str) -> None:
    database = Database(url, pool_size=1)
    with database.transaction() as tx:
        tx.exec_driver_sql("DROP SCHEMA public CASCADE")
        tx.exec_driver_sql("CREATE SCHEMA public")
    database.close()


def test_migrated_is_present(url: str) -> None:
    """A migrated database has exactly the tables of this program, and its books are open (R17)."""
    assert migrate(url) == newest()
    database = Database(url, pool_size=1)
    with database.transaction() as tx:
        ours = {table.name for table in metadata.tables.values() if "probe" not in table.name}
        assert set(inspect(tx).get_table_names()) == ours | {"alembic_version"}
        context = MigrationContext.configure(
            tx,
            opts={
                "include_name": lambda name, kind, _: (
                    kind != "table" or "probe" not in (name or "")
                ),
                "include_object": lambda _, name, kind, *__: (
                    kind != "table" or "probe" not in (name or "")
                ),
            },
        )
        assert compare_metadata(context, metadata) == []
        assert is_present(tx)
        assert read_head(tx) == (1, 0, 0)
    database.close()


def test_migrating_twice(url: str) -> None:
    """Migrating again changes nothing and loses nothing (R17)."""
    migrate(url)
    database = Database(url, pool_size=1)
    with database.transaction() as tx:
        tx.exec_driver_sql("UPDATE feed_head SET position = 7")
    assert migrate(url) == newest()
    with database.transaction() as tx:
        assert read_head(tx).position == 7
    database.close()


@pytest.mark.parametrize(("tokens", "prefix"), [(2, "acme"), (0, None)])
def test_tokens_say_how_they_begin(
    url: str, tmp_path: Path, tokens: int, prefix: str | None
) -> None:
    """An installation that began before its prefix was kept with it goes on with its own (R17)."""
    install(tmp_path / "data", tokens, database_url=url)
    database = Database(url, pool_size=1)
    with database.transaction() as tx:
        tx.exec_driver_sql("UPDATE token_secret SET hint = 'acme' || substr(hint, 3)")
        config = configuration()
        config.attributes["connection"] = tx
        kept = ScriptDirectory.from_config(config).get_revision("0011")
        command.downgrade(config, str(kept.down_revision))
    migrate(url)
    with database.reading() as tx:
        assert directory.prefix(tx) == prefix
    database.close()


def test_one_history() -> None:
    """The revisions stand in one line, and each is reached from the first (R17)."""
    assert len(ScriptDirectory.from_config(configuration()).get_heads()) == 1


def test_what_names_no_organization_is_known() -> None:
    """Every table names its organization but those that a decision gives a reason for (S25)."""
    ours = [table for table in metadata.sorted_tables if "probe" not in table.name]
    nameless = {table.name for table in ours if "organization_id" not in table.c}
    rows = [line for line in NAMELESS.read_text().splitlines() if line.startswith("| `")]
    assert nameless == {name for row in rows for name in row.split("|")[1].split("`")[1::2]}
