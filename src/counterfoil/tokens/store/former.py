"""The former secrets of tokens, in their grace: whether anybody still comes with them."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    ForeignKey,
    ForeignKeyConstraint,
    String,
    Table,
    and_,
    func,
    select,
)

from counterfoil.gate.record.usage import Seens
from counterfoil.kernel.clock import instant
from counterfoil.kernel.ids import OrganizationId, TokenId
from counterfoil.runtime.database import Instant, insert_or, metadata
from counterfoil.tokens.store.tables import secrets
from counterfoil.tokens.usage_model import Former

_BELOW: Final = 500
_MICRO: Final = 1_000_000

seen_secrets: Final = Table(
    "token_secret_seen",
    metadata,
    Column("secret_id", ForeignKey("token_secret.id"), primary_key=True, autoincrement=False),
    Column("organization_id", BigInteger, nullable=False),
    Column("token_id", BigInteger, nullable=False),
    Column("at", Instant, nullable=False),
    Column("client", String(64), nullable=False),
    Column("network", String(64), nullable=False),
    ForeignKeyConstraint(["organization_id", "token_id"], ["token.organization_id", "token.id"]),
)
"""When a former secret was last seen. Of the present one `token_used` says it."""


def take_in(tx: Connection, seen: Seens) -> None:
    """Note of former secrets that they were seen; what is known to be later stays."""
    digests = sorted(seen)
    rows = [
        {
            "secret_id": row.id,
            "organization_id": row.organization_id,
            "token_id": row.token_id,
            "at": instant(int(found.at * _MICRO)),
            "client": found.client,
            "network": found.network,
        }
        for start in range(0, len(digests), _BELOW)
        for row in tx.execute(
            select(secrets.c.id, secrets.c.organization_id, secrets.c.token_id, secrets.c.digest)
            .where(
                secrets.c.digest.in_(digests[start : start + _BELOW]),
                secrets.c.dies_at.is_not(None),
                secrets.c.retired_at.is_(None),
            )
            .order_by(secrets.c.id)
        )
        if (found := seen.get(bytes(row.digest)))
    ]
    if not rows:
        return
    new = insert_or(tx, seen_secrets)
    told = {name: new.excluded[name] for name in ("at", "client", "network")}
    later = seen_secrets.c.at < new.excluded.at
    tx.execute(
        new.on_conflict_do_update(index_elements=["secret_id"], set_=told, where=later), rows
    )


def former(
    tx: Connection, organization: OrganizationId, token: TokenId, now: datetime
) -> list[Former]:
    """Return the former secrets of a token that still work, the longest-lived first.

    What is written a few seconds late may be of a time when a secret was not replaced yet: that is
    left out.
    """
    newer = secrets.alias()
    replaced_at = (
        select(func.min(newer.c.created_at))
        .where(newer.c.token_id == secrets.c.token_id, newer.c.id != secrets.c.id)
        .where(newer.c.created_at >= secrets.c.created_at)
        .correlate(secrets)
        .scalar_subquery()
    )
    since = and_(seen_secrets.c.secret_id == secrets.c.id, seen_secrets.c.at > replaced_at)
    rows = tx.execute(
        select(
            secrets.c.hint,
            secrets.c.dies_at,
            seen_secrets.c.at,
            seen_secrets.c.client,
            seen_secrets.c.network,
        )
        .select_from(secrets)
        .outerjoin(seen_secrets, since)
        .where(
            secrets.c.organization_id == organization,
            secrets.c.token_id == token,
            secrets.c.retired_at.is_(None),
            secrets.c.dies_at > now,
        )
        .order_by(secrets.c.dies_at.desc())
    )
    return [
        Former(row.hint, row.dies_at, row.at, row.client or "", row.network or "") for row in rows
    ]
