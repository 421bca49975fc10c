"""An agency whose webhooks are told: by a real job, over TLS, to a server beside it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from counterfoil.kernel.entropy import Entropy
from counterfoil.runtime.database import Database
from support.office import StandingClock
from support.receiver import Receiver, receiver
from support.tokens import Hall
from support.webhooks import House


@pytest.fixture
def hooks(tmp_path: Path) -> Iterator[Receiver]:
    with receiver(tmp_path) as running:
        yield running


@pytest.fixture
def house(
    database: Database,
    clock: StandingClock,
    entropy: Entropy,
    tmp_path: Path,
    hooks: Receiver,
) -> Iterator[House]:
    """The clock stands at the present: who checks a signature looks at their own."""
    clock.now = datetime.now(UTC).replace(microsecond=0)
    hall = Hall(database, clock, tmp_path, entropy)
    yield House(hall, hooks)
    hall.replica.close()
