"""Passkeys, and what browsers were asked to sign, in the database.

A passkey is a public key; what it would take to be somebody is in no table. A question is put in,
taken out once, and never changed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, select, update

from counterfoil.kernel.ids import UserId
from counterfoil.runtime.database import insert_or
from counterfoil.signin.model import Passkey, Question
from counterfoil.signin.store.tables import passkeys, questions


def find(tx: Connection, credential: bytes) -> Passkey | None:
    """Return the passkey that an authenticator knows by this name."""
    row = tx.execute(select(passkeys).where(passkeys.c.credential == credential)).one_or_none()
    return None if row is None else _passkey(row)


def of_user(tx: Connection, user: UserId) -> list[Passkey]:
    """Return a person's passkeys, the oldest first."""
    query = (
        select(passkeys)
        .where(passkeys.c.user_id == user)
        .order_by(passkeys.c.made_at, passkeys.c.id)
    )
    return [_passkey(row) for row in tx.execute(query)]


def keep(tx: Connection, new: Passkey) -> bool:
    """Keep a passkey; say no if somebody has it already."""
    kept = insert_or(tx, passkeys).values(
        id=new.id,
        user_id=new.user,
        credential=new.credential,
        public_key=new.public_key,
        sign_count=new.sign_count,
        name=new.name,
        made_at=new.made_at,
        used_at=new.used_at,
    )
    done = tx.execute(kept.on_conflict_do_nothing().returning(passkeys.c.id))
    return done.one_or_none() is not None


def touch(tx: Connection, one: Passkey, sign_count: int, now: datetime) -> bool:
    """Write down that a passkey signed; say no if it is gone, or has signed meanwhile."""
    same = (passkeys.c.id == one.id, passkeys.c.sign_count == one.sign_count)
    done = tx.execute(
        update(passkeys)
        .where(*same)
        .values(sign_count=sign_count, used_at=now)
        .returning(passkeys.c.id)
    )
    return done.one_or_none() is not None


def rename(tx: Connection, user: UserId, id_: int, name: str) -> bool:
    """Call a passkey of a person otherwise; say no if they have no such one."""
    mine = (passkeys.c.user_id == user, passkeys.c.id == id_)
    done = tx.execute(update(passkeys).where(*mine).values(name=name).returning(passkeys.c.id))
    return done.one_or_none() is not None


def drop(tx: Connection, user: UserId, id_: int) -> bool:
    """Forget one passkey of a person; say no if they have no such one."""
    return _dropped(tx, passkeys.c.user_id == user, passkeys.c.id == id_)


def drop_all(tx: Connection, user: UserId) -> None:
    """Forget every passkey of a person, and what they were asked meanwhile."""
    _dropped(tx, passkeys.c.user_id == user)
    tx.execute(delete(questions).where(questions.c.user_id == user))


def ask(tx: Connection, new: Question, source: str) -> None:
    """Put a question in, counted under where it came from."""
    tx.execute(
        insert(questions).values(
            challenge=new.challenge,
            browser=new.browser,
            purpose=new.purpose,
            user_id=new.user,
            invitation=new.invitation,
            dies_at=new.dies_at,
            source=source,
        )
    )


def answered(tx: Connection, challenge: bytes, browser: bytes, purpose: str) -> Question | None:
    """Take a question out, for the browser that was asked it. Of two at once one gets it.

    Whoever comes with another browser takes nothing.
    """
    which = (
        questions.c.challenge == challenge,
        questions.c.browser == browser,
        questions.c.purpose == purpose,
    )
    row = tx.execute(delete(questions).where(*which).returning(*questions.c)).one_or_none()
    if row is None:
        return None
    return Question(
        challenge=bytes(row.challenge),
        browser=bytes(row.browser),
        purpose=row.purpose,
        dies_at=row.dies_at,
        user=None if row.user_id is None else UserId(row.user_id),
        invitation=None if row.invitation is None else bytes(row.invitation),
    )


def count(tx: Connection, source: str) -> int:
    """Return how many questions there are from a source."""
    query = select(func.count()).select_from(questions).where(questions.c.source == source)
    return int(tx.execute(query).scalar_one())


def drop_late(tx: Connection, now: datetime) -> None:
    """Take out what nobody answered in time."""
    tx.execute(delete(questions).where(questions.c.dies_at <= now))


def _dropped(tx: Connection, *where: ColumnElement[bool]) -> bool:
    return bool(tx.execute(delete(passkeys).where(*where).returning(passkeys.c.id)).all())


def _passkey(row: Row[Any]) -> Passkey:
    return Passkey(
        id=row.id,
        user=UserId(row.user_id),
        credential=bytes(row.credential),
        public_key=bytes(row.public_key),
        sign_count=row.sign_count,
        name=row.name,
        made_at=row.made_at,
        used_at=row.used_at,
    )
