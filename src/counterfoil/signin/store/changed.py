"""Whose ways to sign in are younger than an instant."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from counterfoil.kernel.ids import UserId
from counterfoil.signin.store.tables import identities, outside, passkeys


def changed_since(tx: Connection, since: datetime) -> set[UserId]:
    """Return the people who got a password, a passkey or a link to a provider since then."""
    made = (
        select(identities.c.user_id).where(identities.c.changed_at >= since),
        select(outside.c.user_id).where(outside.c.linked_at >= since),
        select(passkeys.c.user_id).where(passkeys.c.made_at >= since),
    )
    return {UserId(id_) for query in made for id_ in tx.execute(query).scalars()}
