"""Under which key an installation is sealed, and that it is this host's (S5).

The database names the key, and the key lies beside the program. Where neither is there, this begins
it: once, for whoever could make it begin again could have anything sealed. So what does not fit is
refused, and only the operator says that a database is to be taken as it is (`quarantine begin`).

A release before this one sealed tokens alone. Where that is so, users, memberships, roles and
policies are sealed as they are once no server of that release can be there that writes them
without: by the first start of this one beside which no other server runs, if the database is the
embedded one, and by the operator otherwise (`counterfoil seal`). From then on the key has another
name, so that no older release begins on it.

In the same way every organization comes to have a row that says up to where its tokens are dead
(decision 156): once the name says so, one that is not there was taken away.
"""

from __future__ import annotations

from typing import Final

import structlog

from counterfoil import directory, tokens
from counterfoil.app import keys
from counterfoil.app.fit import UnreadyError, fit
from counterfoil.feed.outbox import read_head
from counterfoil.kernel.entropy import Entropy, system_entropy
from counterfoil.runtime.database import Database
from counterfoil.runtime.hostlock import is_held
from counterfoil.runtime.keyfile import key_in, key_kept_in
from counterfoil.runtime.seal import Seal
from counterfoil.runtime.settings import Settings
from counterfoil.secret import DEFAULT_PREFIX

_TAKE: Final = (
    "If it was lost, or a copy was put back, `counterfoil quarantine begin` takes the database as "
    "it is"
)


log = structlog.get_logger(__name__)


class ElsewhereError(UnreadyError):
    """It is sealed under a key that is not here: another host began this installation."""


def opened(
    settings: Settings, pool_size: int = 1, entropy: Entropy = system_entropy, *, url: str = ""
) -> Database:
    """Open a database that is fit and sealed under the key of this host.

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
    before = _of_before(settings, seal, named)
    if before is not None:
        if not database.embedded or is_held(settings.sweeper_lock):
            database.close()
            log.warning("what gives power is not sealed as a whole yet: see `counterfoil seal`")
            return fit(Database(where, pool_size=pool_size, seal=before))
        named = _seal_directory(database, seal)
    if named != seal.name:
        database.close()
        raise _unfit(named, seal)
    _remember(settings)
    return database


def _of_before(settings: Settings, seal: Seal, named: str | None) -> Seal | None:
    """Return how far the seals reach where a database names less, and this host saw no more."""
    if settings.cut_offs_file.exists():
        return None
    if named == seal.of_directory.name:
        return seal.of_directory
    is_of_tokens = named == seal.of_tokens.name and not settings.whole_file.exists()
    return seal.of_tokens if is_of_tokens else None


def _remember(settings: Settings) -> None:
    """Have this host take no database again whose seals reach less far."""
    settings.whole_file.touch(0o600)
    settings.cut_offs_file.touch(0o600)


def seal_directory(settings: Settings, *, dry_run: bool = False) -> bool:
    """Seal the directory of an installation as a whole; say if that was left to be done.

    Raises:
        UnreadyError: if it is not fit, or no server has begun it yet.
        ElsewhereError: if it is sealed under another key.
    """
    if not settings.seal_key_file.exists():
        message = f"{settings.data_dir} holds no seal.key: start a server of it first"
        raise UnreadyError(message)
    seal = Seal(key_kept_in(settings.seal_key_file))
    database = fit(Database(settings.url, pool_size=1, seal=seal))
    try:
        before = _name_in(database)
        if before not in {seal.name, *_names_of_before(seal)}:
            raise _unfit(before, seal)
        is_left = before != seal.name
        if is_left and not dry_run:
            _seal_directory(database, seal)
            _remember(settings)
        return is_left
    finally:
        database.close()


def take_keys(settings: Settings, *, dry_run: bool = False) -> bool:
    """Have the installation sign under the keys of this host; say if it signed under others.

    Raises:
        UnreadyError: if it is not fit.
        ElsewhereError: if it is sealed under another key.
    """
    database = opened(settings)
    try:
        is_news = bool(keys.amiss(settings, database))
        if not dry_run:
            keys.take(settings, database)
        return is_news
    finally:
        database.close()


def _seal_directory(database: Database, seal: Seal) -> str | None:
    """Seal the directory as it stands, beside tokens that are sealed; return what is named then."""
    with database.transaction() as tx:
        read_head(tx, hold=True)
        named = directory.seal_name(tx)
        if named == seal.of_tokens.name:
            directory.reseal(tx)
        if named in _names_of_before(seal):
            directory.complete_cut_offs(tx)
            directory.name_seal(tx, seal.name)
        return directory.seal_name(tx)


def _names_of_before(seal: Seal) -> set[str]:
    """Return how a database is named whose seals reach less far."""
    return {seal.of_tokens.name, seal.of_directory.name}


def _begun_by(database: Database, seal: Seal, settings: Settings) -> str | None:
    """Name the key that this host was given in a database in which nobody is.

    Nothing is sealed: else whoever hides the organizations and the name of the key for a while
    would have what they wrote sealed.
    """
    with database.transaction() as tx:
        read_head(tx, hold=True)
        if directory.organization_ids(tx):
            return directory.seal_name(tx)
        if directory.seal_name(tx) is None:
            directory.settle_prefix(tx, settings.prefix or DEFAULT_PREFIX)
            directory.name_seal(tx, seal.name)
    settings.settled_file.touch(0o600)
    return _name_in(database)


def _begin(settings: Settings, where: str, entropy: Entropy) -> None:
    """Seal a database under a new key, if none is named; one process of this host at a time.

    The key has its name only once what it seals is committed: whoever is killed in between goes on.
    """
    with keys.alone(settings.data_dir):
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
            raise _unfit(named, seal)
        if is_empty:
            settings.settled_file.touch(0o600)
        settings.new_seal_key_file.replace(settings.seal_key_file)


def taken(settings: Settings, *, url: str, entropy: Entropy = system_entropy) -> Database:
    """Open a database that its operator takes as it is: if another key sealed it, this one does.

    It is signed under the keys of this host from then on, too.

    Raises:
        UnreadyError: if it is not fit.
    """
    seal = Seal(key_in(settings.seal_key_file, entropy))
    database = fit(Database(url, pool_size=1, seal=seal))
    if _seal_directory(database, seal) != seal.name:
        _take(database, seal, settings)
    keys.take(settings, database)
    settings.settled_file.touch(0o600)
    _remember(settings)
    return database


def _take(database: Database, seal: Seal, settings: Settings, *, only_first: bool = False) -> None:
    """Seal all there is as it stands, and name the key; with `only_first`, if none is named yet."""
    with database.transaction() as tx:
        read_head(tx, hold=True)
        if only_first and directory.seal_name(tx) is not None:
            return
        directory.settle_prefix(tx, settings.prefix or DEFAULT_PREFIX)
        directory.reseal(tx)
        tokens.reseal(tx)
        directory.name_seal(tx, seal.name)


def _name_in(database: Database) -> str | None:
    with database.reading() as tx:
        return directory.seal_name(tx)


def _unfit(named: str | None, seal: Seal) -> UnreadyError:
    if named in _names_of_before(seal):
        return UnreadyError(
            "the database says that not all that gives power is sealed, and this host has seen "
            f"the rest sealed, too: somebody changed it. {_TAKE}"
        )
    if named is None:
        return UnreadyError(
            f"seal.key is here, and the database names no key: somebody changed it. {_TAKE}"
        )
    return ElsewhereError(
        f"this database is sealed under the key {named}, which is not here: copy "
        f"seal.key from the data directory of another host. {_TAKE}"
    )
