"""Under which key the tokens of an installation are sealed, and that it is this host's (S5).

The database names the key, and the key lies beside the program. Where neither is there, this begins
it: once, for whoever could make it begin again could have anything sealed. So what does not fit is
refused, and only the operator says that a database is to be taken as it is (`quarantine begin`).
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from counterfoil import directory, tokens
from counterfoil.app.fit import UnreadyError, fit
from counterfoil.feed.outbox import read_head
from counterfoil.kernel.entropy import Entropy, system_entropy
from counterfoil.runtime.database import Database
from counterfoil.runtime.keyfile import key_in, key_kept_in
from counterfoil.runtime.seal import Seal
from counterfoil.runtime.settings import Settings
from counterfoil.secret import DEFAULT_PREFIX

_TAKE: Final = (
    "If it was lost, or a copy was put back, `counterfoil quarantine begin` takes the database as "
    "it is"
)


class ElsewhereError(UnreadyError):
    """The tokens are sealed under a key that is not here: another host began this installation."""


def opened(
    settings: Settings, pool_size: int = 1, entropy: Entropy = system_entropy, *, url: str = ""
) -> Database:
    """Open a database that is fit and whose tokens are sealed under the key of this host.

    Args:
        settings: of the installation, whose data directory is there.
        pool_size: so many may write at a time.
        entropy: where a key comes from.
        url: where the database is; otherwise where the settings say.

    Raises:
        UnreadyError: if it is not fit.
        ElsewhereError: if it is sealed under another key.
    """
    where, file = url or settings.url, settings.seal_key_file
    if not file.exists():
        _begin(settings, where, entropy)
    seal = Seal(key_kept_in(file))
    database = fit(Database(where, pool_size=pool_size, seal=seal))
    named = _name_in(database) or _begun_by(database, seal, settings)
    if named != seal.name:
        database.close()
        raise _unfit(named)
    return database


def _begun_by(database: Database, seal: Seal, settings: Settings) -> str | None:
    """Name the key that this host was given in a database in which nobody is: nothing is sealed."""
    with database.reading() as tx:
        if directory.organization_ids(tx):
            return None
    _take(database, seal, settings, only_first=True)
    settings.settled_file.touch(0o600)
    return _name_in(database)


def _begin(settings: Settings, where: str, entropy: Entropy) -> None:
    """Seal a database under a new key, if none is named; one process of this host at a time.

    The key has its name only once what it seals is committed: whoever is killed in between goes on.
    """
    with _alone(settings.data_dir):
        if settings.seal_key_file.exists():
            return
        seal = Seal(key_in(settings.new_seal_key_file, entropy))
        database = fit(Database(where, pool_size=1, seal=seal))
        try:
            with database.reading() as tx:
                is_empty = not directory.organization_ids(tx)
            if _name_in(database) is None:
                _take(database, seal, settings, only_first=True)
            named = _name_in(database)
        finally:
            database.close()
        if named != seal.name:
            settings.new_seal_key_file.unlink()
            raise _unfit(named)
        if is_empty:
            settings.settled_file.touch(0o600)
        settings.new_seal_key_file.replace(settings.seal_key_file)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    held = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)


def taken(settings: Settings, *, url: str, entropy: Entropy = system_entropy) -> Database:
    """Open a database that its operator takes as it is: if another key sealed it, this one does.

    Raises:
        UnreadyError: if it is not fit.
    """
    seal = Seal(key_in(settings.seal_key_file, entropy))
    database = fit(Database(url, pool_size=1, seal=seal))
    if _name_in(database) != seal.name:
        _take(database, seal, settings)
    settings.settled_file.touch(0o600)
    return database


def _take(database: Database, seal: Seal, settings: Settings, *, only_first: bool = False) -> None:
    """Seal all tokens as they stand, and name the key; with `only_first`, if none is named yet."""
    with database.transaction() as tx:
        read_head(tx, hold=True)
        if only_first and directory.seal_name(tx) is not None:
            return
        directory.settle_prefix(tx, settings.prefix or DEFAULT_PREFIX)
        tokens.reseal(tx)
        directory.name_seal(tx, seal.name)


def _name_in(database: Database) -> str | None:
    with database.reading() as tx:
        return directory.seal_name(tx)


def _unfit(named: str | None) -> UnreadyError:
    if named is None:
        return UnreadyError(
            f"seal.key is here, and the database names no key: somebody changed it. {_TAKE}"
        )
    return ElsewhereError(
        f"the tokens of this database are sealed under the key {named}, which is not here: copy "
        f"seal.key from the data directory of another host. {_TAKE}"
    )
