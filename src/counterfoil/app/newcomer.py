"""Whether a host that knows nothing of its database may serve it: it may be a copy (R12).

A Postgres that was put back looks the same to a host on a new machine as one which it was added to:
neither replica nor journal says how far it was followed. What was revoked after the copy would
open. So such a host serves only where another one does, which would know; where no server ever
served, so that there was nothing to revoke; or where its operator says that it is one more host of
this installation. It looks at an embedded database itself, and begins the quarantine (`older`).
"""

from __future__ import annotations

import time
from typing import Final

import structlog

from counterfoil import directory
from counterfoil.app.fit import UnreadyError
from counterfoil.audit import checkpoint
from counterfoil.feed.outbox import read_head
from counterfoil.feed.revocations import Revocations
from counterfoil.gate.lease import host_of
from counterfoil.gate.replica import Replica
from counterfoil.gates import SharedLeases
from counterfoil.runtime.database import Database
from counterfoil.runtime.places import typed
from counterfoil.runtime.settings import Settings

log = structlog.get_logger(__name__)

_WITHIN_S: Final = 6.0
"""Each host that serves renews its lease every half second, and may be slow."""
_PAUSE_S: Final = 0.1
_NOTHING: Final = (0, 0)


def admitted(settings: Settings, database: Database) -> Database:
    """Return a database that this host may serve: it has had it, or may begin with it.

    Raises:
        UnreadyError: if it may be a copy, and nobody says otherwise; the database is closed then.
    """
    if database.embedded or settings.settled_file.exists() or not _has_served(database):
        return database
    if _has_followed(settings):
        return database
    if settings.join:
        log.warning("this host knows nothing of this database, and serves it: it was told to join")
        return database
    if _is_served(settings, database):
        return database
    with database.reading() as tx:
        position = read_head(tx).position
    database.close()
    raise UnreadyError(_told(settings, position))


def _has_served(database: Database) -> bool:
    """Say whether a server ever let anybody in by a database: it signs the trail before long."""
    with database.reading() as tx:
        if not directory.organization_ids(tx):
            return False
        return directory.key_names(tx).audit is not None or checkpoint.newest(tx) is not None


def _has_followed(settings: Settings) -> bool:
    """Say whether the replica or the journal of this host has ever followed a database."""
    if settings.replica_dir.exists():
        replica = Replica(settings.replica_dir)
        try:
            if (replica.epoch(), replica.position()) != _NOTHING:
                return True
        finally:
            replica.close()
    if not settings.revocations_dir.exists():
        return False
    journal = Revocations(settings.revocations_dir)
    try:
        return journal.known() != _NOTHING
    finally:
        journal.close()


def _is_served(settings: Settings, database: Database) -> bool:
    """Say whether another host serves a database now: whether one gives or renews any lease.

    A copy has the leases of when it was made, and nobody who renews them.
    """
    leases = SharedLeases(database, here=host_of(settings.office_lease_file))
    before = _names(leases)
    until = time.monotonic() + _WITHIN_S
    while time.monotonic() < until:
        time.sleep(_PAUSE_S)
        if any(before.get(one) != name for one, name in _names(leases).items()):
            return True
    return False


def _names(leases: SharedLeases) -> dict[int, float]:
    """Return which leases may run, each by the name that it has until it is renewed."""
    return {one: lease.name for one, lease in leases.running().items()}


def _told(settings: Settings, position: int) -> str:
    begin = typed("quarantine begin --operator NAME", settings.data_dir)
    return (
        f"this host has never had this database, which ends at position {position}, and no other "
        "host serves it: it may be a copy that lacks what was revoked since. If it was put back, "
        f"say `{begin}` first. If this is one more host of an installation that goes on, say "
        f"`{typed('serve --join', settings.data_dir)}` once"
    )
