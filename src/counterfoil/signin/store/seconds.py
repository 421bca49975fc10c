"""Authenticator apps that people have set up beside their passwords, in the database.

There is no key of an app here, only the random part of it, and no code for recovery, only digests.
Each code is taken by one statement, so that of two who show it at once one is let in.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from counterfoil.kernel.ids import UserId
from counterfoil.runtime.database import insert_or
from counterfoil.signin.store.tables import recovery, seconds
from counterfoil.signin.totp import Second, Shown


def of_user(tx: Connection, user: UserId) -> Second | None:
    """Return the app of a person; None if they have set up none."""
    row = tx.execute(select(seconds).where(seconds.c.user_id == user)).one_or_none()
    if row is None:
        return None
    left = select(func.count()).select_from(recovery).where(recovery.c.user_id == user)
    return Second(
        user=UserId(row.user_id),
        salt=bytes(row.salt),
        made_at=row.made_at,
        used_at=row.used_at,
        recovery_left=int(tx.execute(left).scalar_one()),
    )


def anybody(tx: Connection) -> bool:
    """Say whether anybody here has set one up."""
    return tx.execute(select(seconds.c.user_id).limit(1)).one_or_none() is not None


def keep(tx: Connection, new: Second, step: int, digests: Iterable[bytes]) -> bool:
    """Keep an app whose code of this half minute was shown; say no if there is one already."""
    values = {"user_id": new.user, "salt": new.salt, "made_at": new.made_at, "used_step": step}
    done = tx.execute(
        insert_or(tx, seconds)
        .values(**values)
        .on_conflict_do_nothing()
        .returning(seconds.c.user_id)
    )
    if done.one_or_none() is None:
        return False
    tx.execute(insert(recovery), [{"digest": one, "user_id": new.user} for one in digests])
    return True


def renew(tx: Connection, user: UserId, digests: Iterable[bytes]) -> bool:
    """Keep these codes for recovery in the place of all that there are; say no if there is no app.

    Whoever calls it holds the person, so that of two at once the later one's are kept.
    """
    if of_user(tx, user) is None:
        return False
    tx.execute(delete(recovery).where(recovery.c.user_id == user))
    tx.execute(insert(recovery), [{"digest": one, "user_id": user} for one in digests])
    return True


def is_unused(tx: Connection, user: UserId, shown: Shown) -> bool:
    """Say whether a code could be used up: it is not, and none after it is."""
    if shown.recovery is not None:
        query = select(recovery.c.digest).where(
            recovery.c.user_id == user, recovery.c.digest == shown.recovery
        )
    else:
        query = select(seconds.c.salt).where(
            seconds.c.user_id == user, seconds.c.used_step < shown.step
        )
    return tx.execute(query).one_or_none() is not None


def take(tx: Connection, user: UserId, shown: Shown, now: datetime) -> bool:
    """Use a code up; say no if it is used, or older than one that is."""
    mine = seconds.c.user_id == user
    if shown.recovery is not None:
        which = (recovery.c.user_id == user, recovery.c.digest == shown.recovery)
        gone = tx.execute(delete(recovery).where(*which).returning(recovery.c.digest))
        return gone.one_or_none() is not None
    later = update(seconds).where(mine, seconds.c.used_step < shown.step)
    done = tx.execute(later.values(used_step=shown.step, used_at=now).returning(seconds.c.user_id))
    return done.one_or_none() is not None


def drop(tx: Connection, user: UserId) -> bool:
    """Forget the app of a person and all their codes; say no if they have none."""
    tx.execute(delete(recovery).where(recovery.c.user_id == user))
    gone = tx.execute(delete(seconds).where(seconds.c.user_id == user).returning(seconds.c.user_id))
    return gone.one_or_none() is not None
