"""In which language each person reads: beside what they are, and no part of it."""

from __future__ import annotations

from sqlalchemy import Connection, select, update

from counterfoil.directory.store.tables import users
from counterfoil.kernel.ids import UserId


def language(tx: Connection, user: UserId) -> str | None:
    """Return the code of a person's language; None while it is not known."""
    found: str | None = tx.scalar(select(users.c.language).where(users.c.id == user))
    return found


def keep_first_language(tx: Connection, user: UserId, code: str) -> None:
    """Write down in which language a person reads, if that is not known yet."""
    unknown = users.c.language.is_(None)
    tx.execute(update(users).where(users.c.id == user, unknown).values(language=code))


def set_language(tx: Connection, user: UserId, code: str) -> None:
    """Write down in which language a person reads."""
    tx.execute(update(users).where(users.c.id == user).values(language=code))
