"""Sessions, their secrets and their codes in the database.

What belongs to a person's sign-in belongs to no single organization, so these tables name none.
Secrets are only ever put in and taken out: no statement changes a digest (S4).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    delete,
    insert,
    select,
    update,
)

from counterfoil.kernel.ids import TokenId, UserId
from counterfoil.signin.model import Code, Purpose, Session
from counterfoil.signin.store.tables import codes, secrets, sessions

_GATED: Final = (str(Purpose.ACCESS), str(Purpose.COOKIE))
"""The secrets that the gates know of: those by which somebody acts."""


def add(tx: Connection, session: Session) -> None:
    """Put a new session in."""
    tx.execute(
        insert(sessions).values(
            id=session.id,
            user_id=session.user,
            client=session.client,
            position=session.position,
            authenticated_at=session.authenticated_at,
            seen_at=session.seen_at,
            dies_at=session.dies_at,
            begun_by=session.begun_by,
            provider=session.provider,
        )
    )


def give(
    tx: Connection, session: TokenId, purpose: Purpose, digest: bytes, dies_at: datetime
) -> None:
    """Let a session be known by one more secret."""
    tx.execute(
        insert(secrets).values(
            digest=digest, session_id=session, purpose=str(purpose), dies_at=dies_at
        )
    )


def by_secret(tx: Connection, purpose: Purpose, digest: bytes) -> Session | None:
    """Return the session that a secret belongs to, spent or not."""
    query = (
        select(sessions)
        .join(secrets, secrets.c.session_id == sessions.c.id)
        .where(secrets.c.digest == digest, secrets.c.purpose == str(purpose))
    )
    row = tx.execute(query).one_or_none()
    return None if row is None else _session(row)


def by_code(tx: Connection, digest: bytes) -> Session | None:
    """Return the session that a code began."""
    row = tx.execute(select(sessions).where(sessions.c.begun_by == digest)).one_or_none()
    return None if row is None else _session(row)


def of_user(tx: Connection, user: UserId) -> list[Session]:
    """Return every session of a person."""
    return [_session(row) for row in tx.execute(select(sessions).where(sessions.c.user_id == user))]


def past(tx: Connection, now: datetime, limit: int) -> list[Session]:
    """Return some of the sessions whose time is up."""
    query = select(sessions).where(sessions.c.dies_at <= now).limit(limit)
    return [_session(row) for row in tx.execute(query.with_for_update(skip_locked=True))]


def touch(tx: Connection, session: TokenId, now: datetime) -> None:
    """Write down that a session was used."""
    tx.execute(update(sessions).where(sessions.c.id == session).values(seen_at=now))


def spend(tx: Connection, digest: bytes, now: datetime) -> bool:
    """Use a refresh token up; say no if it was used before. Of two at once one says yes."""
    done = tx.execute(
        update(secrets)
        .where(
            secrets.c.digest == digest,
            secrets.c.purpose == str(Purpose.REFRESH),
            secrets.c.spent_at.is_(None),
        )
        .values(spent_at=now)
        .returning(secrets.c.session_id)
    )
    return done.one_or_none() is not None


def take_access(tx: Connection, session: TokenId) -> tuple[bytes, ...]:
    """Take the access tokens of a session out; return their digests."""
    where = (secrets.c.session_id == session, secrets.c.purpose == str(Purpose.ACCESS))
    return _taken(tx, *where)


def remove(tx: Connection, session: TokenId) -> tuple[bytes, ...]:
    """Take a session out with all its secrets; return the digests that the gates know."""
    struck = _taken(tx, secrets.c.session_id == session, secrets.c.purpose.in_(_GATED))
    tx.execute(delete(secrets).where(secrets.c.session_id == session))
    tx.execute(delete(sessions).where(sessions.c.id == session))
    return struck


def gated(
    tx: Connection, providers: Collection[str] | None = None
) -> Iterator[tuple[Session, bytes, datetime]]:
    """Yield each digest that the gates may know, with its session and its end.

    With `providers`, those of the sessions that they began.
    """
    query = (
        select(sessions, secrets.c.digest, secrets.c.dies_at.label("secret_dies_at"))
        .join(secrets, secrets.c.session_id == sessions.c.id)
        .where(secrets.c.purpose.in_(_GATED))
        .order_by(sessions.c.id)
    )
    if providers is not None:
        query = query.where(sessions.c.provider.in_(providers))
    for row in tx.execute(query):
        yield _session(row), row.digest, row.secret_dies_at


def add_code(tx: Connection, code: Code) -> None:
    """Put a code in."""
    tx.execute(
        insert(codes).values(
            digest=code.digest,
            user_id=code.user,
            client=code.client,
            redirect_uri=code.redirect_uri,
            challenge=code.challenge,
            position=code.position,
            authenticated_at=code.authenticated_at,
            dies_at=code.dies_at,
            provider=code.provider,
        )
    )


def find_code(tx: Connection, digest: bytes) -> Code | None:
    """Return a code that nobody has taken yet."""
    row = tx.execute(select(codes).where(codes.c.digest == digest)).one_or_none()
    return None if row is None else _code(row)


def take_code(tx: Connection, digest: bytes) -> Code | None:
    """Take a code out and return it. Of two at once one gets it."""
    taken = tx.execute(delete(codes).where(codes.c.digest == digest).returning(*codes.c))
    row = taken.one_or_none()
    return None if row is None else _code(row)


def drop_codes(tx: Connection, user: UserId) -> None:
    """Take out the codes that a person has not redeemed."""
    tx.execute(delete(codes).where(codes.c.user_id == user))


def drop_late_codes(tx: Connection, now: datetime) -> None:
    """Take out the codes that nobody redeemed in time."""
    tx.execute(delete(codes).where(codes.c.dies_at <= now))


def _taken(tx: Connection, *where: ColumnElement[bool]) -> tuple[bytes, ...]:
    rows: Sequence[Row[Any]] = tx.execute(
        delete(secrets).where(*where).returning(secrets.c.digest)
    ).all()
    return tuple(sorted(bytes(row.digest) for row in rows))


def _session(row: Row[Any]) -> Session:
    return Session(
        id=TokenId(row.id),
        user=UserId(row.user_id),
        client=row.client,
        position=row.position,
        authenticated_at=row.authenticated_at,
        seen_at=row.seen_at,
        dies_at=row.dies_at,
        begun_by=row.begun_by,
        provider=row.provider,
    )


def _code(row: Row[Any]) -> Code:
    return Code(
        digest=bytes(row.digest),
        user=UserId(row.user_id),
        client=row.client,
        redirect_uri=row.redirect_uri,
        challenge=row.challenge,
        position=row.position,
        authenticated_at=row.authenticated_at,
        dies_at=row.dies_at,
        provider=row.provider,
    )
