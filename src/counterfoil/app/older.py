"""Whether the database is older than what this host knows of it: somebody put a copy back (R12)."""

from __future__ import annotations

import structlog

from counterfoil.app.machine import office_of
from counterfoil.feed.outbox import read_head
from counterfoil.feed.revocations import Revocations
from counterfoil.gate.replica import Replica
from counterfoil.kernel.clock import system_clock
from counterfoil.kernel.entropy import Entropy
from counterfoil.kernel.errors import Conflict
from counterfoil.recovery.quarantine import begin_everywhere
from counterfoil.runtime.database import Database
from counterfoil.runtime.settings import Settings

log = structlog.get_logger(__name__)

_WHY = "the database ends at position %d, and this host has followed it to %d: a copy was put back"


def shut_if_older(
    settings: Settings,
    database: Database,
    replica: Replica,
    journal: Revocations,
    entropy: Entropy,
) -> None:
    """Begin a quarantine if the feed ends before the replica or the journal that followed it."""
    with database.reading() as tx:
        head = read_head(tx)
    followed = ((replica.epoch(), replica.position()), journal.known())
    known = max((position for epoch, position in followed if epoch >= head.epoch), default=0)
    if known <= head.position:
        return
    log.error("the database is older than what followed it", position=head.position, known=known)
    try:
        office = office_of(database, settings, system_clock, entropy)
        begin_everywhere(office, _WHY % (head.position, known), known)
    except Conflict:
        return  # nobody is in it: there is nothing to keep closed
