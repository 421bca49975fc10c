"""Whether the database is a copy that somebody put here, and what was revoked since is lost (R12).

It is where it ends before what this host knows of it. And where this host knows nothing of it, for
it was never here before: an embedded database that other tools brought to a new machine.
"""

from __future__ import annotations

from threading import Lock

import structlog

from counterfoil.app.by_hand import office_of
from counterfoil.feed.chain import UNKNOWN
from counterfoil.feed.outbox import chain_at, read_head
from counterfoil.feed.page import Page
from counterfoil.feed.revocations import Revocations
from counterfoil.gate.replica import Replica
from counterfoil.kernel.clock import system_clock
from counterfoil.kernel.entropy import Entropy
from counterfoil.kernel.errors import Conflict
from counterfoil.recovery.quarantine import begin_everywhere
from counterfoil.runtime.database import Database
from counterfoil.runtime.settings import Settings

log = structlog.get_logger(__name__)

_LOCK = Lock()
_APART = 60_000_000
"""So far apart the clocks of two hosts may be, in microseconds."""
_FOLLOWED = (
    "the database ends at position %d, and this host has followed it to %d: a copy was put back"
)
_TOLD = "the database ends at position %d, and a gate has shown that it had come to %d"
_BROUGHT = "this host has never had this database, which ends at position %d: it is a copy"


def shut_if_older(
    settings: Settings,
    database: Database,
    replica: Replica,
    journal: Revocations,
    entropy: Entropy,
) -> None:
    """Begin a quarantine if the feed ends before the replica or the journal that followed it.

    Or if it has gone on from before there, by another history than the replica was told; or if an
    embedded database was neither begun nor followed here, and this host has not shut it before.
    """
    place = replica.place()
    with database.reading() as tx:
        head = read_head(tx)
        told = chain_at(tx, place.position)
    followed = ((replica.epoch(), replica.position()), journal.known())
    known = max((position for epoch, position in followed if epoch >= head.epoch), default=0)
    own = place.proof.chain if place.epoch == head.epoch else UNKNOWN
    forked = bool(own and told and own != told)
    if known > head.position or forked:
        log.error(
            "the database is older than what followed it, or another one",
            position=head.position,
            known=known,
            forked=forked,
        )
        _shut(settings, database, entropy, _FOLLOWED % (head.position, known), known)
    elif _was_brought(settings, is_followed=followed != ((0, 0), (0, 0))):
        log.error("the database was brought here, and may lack what was revoked since")
        _shut(settings, database, entropy, _BROUGHT % head.position, 0)
    settings.settled_file.touch(0o600)


def shut_as_lost(
    settings: Settings,
    database: Database,
    replica: Replica,
    entropy: Entropy,
    told: Page,
    *,
    began: int,
) -> bool:
    """Begin a quarantine if the feed ends before what this office told a gate, in the same epoch.

    Not if this process ran already when that was told, since `began` in Unix microseconds, and its
    host has never followed so far: then it was told by a copy that runs under the same key, which
    is what is returned. Of several gates that show it, the first begins it: there is another epoch
    then.
    """
    with _LOCK:
        place = replica.place()
        with database.reading() as tx:
            head = read_head(tx)
        if head.epoch != told.epoch or head.position >= told.head:
            return False
        followed = place.epoch == head.epoch and place.position > head.position
        if told.at > began + _APART and not followed:
            return True
        _shut(settings, database, entropy, _TOLD % (head.position, told.head), told.head)
        return False


def _was_brought(settings: Settings, *, is_followed: bool) -> bool:
    """Say whether the database of a data directory is none that this host has ever had.

    One that lies elsewhere may be that of an office which runs, and this one more host of it: it is
    served by those that `newcomer` admits.
    """
    return not (settings.database_url or is_followed or settings.settled_file.exists())


def _shut(settings: Settings, database: Database, entropy: Entropy, why: str, known: int) -> None:
    try:
        office = office_of(database, settings, system_clock, entropy)
        begin_everywhere(office, why, known)
    except Conflict:
        return  # nobody is in it: there is nothing to keep closed
