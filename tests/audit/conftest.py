"""A trail of some hundred entries, and the key under which it is signed."""

from __future__ import annotations

import pytest

from counterfoil.audit.checkpoint import PURPOSE, keep
from counterfoil.runtime.database import Database
from counterfoil.runtime.signing import Signer
from support.office import StandingClock
from support.trail import grow


@pytest.fixture
def signer() -> Signer:
    return Signer(PURPOSE, bytes(32))


@pytest.fixture
def trail(database: Database, clock: StandingClock, signer: Signer) -> Database:
    """A database whose trail was signed at 100, 300 and 600 entries."""
    for more in (100, 200, 300):
        grow(database, more)
        keep(database, signer, clock)
        clock.move_on(minutes=11)
    return database
