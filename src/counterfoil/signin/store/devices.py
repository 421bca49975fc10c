"""What devices ask, in the database: each question is answered once, and redeemed once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, select, update

from counterfoil.kernel.ids import UserId
from counterfoil.signin.model import Device, Session
from counterfoil.signin.store.tables import devices


def add(tx: Connection, new: Device, source: str) -> None:
    """Put a question in, counted under where it came from."""
    tx.execute(
        insert(devices).values(
            digest=new.digest,
            user_code=new.user_code,
            client=new.client,
            address=new.address,
            agent=new.agent,
            begun_at=new.begun_at,
            dies_at=new.dies_at,
            interval_s=new.interval_s,
            denied=False,
            source=source,
        )
    )


def count(tx: Connection, source: str) -> int:
    """Return how many questions there are from a source."""
    query = select(func.count()).select_from(devices).where(devices.c.source == source)
    return int(tx.execute(query).scalar_one())


def find(tx: Connection, digest: bytes) -> Device | None:
    """Return a question by the device's code."""
    return _one(tx, devices.c.digest == digest)


def shown(tx: Connection, user_code: bytes) -> Device | None:
    """Return a question by the code that a person types, if nobody has answered it yet."""
    open_ = (devices.c.user_id.is_(None), ~devices.c.denied)
    return _one(tx, devices.c.user_code == user_code, *open_)


def poll(tx: Connection, digest: bytes, now: datetime, interval_s: int) -> None:
    """Write down that a device asked, and how long it has to wait from now on."""
    where = devices.c.digest == digest
    tx.execute(update(devices).where(where).values(polled_at=now, interval_s=interval_s))


def approve(tx: Connection, digest: bytes, by: Session) -> bool:
    """Let a device in for the person of a session; say no if somebody answered before."""
    open_ = (devices.c.user_id.is_(None), ~devices.c.denied)
    done = tx.execute(
        update(devices)
        .where(devices.c.digest == digest, *open_)
        .values(
            user_id=by.user,
            position=by.position,
            authenticated_at=by.authenticated_at,
            provider=by.provider,
        )
        .returning(devices.c.digest)
    )
    return done.one_or_none() is not None


def deny(tx: Connection, digest: bytes) -> None:
    """Let a device in for nobody."""
    where = (devices.c.digest == digest, devices.c.user_id.is_(None))
    tx.execute(update(devices).where(*where).values(denied=True))


def take(tx: Connection, digest: bytes) -> Device | None:
    """Take a question out that was answered well, and return it. Of two at once one gets it."""
    where = (devices.c.digest == digest, devices.c.user_id.is_not(None))
    row = tx.execute(delete(devices).where(*where).returning(*devices.c)).one_or_none()
    return None if row is None else _device(row)


def drop(tx: Connection, user: UserId) -> None:
    """Take out what a person has said yes to, and no device has redeemed."""
    tx.execute(delete(devices).where(devices.c.user_id == user))


def drop_late(tx: Connection, before: datetime) -> None:
    """Take out what died before an instant."""
    tx.execute(delete(devices).where(devices.c.dies_at <= before))


def _one(tx: Connection, *where: ColumnElement[bool]) -> Device | None:
    row = tx.execute(select(devices).where(*where)).one_or_none()
    return None if row is None else _device(row)


def _device(row: Row[Any]) -> Device:
    return Device(
        digest=bytes(row.digest),
        user_code=bytes(row.user_code),
        client=row.client,
        address=row.address,
        agent=row.agent,
        begun_at=row.begun_at,
        dies_at=row.dies_at,
        interval_s=row.interval_s,
        polled_at=row.polled_at,
        denied=row.denied,
        user=None if row.user_id is None else UserId(row.user_id),
        position=row.position or 0,
        authenticated_at=row.authenticated_at,
        provider=row.provider,
    )
