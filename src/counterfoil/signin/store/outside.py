"""By which accounts of outside providers people are known here, in the database.

An account is an issuer and a subject, to the letter, and belongs to one person. An e-mail address
never stands in for it (S48).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, delete, select, update

from counterfoil.kernel.ids import UserId
from counterfoil.runtime.database import insert_or
from counterfoil.signin.model import Outside
from counterfoil.signin.store.tables import outside

_AT_ONCE: Final = 500
"""So many people are named in one statement."""


def find(tx: Connection, issuer: str, subject: str) -> Outside | None:
    """Return the account of a provider, if somebody here is known by it."""
    query = select(outside).where(outside.c.issuer == issuer, outside.c.subject == subject)
    row = tx.execute(query).one_or_none()
    return None if row is None else _outside(row)


def of_user(tx: Connection, user: UserId) -> list[Outside]:
    """Return by which accounts a person is known, the oldest first."""
    query = select(outside).where(outside.c.user_id == user).order_by(outside.c.linked_at)
    return [_outside(row) for row in tx.execute(query.order_by(outside.c.id))]


def known(tx: Connection, people: Sequence[UserId], issuers: Collection[str]) -> set[UserId]:
    """Return who of these people is known by an account at one of these issuers."""
    found: set[UserId] = set()
    for start in range(0, len(people), _AT_ONCE):
        some = outside.c.user_id.in_(people[start : start + _AT_ONCE])
        there = outside.c.issuer.in_(issuers)
        found.update(map(UserId, tx.scalars(select(outside.c.user_id).where(some, there))))
    return found


def keep(tx: Connection, new: Outside) -> bool:
    """Let a person be known by an account; say no if it is taken. Of two at once one gets it."""
    kept = insert_or(tx, outside).values(
        id=new.id,
        user_id=new.user,
        issuer=new.issuer,
        subject=new.subject,
        linked_at=new.linked_at,
        used_at=new.used_at,
    )
    done = tx.execute(kept.on_conflict_do_nothing().returning(outside.c.id))
    return done.one_or_none() is not None


def touch(tx: Connection, id_: int, now: datetime) -> None:
    """Write down that somebody signed in by an account."""
    tx.execute(update(outside).where(outside.c.id == id_).values(used_at=now))


def drop(tx: Connection, user: UserId, id_: int) -> bool:
    """Forget one account of a person; say no if they have no such one."""
    return _dropped(tx, outside.c.user_id == user, outside.c.id == id_)


def drop_all(tx: Connection, user: UserId) -> bool:
    """Forget every account of a person; say whether there was any."""
    return _dropped(tx, outside.c.user_id == user)


def _dropped(tx: Connection, *where: ColumnElement[bool]) -> bool:
    return bool(tx.execute(delete(outside).where(*where).returning(outside.c.id)).all())


def _outside(row: Row[Any]) -> Outside:
    return Outside(
        id=row.id,
        user=UserId(row.user_id),
        issuer=row.issuer,
        subject=row.subject,
        linked_at=row.linked_at,
        used_at=row.used_at,
    )
