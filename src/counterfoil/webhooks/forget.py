"""What was told long ago is forgotten."""

from __future__ import annotations

from sqlalchemy import Connection

from counterfoil.office import Office
from counterfoil.runtime.witness import NOBODY
from counterfoil.webhooks.model import KEPT
from counterfoil.webhooks.store import outbox


def forget(office: Office) -> int:
    """Forget messages of events that are over a month old and wait no more; return how many."""
    with office.database.transaction(NOBODY) as tx:
        return outbox.forget(tx, office.clock() - KEPT)


def withhold_all(tx: Connection) -> int:
    """Send nothing of what happened until now; return how many messages waited."""
    return outbox.withhold_all(tx)
