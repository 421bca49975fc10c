"""The history of the tables leads to the tables that there are."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from counterfoil import directory
from counterfoil.access.networks import networks
from counterfoil.app.fit import UnreadyError, fit
from counterfoil.audit.checkpoint import tree_in
from counterfoil.audit.copying import lines_in
from counterfoil.audit.read import Sought, one, trail
from counterfoil.audit.tree import WIDE, hashes_in
from counterfoil.audit.verify import verify
from counterfoil.feed.outbox import read_head
from counterfoil.kernel.page import Wanted
from counterfoil.migrations import (
    NewerError,
    is_present,
    migrate,
    newest,
    revision_of,
    revisions,
    revisions_after,
)
from counterfoil.migrations.running import configuration
from counterfoil.migrations.tables import metadata
from counterfoil.runtime.database import Database
from counterfoil.runtime.files import Files
from support.content import Garden
from support.installation import install
from support.office import StandingClock, office_on
from support.trail import ADA, grow
from tools.upgrades import latest

SEARCH = "content_search"
"""The full text lies in tables of the engines' own, of which SQLAlchemy knows nothing."""


def _is_ours(name: str) -> bool:
    return "probe" not in name and not name.startswith(SEARCH)


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
        there = {name for name in inspect(tx).get_table_names() if not name.startswith(SEARCH)}
        assert there == ours | {"alembic_version"}
        context = MigrationContext.configure(
            tx,
            opts={
                "include_name": lambda name, kind, _: kind != "table" or _is_ours(name or ""),
                "include_object": lambda _, name, kind, *__: (
                    kind != "table" or _is_ours(name or "")
                ),
            },
        )
        assert [one for one in compare_metadata(context, metadata) if not _waits(one)] == []
        assert is_present(tx)
        assert read_head(tx) == (1, 0, 0)
    database.close()


def _waits(difference: Any) -> bool:
    """Whether it is a column that the last release still uses and the next one may drop."""
    before = latest()
    if before is None or difference[0] != "remove_column":
        return False
    return difference[3].name in before[1][difference[2]].columns


def test_a_newer_database_is_left_alone(url: str) -> None:
    """What a newer program has brought further is refused with a sentence, and unchanged (R17)."""
    migrate(url)
    database = Database(url, pool_size=1)
    with database.transaction() as tx:
        tx.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        tx.exec_driver_sql("UPDATE feed_head SET position = 7")
    with pytest.raises(NewerError, match=r"revision 9999, and Counterfoil .* knows none after"):
        migrate(url)
    with pytest.raises(UnreadyError, match="use the version that brought it there"):
        fit(database)  # which closes it
    database = Database(url, pool_size=1)
    with database.transaction() as tx:
        assert read_head(tx).position == 7
        assert revision_of(tx) == "9999"
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


def test_what_gates_lost_stays_counted(url: str) -> None:
    """What was counted by the journals of a gate stands with the gate once migrated (R17)."""
    migrate(url)
    database = Database(url, pool_size=1)
    config = configuration()
    with database.transaction() as tx:
        config.attributes["connection"] = tx
        command.downgrade(config, "0053")
        tx.exec_driver_sql(
            "INSERT INTO gate (id, name, enrolled_at, position, renewals, holds)"
            " VALUES (1, 'told', 0, 0, 0, false), (2, 'silent', 0, 0, 0, false)"
        )
        tx.exec_driver_sql(
            "INSERT INTO gate_journal (journal, position, chain, at, gate_id, missed, doubted)"
            " VALUES ('a', 1, '', 0, 1, 3, 4), ('b', 1, '', 0, 1, 30, 40)"
            ", ('c', 1, '', 0, NULL, 7, 7)"
        )
    migrate(url)
    with database.reading() as tx:
        found = tx.exec_driver_sql("SELECT missed, doubted FROM gate ORDER BY id").all()
    assert [tuple(row) for row in found] == [(33, 44), (0, 0)]
    database.close()


def test_one_history() -> None:
    """The revisions stand in one line, which is the one that Alembic goes (R17)."""
    history = ScriptDirectory.from_config(configuration())
    line = [one.revision for one in history.walk_revisions()][::-1]
    assert len(history.get_heads()) == 1
    assert list(revisions()) == line
    assert list(revisions_after("")) == line
    assert list(revisions_after(line[-3])) == line[-2:]


def test_what_names_no_organization_is_known() -> None:
    """Every table names its organization but those that a decision gives a reason for (S25)."""
    ours = [table for table in metadata.sorted_tables if "probe" not in table.name]
    nameless = {table.name for table in ours if "organization_id" not in table.c}
    rows = [line for line in NAMELESS.read_text().splitlines() if line.startswith("| `")]
    assert nameless == {name for row in rows for name in row.split("|")[1].split("`")[1::2]}


def test_entries_of_before_are_found(url: str, tmp_path: Path) -> None:
    """Entries from before there were values and words are found by them once migrated (R17)."""
    migrate(url)
    database = Database(url, pool_size=2)
    entropy = random.Random(0).randbytes
    office = office_on(database, StandingClock(), entropy, files=Files(tmp_path / "f", entropy))
    garden = Garden(office)
    made = garden.entry(garden.root, "harbour", published=True, text="Zürich", rank=3)
    garden.entry(garden.root, "draft", text="zurich")
    config = configuration()
    with database.transaction() as tx:
        config.attributes["connection"] = tx
        command.downgrade(config, "0012")
    assert migrate(url) == newest()
    ask = "/cda/items?filter[query]=zurich&filter[type]=article&filter[fields][rank]=3"
    (found,) = garden.knock()("GET", ask).json["data"]
    assert found["id"] == str(made)
    drafts = garden.knock()("GET", "/cma/items?filter[query]=zurich").json
    assert drafts["meta"]["total_count"] == 2
    database.close()


def test_a_trail_of_before_is_found_by_its_addresses(url: str) -> None:
    """Entries from before there were filters by network are found by them once migrated (R17)."""
    migrate(url)
    database = Database(url, pool_size=2)
    grow(database, 5_000)
    config = configuration()
    with database.transaction() as tx:
        config.attributes["connection"] = tx
        kept, shown = map(ScriptDirectory.from_config(config).get_revision, ("0038", "0052"))
        command.downgrade(config, str(shown.down_revision))
        tx.exec_driver_sql("UPDATE audit_entry SET address = '' WHERE position = 1")
        command.downgrade(config, str(kept.down_revision))
    assert migrate(url) == newest()
    here = Sought(networks=networks(["192.0.2.0/24"]))
    elsewhere = Sought(networks=networks(["0.0.0.0/1", "::/0"]))
    with database.reading() as tx:
        found = [one(tx, ADA.organization, at, here) for at in (1, 2, 4_999, 5_000)]
        assert [body is not None for body in found] == [False, True, True, True]
        assert trail(tx, ADA.organization, elsewhere, Wanted()).items == []
    database.close()


def test_a_trail_of_before_is_proved(url: str) -> None:
    """Entries from before there were hashes are hashed once migrated (R15, R17)."""
    migrate(url)
    database = Database(url, pool_size=2)
    grow(database, 600)
    with database.reading() as tx:
        root = tree_in(tx).root(600)
    config = configuration()
    with database.transaction() as tx:
        config.attributes["connection"] = tx
        command.downgrade(config, "0030")
    assert migrate(url) == newest()
    with database.reading() as tx:
        assert tree_in(tx).root(600) == root
        assert verify(lines_in(tx), []).faults == []
        assert len(hashes_in(tx, 1, 0)) == 600 // WIDE
    database.close()
