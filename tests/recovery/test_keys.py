"""The keys that sign trail and feed are the same at every host of an office."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from counterfoil.app import gates, recover, sealing
from counterfoil.app.build import build
from counterfoil.app.fit import UnreadyError
from counterfoil.cli.doctor.finding import Health
from counterfoil.cli.doctor.installation import look
from counterfoil.migrations import migrate
from counterfoil.runtime.database import Database
from counterfoil.runtime.keyfile import key_in, key_kept_in
from counterfoil.runtime.settings import Settings
from infra.postgres import new_database
from support.installation import SHARED_KEYS, Installed, install

NAMELESS = "UPDATE installation SET audit_key_name = NULL, feed_key_name = NULL"
SIGNING = ("audit.key", "feed.key")


@pytest.fixture
def made(tmp_path: Path, postgres: int) -> Iterator[Installed]:
    """An office on a real Postgres, which a first host has begun."""
    with new_database(postgres) as url:
        yield install(tmp_path / "data", database_url=url)


@pytest.fixture
def other(made: Installed, tmp_path: Path) -> Settings:
    """Another host of it, which was given every key."""
    return host_beside(made.settings, tmp_path / "other")


def host_beside(first: Settings, data_dir: Path) -> Settings:
    settings = Settings(data_dir=data_dir, database_url=first.database_url, join=True)
    settings.prepare()
    for name in SHARED_KEYS:
        shutil.copy2(first.data_dir / name, data_dir / name)
    return settings


def begin(settings: Settings) -> None:
    build(settings).close()


def replace_key(file: Path) -> None:
    """Put another key in the place of one."""
    file.unlink(missing_ok=True)
    key_in(file, os.urandom)


def names(settings: Settings) -> tuple[str | None, ...]:
    with closing(Database(settings.url)) as database, database.reading() as tx:
        asked = text("SELECT audit_key_name, feed_key_name FROM installation")
        return tuple(tx.execute(asked).one())


def forget(settings: Settings) -> None:
    """Have the database name no key, as a version before leaves it."""
    with closing(Database(settings.url)) as database, database.transaction() as tx:
        assert tx.execute(text(NAMELESS)).rowcount


def test_a_host_with_the_same_keys_starts(made: Installed, other: Settings) -> None:
    """All that was copied is all that is asked for; and what names a key tells nothing of it."""
    before = names(made.settings)
    begin(other)
    begin(made.settings)
    assert names(made.settings) == before
    for name, file in zip(before, SIGNING, strict=True):
        assert name is not None
        assert key_kept_in(made.settings.data_dir / file).hex()[:8] not in name


@pytest.mark.parametrize("file", SIGNING)
def test_a_host_without_a_key_does_not_start(made: Installed, other: Settings, file: str) -> None:
    """It says which file to copy, and makes none in the place of the one that is missing (R15)."""
    key = other.data_dir / file
    key.unlink()
    for _ in range(2):
        with pytest.raises(UnreadyError, match=rf"copy {file} from a host that serves already"):
            begin(other)
        assert not key.exists()
    shutil.copy2(made.settings.data_dir / file, key)
    begin(other)


@pytest.mark.parametrize("file", SIGNING)
def test_a_host_with_a_key_of_its_own_does_not_start(
    made: Installed, other: Settings, file: str
) -> None:
    """It would sign what nobody else takes; the first host goes on, the doctor sees it (R15)."""
    replace_key(other.data_dir / file)
    kept = (other.data_dir / file).read_bytes()
    with pytest.raises(UnreadyError, match=rf"copy {file} from a host that serves already"):
        begin(other)
    assert (other.data_dir / file).read_bytes() == kept
    assert said_of_keys(made.settings) == [(Health.GOOD, "this host signs as every host does")]
    [(health, said)] = said_of_keys(other)
    assert health is Health.BAD
    assert f"copy {file}" in said
    begin(made.settings)


def said_of_keys(settings: Settings) -> list[tuple[Health, str]]:
    """Return what the doctor says of them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COUNTERFOIL_DATABASE_URL", settings.database_url)
        return [(one.health, one.seen) for one in look(settings.data_dir) if one.what == "keys"]


def test_a_gate_is_not_let_in_under_another_key(made: Installed, other: Settings) -> None:
    """It would take nothing that the office signs; and no key is made for it (R19)."""
    other.feed_key_file.unlink()
    with pytest.raises(UnreadyError, match=r"copy feed\.key"):
        gates.add(other, "eu-1")
    assert not other.feed_key_file.exists()
    assert gates.enrolled(made.settings).gates == []


def test_an_installation_of_before_takes_the_names_at_a_start(
    made: Installed, other: Settings
) -> None:
    """Each host of it that has the same keys goes on; the first to start names them (R17)."""
    before = names(made.settings)
    forget(made.settings)
    begin(other)
    assert names(made.settings) == before
    begin(made.settings)


def test_hosts_that_begin_at_once_agree(tmp_path: Path, postgres: int) -> None:
    """Of two that were given `seal.key` alone one makes the keys, and the other none (R15)."""
    given = install(tmp_path / "elsewhere", tokens=0).settings.seal_key_file
    with new_database(postgres) as url:
        migrate(url)
        hosts = [Settings(data_dir=tmp_path / name, database_url=url) for name in ("a", "b")]
        for one in hosts:
            one.prepare()
            shutil.copy2(given, one.seal_key_file)

        def starts(settings: Settings) -> bool:
            try:
                begin(settings)
            except UnreadyError:
                return False
            return True

        with ThreadPoolExecutor(2) as pool:
            began = list(pool.map(starts, hosts))
        assert any(began)
        assert None not in names(hosts[0])
        for one, is_there in zip(hosts, began, strict=True):
            assert all((one.data_dir / name).exists() for name in SIGNING) is is_there


def test_replaced_at_every_host(made: Installed, other: Settings) -> None:
    """`seal --keys` takes the keys of this host: then the others start with these alone."""
    for name in SIGNING:
        replace_key(other.data_dir / name)
    before = names(made.settings)
    assert sealing.take_keys(other, dry_run=True)
    assert names(made.settings) == before
    assert sealing.take_keys(other)
    assert not sealing.take_keys(other)
    begin(other)
    with pytest.raises(UnreadyError, match=r"copy audit\.key"):
        begin(made.settings)


def test_a_copy_that_is_put_back_takes_the_keys_that_are_there(
    made: Installed, tmp_path: Path
) -> None:
    """A quarantine takes the database as it is: a key that was lost is made anew (R12)."""
    restored = host_beside(made.settings, tmp_path / "restored")
    for name in SIGNING:
        (restored.data_dir / name).unlink()
    recover.begin_quarantine(restored, "Ann")
    begin(restored)
    assert None not in names(restored)
    assert names(restored) == names_of_files(restored)


def names_of_files(settings: Settings) -> tuple[str | None, ...]:
    """Return what names the keys in the files of a host, as another database would have it."""
    forget(settings)
    begin(settings)
    return names(settings)


def test_the_embedded_database_has_one_host(tmp_path: Path) -> None:
    """A key that was lost there is made anew, as there is nobody to copy it from (R17)."""
    made = install(tmp_path / "data")
    for name in SIGNING:
        (made.settings.data_dir / name).unlink()
    begin(made.settings)
    assert all((made.settings.data_dir / name).exists() for name in SIGNING)
    assert names(made.settings) == (None, None)
