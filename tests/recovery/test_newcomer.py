"""A host that knows nothing of its database serves none that may be a copy (R12)."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from counterfoil.app import by_hand, newcomer, recover
from counterfoil.app.build import build, rebuild
from counterfoil.app.fit import UnreadyError
from counterfoil.directory.steps.admit import Newcomer
from counterfoil.feed.outbox import Heads, read_head
from counterfoil.gate.lease import Lease
from counterfoil.gates import Keeper, SharedLeases
from counterfoil.kernel.clock import system_clock
from counterfoil.kernel.entropy import system_entropy
from counterfoil.migrations import migrate
from counterfoil.runtime.database import Database
from counterfoil.runtime.repeating import Repeating
from counterfoil.runtime.settings import Settings
from infra.postgres import new_database
from support.installation import SHARED_KEYS, Installed, install
from support.restored import shown

BOTH_WAYS = r"quarantine begin --operator NAME .* serve --join"


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for a lease as long as a server that is not busy needs to renew its own twice."""
    monkeypatch.setattr(newcomer, "_WITHIN_S", 1.2)


@pytest.fixture
def made(tmp_path: Path, postgres: int) -> Iterator[Installed]:
    """An office on a real Postgres, which a host has served that is gone."""
    with new_database(postgres) as url:
        yield install(tmp_path / "data", database_url=url)


def host_beside(first: Settings, data_dir: Path) -> Settings:
    """Return another host of an office, which was given its keys, and knows nothing else."""
    settings = replace(first, data_dir=data_dir)
    settings.prepare()
    for name in SHARED_KEYS:
        if (first.data_dir / name).exists():
            shutil.copy2(first.data_dir / name, data_dir / name)
    return settings


@pytest.fixture
def new(made: Installed, tmp_path: Path) -> Settings:
    return host_beside(made.settings, tmp_path / "new")


def head(settings: Settings) -> Heads:
    with closing(Database(settings.url)) as database, database.reading() as tx:
        return read_head(tx)


def test_it_does_not_start(made: Installed, new: Settings) -> None:
    """However often it is tried, it names both ways on, and has changed nothing (R12)."""
    before = head(new)
    for _ in range(2):
        with pytest.raises(UnreadyError, match=BOTH_WAYS):
            build(new)
    assert head(new) == before
    assert shown(made.settings, made.tokens) == [200]


def test_nor_does_it_take_the_database_over_by_a_rebuild(new: Settings) -> None:
    """To build its replica does not make it a host that has followed the database (R12)."""
    with pytest.raises(UnreadyError, match=BOTH_WAYS):
        rebuild(new)
    with pytest.raises(UnreadyError, match=BOTH_WAYS):
        build(new)


def test_it_was_put_back(made: Installed, new: Settings) -> None:
    """In the quarantine that its operator begins it starts, and opens nothing (R12)."""
    recover.begin_quarantine(new, "Ann")
    for _ in range(2):
        assert shown(new, made.tokens) == [503]


def test_it_joins(made: Installed, new: Settings) -> None:
    """Told that it is one more host, it serves; and from then on it is known."""
    assert shown(replace(new, join=True), made.tokens) == [200]
    assert shown(new, made.tokens) == [200]


@contextmanager
def keeper_of(settings: Settings) -> Iterator[Callable[[], None]]:
    """Yield what renews the lease of a host, as its server does."""
    with (
        closing(Database(settings.url)) as database,
        closing(Lease(settings.office_lease_file)) as lease,
    ):
        leases = SharedLeases(database, here=lease.host)
        keeper = Keeper(leases, lease, system_clock, system_entropy)
        yield lambda: keeper.turn(1, lambda: 1)


def test_another_host_serves(made: Installed, new: Settings) -> None:
    """Where a host of the office renews its lease nobody is asked; then the new one is known."""
    with keeper_of(made.settings) as renew:
        serving = Repeating("the lease", renew, 0.05)
        serving.start()
        try:
            assert shown(new, made.tokens) == [200]
        finally:
            serving.stop()
    assert shown(new, made.tokens) == [200]


def test_a_lease_that_nobody_renews_is_that_of_a_copy(made: Installed, new: Settings) -> None:
    """A copy has the leases that ran when it was made: they say nothing of now (R12)."""
    with keeper_of(made.settings) as renew:
        renew()
    with pytest.raises(UnreadyError, match=BOTH_WAYS):
        build(new)


@pytest.mark.parametrize("left", ["replica", "revocations"])
def test_a_host_of_before_is_known(made: Installed, left: str) -> None:
    """What followed the database here knows it, whatever else is lost of it (R17)."""
    made.settings.settled_file.unlink()
    for folder in {made.settings.replica_dir, made.settings.revocations_dir}:
        if folder.name != left:
            shutil.rmtree(folder)
    assert shown(made.settings, made.tokens) == [200]


def test_hosts_that_begin_before_anybody_is_there(tmp_path: Path, postgres: int) -> None:
    """Each may start on an empty database, and is a host of what is founded in it then."""
    with new_database(postgres) as url:
        migrate(url)
        first = Settings(data_dir=tmp_path / "first", database_url=url)
        build(first).close()
        second = host_beside(first, tmp_path / "second")
        build(second).close()
        made = install(first.data_dir, database_url=url)
        assert shown(second, made.tokens) == [200]


@pytest.mark.parametrize("where", ["first", "elsewhere"])
def test_founded_by_hand(tmp_path: Path, postgres: int, where: str) -> None:
    """What nobody ever served had nothing to be revoked: the first server starts on it.

    So it does where it was founded in its own data directory, and where a job did so in another.
    """
    with new_database(postgres) as url:
        migrate(url)
        first = Settings(data_dir=tmp_path / "first", database_url=url)
        by_hand.create(first, "Acme", "default", Newcomer("Ada", "ada@acme.test"))
        settings = first if where == "first" else host_beside(first, tmp_path / where)
        build(settings).close()


def test_an_embedded_database_that_was_brought_is_shut_by_itself(tmp_path: Path) -> None:
    """There no other host can be: `join` does not open it (R12)."""
    made = install(tmp_path / "data")
    brought = Settings(data_dir=tmp_path / "brought", join=True)
    brought.prepare()
    shutil.copy2(made.settings.office_file, brought.office_file)
    shutil.copy2(made.settings.seal_key_file, brought.seal_key_file)
    assert shown(brought, made.tokens) == [503]
