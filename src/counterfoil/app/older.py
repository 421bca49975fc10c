"""Whether the database is older than what this host knows of it: somebody put a copy back (R12)."""

from __future__ import annotations

import structlog

from counterfoil.app.machine import office_of
from counterfoil.feed.chain import UNKNOWN
from counterfoil.feed.outbox import chain_at, read_head
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
    """Begin a quarantine if the feed ends before the replica or the journal that followed it.

    Or if it has gone on from before there, by another history than the replica was told.
    """
    place = replica.place()
    with database.reading() as tx:
        head = read_head(tx)
        told = chain_at(tx, place.position)
    followed = ((replica.epoch(), replica.position()), journal.known())
    known = max((position for epoch, position in followed if epoch >= head.epoch), default=0)
    own = place.proof.chain if place.epoch == head.epoch else UNKNOWN
    forked = bool(own and told and own != told)
    if known <= head.position and not forked:
        return
    log.error(
        "the database is older than what followed it, or another one",
        position=head.position,
        known=known,
        forked=forked,
    )
    try:
        office = office_of(database, settings, system_clock, entropy)
        begin_everywhere(office, _WHY % (head.position, known), known)
    except Conflict:
        return  # nobody is in it: there is nothing to keep closed
