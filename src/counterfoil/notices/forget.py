"""What people were told is not kept for good, and need not come by mail."""

from __future__ import annotations

from sqlalchemy import Connection

from counterfoil.notices.model import KEPT
from counterfoil.notices.store.due import drop
from counterfoil.notices.store.rows import delete_before
from counterfoil.office import Office
from counterfoil.runtime.witness import NOBODY


def forget(office: Office) -> int:
    """Delete notices that are older than 90 days, read or not; return how many."""
    with office.database.transaction(NOBODY) as tx:
        return delete_before(tx, office.clock() - KEPT)


def send_none(tx: Connection) -> None:
    """Let no mail leave of what was told until now: of a sample's past, or in a restored copy."""
    drop(tx)
