"""When people last signed in, and what they can sign in by: for a page of members at once."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from counterfoil.kernel.ids import UserId
from counterfoil.runtime.database import insert_or
from counterfoil.signin.model import Ways
from counterfoil.signin.store.tables import arrivals, identities, outside, passkeys, seconds


def note(tx: Connection, user: UserId, provider: str | None, now: datetime) -> None:
    """Keep that somebody has signed in just now, in the place of when they did before."""
    new = insert_or(tx, arrivals).values(user_id=user, at=now, provider=provider)
    tx.execute(
        new.on_conflict_do_update(
            index_elements=[arrivals.c.user_id], set_={"at": now, "provider": provider}
        )
    )


def ways(tx: Connection, users: Sequence[UserId]) -> dict[UserId, Ways]:
    """Return of each of these people by what they can sign in, and when they last did."""
    wanted = list(users)
    last = {
        row.user_id: row
        for row in tx.execute(select(arrivals).where(arrivals.c.user_id.in_(wanted)))
    }
    keys = Counter(tx.scalars(select(passkeys.c.user_id).where(passkeys.c.user_id.in_(wanted))))
    own = set(tx.scalars(select(identities.c.user_id).where(identities.c.user_id.in_(wanted))))
    apps = set(tx.scalars(select(seconds.c.user_id).where(seconds.c.user_id.in_(wanted))))
    by: defaultdict[int, list[str]] = defaultdict(list)
    known = select(outside.c.user_id, outside.c.issuer).where(outside.c.user_id.in_(wanted))
    for row in tx.execute(known.order_by(outside.c.linked_at, outside.c.id)):
        by[row.user_id].append(row.issuer)
    return {
        one: Ways(
            password=one in own,
            second=one in own and one in apps,
            passkeys=keys[one],
            issuers=tuple(dict.fromkeys(by[one])),
            last_at=last[one].at if one in last else None,
            last_by=last[one].provider if one in last else None,
        )
        for one in wanted
    }
