"""Sign-ins that are at a provider, in the database: put in, taken out once, and never changed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select

from counterfoil.kernel.ids import TokenId
from counterfoil.signin.model import Flow
from counterfoil.signin.store.tables import flows


def add(tx: Connection, flow: Flow, source: str) -> None:
    """Put a flow in, counted under where it came from."""
    tx.execute(
        insert(flows).values(
            state=flow.state,
            browser=flow.browser,
            provider=flow.provider,
            next=flow.next_,
            linking=flow.linking,
            invitation=flow.invitation,
            max_age_s=flow.max_age_s,
            begun_at=flow.begun_at,
            dies_at=flow.dies_at,
            source=source,
        )
    )


def take(tx: Connection, state: bytes, browser: bytes, provider: str) -> Flow | None:
    """Take a flow out, for the browser that began it at this provider. Of two at once one gets it.

    Whoever comes with another browser takes nothing: the one that began it may still come back.
    """
    taken = tx.execute(
        delete(flows)
        .where(flows.c.state == state, flows.c.browser == browser, flows.c.provider == provider)
        .returning(*flows.c)
    )
    row = taken.one_or_none()
    if row is None:
        return None
    return Flow(
        state=bytes(row.state),
        browser=bytes(row.browser),
        provider=row.provider,
        next_=row.next,
        linking=None if row.linking is None else TokenId(row.linking),
        invitation=None if row.invitation is None else bytes(row.invitation),
        max_age_s=row.max_age_s,
        begun_at=row.begun_at,
        dies_at=row.dies_at,
    )


def count(tx: Connection, source: str) -> int:
    """Return how many flows there are from a source."""
    query = select(func.count()).select_from(flows).where(flows.c.source == source)
    return int(tx.execute(query).scalar_one())


def drop_late(tx: Connection, now: datetime) -> None:
    """Take out what nobody came back for in time."""
    tx.execute(delete(flows).where(flows.c.dies_at <= now))
