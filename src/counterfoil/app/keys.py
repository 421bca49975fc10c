"""Under which keys an installation signs, and that they are this host's (R15, R19).

All hosts of an office sign one audit trail and one feed, so they have the same two keys. The
database names them, by what names their public halves and tells nothing of the others: a host that
signed under keys of its own would sign what nobody else takes. So it does not start, and makes no
key where one is named.

An embedded database has one host, whose files alone say which keys there are: there none is named.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from counterfoil import directory
from counterfoil.app.fit import UnreadyError
from counterfoil.audit import checkpoint
from counterfoil.directory import KeyNames
from counterfoil.feed import page
from counterfoil.feed.outbox import read_head
from counterfoil.kernel.entropy import Entropy
from counterfoil.runtime.database import Database
from counterfoil.runtime.keyfile import key_in, key_kept_in
from counterfoil.runtime.settings import Settings
from counterfoil.runtime.signing import Signer


@dataclass(frozen=True, slots=True)
class _Role:
    """What a key is for: what it signs, and the purpose that its name begins with."""

    signs: str
    purpose: str

    def file(self, settings: Settings) -> Path:
        return settings.audit_key_file if self is _AUDIT else settings.feed_key_file

    def named(self, names: KeyNames) -> str | None:
        return names.audit if self is _AUDIT else names.feed


_AUDIT: Final = _Role("its audit trail", checkpoint.PURPOSE)
_FEED: Final = _Role("its feed", page.PURPOSE)


def audit_signer(settings: Settings, database: Database, entropy: Entropy) -> Signer:
    """Return what signs the audit trail; its key is made and named if no host has one yet.

    Raises:
        UnreadyError: if the installation signs it under a key that is not here.
    """
    return _signer(_AUDIT, settings, database, entropy)


def feed_signer(settings: Settings, database: Database, entropy: Entropy) -> Signer:
    """Return what signs the feed, as `audit_signer` does.

    Raises:
        UnreadyError: if the installation signs it under a key that is not here.
    """
    return _signer(_FEED, settings, database, entropy)


def signed(settings: Settings, database: Database, entropy: Entropy) -> Database:
    """Return the database of an office where this host signs as all others do.

    What no host has yet is made and named.

    Raises:
        UnreadyError: if it does not; the database is closed then.
    """
    try:
        audit_signer(settings, database, entropy)
        feed_signer(settings, database, entropy)
    except UnreadyError:
        database.close()
        raise
    return database


def amiss(settings: Settings, database: Database) -> list[str]:
    """Return why this host does not sign as the others do, a sentence for each key.

    Nothing is made. A key that nobody has named yet is none of those.

    Raises:
        KeyFileError: if a key is damaged or open to others.
    """
    names = _names(database)
    found = [(role, role.named(names)) for role in (_AUDIT, _FEED)]
    return [
        _sentence(role, settings, named)
        for role, named in found
        if named is not None and named != _here(role, settings)
    ]


def take(settings: Settings, database: Database) -> None:
    """Have the installation sign under the keys of this host from now on.

    Of a key that is not here no name is left: the next host that starts makes one.
    """
    if database.embedded:
        return
    ours = KeyNames(_here(_AUDIT, settings), _here(_FEED, settings))
    with database.transaction() as tx:
        read_head(tx, hold=True)
        directory.name_keys(tx, ours)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Be the one process of this host that makes a key in a folder."""
    held = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)


def _signer(role: _Role, settings: Settings, database: Database, entropy: Entropy) -> Signer:
    file = role.file(settings)
    if database.embedded:
        return Signer(role.purpose, key_in(file, entropy))
    named = role.named(_names(database)) or _begun(role, settings, database, entropy)
    if named != _here(role, settings):
        raise UnreadyError(_sentence(role, settings, named))
    return Signer(role.purpose, key_kept_in(file))


def _begun(role: _Role, settings: Settings, database: Database, entropy: Entropy) -> str:
    """Name the key of this host, which is made if there is none; return what is named then."""
    file = role.file(settings)
    with alone(settings.data_dir):
        was_there = file.exists()
        own = Signer(role.purpose, key_in(file, entropy)).public.name
        with database.transaction() as tx:
            read_head(tx, hold=True)
            names = directory.key_names(tx)
            if role.named(names) is None:
                names = KeyNames(own, names.feed) if role is _AUDIT else KeyNames(names.audit, own)
                directory.name_keys(tx, names)
        named = role.named(names) or own
        if named != own and not was_there:
            file.unlink()  # another host was first
        return named


def _here(role: _Role, settings: Settings) -> str | None:
    """Return what names the key in the file of this host; None if there is none."""
    try:
        return Signer(role.purpose, key_kept_in(role.file(settings))).public.name
    except FileNotFoundError:
        return None


def _names(database: Database) -> KeyNames:
    with database.reading() as tx:
        return directory.key_names(tx)


def _sentence(role: _Role, settings: Settings, named: str | None) -> str:
    file = role.file(settings).name
    return (
        f"this installation signs {role.signs} under the key {named}, which is not here: copy "
        f"{file} from a host that serves already. If {file} was replaced at every host, or no host "
        "has it any more, `counterfoil seal --keys` takes those that are here"
    )
