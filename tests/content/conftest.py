"""What the tests of content share."""

from __future__ import annotations

import pytest

from counterfoil.kernel.entropy import Entropy
from counterfoil.operation import Office
from counterfoil.runtime.database import Database
from garden import Garden
from house import StandingClock, office_on


@pytest.fixture
def garden(office: Office) -> Garden:
    """A garden on the embedded database."""
    return Garden(office)


@pytest.fixture
def any_garden(any_database: Database, clock: StandingClock, entropy: Entropy) -> Garden:
    """A garden on each engine in turn."""
    return Garden(office_on(any_database, clock, entropy))
