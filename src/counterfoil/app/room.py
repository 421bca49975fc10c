"""The room that this host keeps for revocations, and what is refused without it (R11)."""

from __future__ import annotations

from counterfoil.gate.replica import Replica
from counterfoil.runtime.ballast import EVERY_S, Ballast
from counterfoil.runtime.database import Database
from counterfoil.runtime.noroom import no_room
from counterfoil.runtime.repeating import Repeating
from counterfoil.runtime.settings import Settings


def keeping(settings: Settings, database: Database, replica: Replica) -> Repeating:
    """Have all that a revocation is written by make room; return what takes it back again.

    A server takes it at its start. What the operator does beside one goes by what is there.
    """
    ballast = Ballast((settings.data_dir, settings.revocations_dir), settings.ballast_mb << 20)
    database.ballast, replica.make_room = ballast, ballast.drop
    return Repeating("the ballast", ballast.turn, EVERY_S, settings.ballast_lock)


def require_room(database: Database) -> None:
    """Return if more is written than what room is kept for.

    Raises:
        Unserved: NO_ROOM.
    """
    if database.is_full():
        raise no_room()
