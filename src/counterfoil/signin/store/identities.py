"""How people prove who they are, and how often somebody failed to, in the database.

Attempts are counted for each account and source; the account is kept as a digest, for people type
passwords where e-mails belong. Old rows go whenever a new one comes, so the table stays small.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    delete,
    func,
    or_,
    select,
    update,
)

from counterfoil import directory
from counterfoil.kernel.ids import UserId
from counterfoil.kernel.networks import network_of
from counterfoil.runtime.database import insert_or
from counterfoil.signin.model import (
    ACCOUNT_WINDOW,
    KNOWN_FOR,
    SOURCE_WINDOW,
    Failures,
    Tally,
)
from counterfoil.signin.store.tables import attempts, identities

PASSWORD: Final = "password"  # noqa: S105 - the kind of an identity
_DOMAIN: Final = b"counterfoil/account/v1\0"
_V6_PREFIX: Final = 56


def kept_password(tx: Connection, user: UserId | None) -> str | None:
    """Return the digest of a person's password; None if they have none, or are nobody."""
    query = select(identities.c.digest).where(
        identities.c.user_id == (user or 0), identities.c.kind == PASSWORD
    )
    return tx.execute(query).scalar_one_or_none()


def keep_password(tx: Connection, id_: int, user: UserId, digest: str, now: datetime) -> None:
    """Keep a person's new password in the place of the old one."""
    fresh = {"digest": digest, "changed_at": now}
    new = insert_or(tx, identities).values(id=id_, user_id=user, kind=PASSWORD, **fresh)
    tx.execute(new.on_conflict_do_update(index_elements=["user_id", "kind"], set_=fresh))


def forget_password(tx: Connection, user: UserId) -> None:
    """Keep no password of a person: none opens their account."""
    tx.execute(
        delete(identities).where(identities.c.user_id == user, identities.c.kind == PASSWORD)
    )


def account_key(email: str) -> bytes:
    """Return under what an e-mail is counted, whether or not anybody has it."""
    text = directory.fold(email).encode("utf-8", "surrogatepass")
    return hashlib.sha256(_DOMAIN + text).digest()


def source_key(address: str) -> str:
    """Return under what an address is counted: an IPv6 customer has many, so their prefix."""
    return network_of(address, v4_bits=32, v6_bits=_V6_PREFIX) or address[:64]


def tally(tx: Connection, account: bytes, source: str, now: datetime) -> Tally:
    """Return what is known of the attempts; two at once at one pair wait for each other."""
    new = insert_or(tx, attempts).values(account=account, source=source, failures=0, failed_at=now)
    tx.execute(new.on_conflict_do_nothing())
    where = (attempts.c.account == account, attempts.c.source == source)
    row = tx.execute(select(attempts).where(*where).with_for_update()).one()
    recent, today = attempts.c.failed_at > now - SOURCE_WINDOW, now - ACCOUNT_WINDOW
    return Tally(
        pair=Failures(row.failures, row.failed_at) if row.failed_at > today else Failures(),
        account=_failures(tx, attempts.c.account == account, attempts.c.failed_at > today),
        source=_failures(tx, attempts.c.source == source, recent),
        known=row.proved_at is not None and row.proved_at > now - KNOWN_FOR,
    )


def count(tx: Connection, account: bytes, source: str, failures: int, now: datetime) -> None:
    """Write down how many attempts failed at this pair; rows that count no more go."""
    tx.execute(
        delete(attempts).where(
            attempts.c.failed_at <= now - ACCOUNT_WINDOW,
            or_(attempts.c.proved_at.is_(None), attempts.c.proved_at <= now - KNOWN_FOR),
        )
    )
    fresh = {"failures": failures, "failed_at": now}
    new = insert_or(tx, attempts).values(account=account, source=source, **fresh)
    tx.execute(new.on_conflict_do_update(index_elements=["account", "source"], set_=fresh))


def forgive(tx: Connection, account: bytes, source: str, now: datetime) -> None:
    """Write down that the person was here: their failures at this source count no more."""
    where = (attempts.c.account == account, attempts.c.source == source)
    tx.execute(update(attempts).where(*where).values(failures=0, proved_at=now))


def _failures(tx: Connection, *where: ColumnElement[bool]) -> Failures:
    query = select(func.coalesce(func.sum(attempts.c.failures), 0), func.max(attempts.c.failed_at))
    failures, last_at = tx.execute(query.where(attempts.c.failures > 0, *where)).one()
    return Failures(int(failures), last_at)
