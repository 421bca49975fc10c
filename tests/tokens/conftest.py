"""A hall with a gate, and an agency in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from counterfoil.kernel.entropy import Entropy
from counterfoil.runtime.database import Database
from support.office import StandingClock
from support.tokens import Agency, Hall


@pytest.fixture
def hall(
    database: Database, clock: StandingClock, entropy: Entropy, tmp_path: Path
) -> Iterator[Hall]:
    hall = Hall(database, clock, tmp_path, entropy)
    yield hall
    hall.replica.close()


@pytest.fixture
def agency(hall: Hall) -> Agency:
    return Agency(hall)
