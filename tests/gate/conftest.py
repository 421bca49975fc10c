"""What the tests of the gate stand on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from counterfoil.gate.replica import Replica
from counterfoil.gate.verifier import Verifier
from support.gate import WORLD, tell
from support.office import StandingClock


@pytest.fixture
def replica(tmp_path: Path) -> Iterator[Replica]:
    """A replica that knows the small organization."""
    opened = Replica(tmp_path / "replica")
    tell(opened, *WORLD)
    yield opened
    opened.close()


@pytest.fixture(params=["remembering", "forgetful"])
def verifier(request: pytest.FixtureRequest, replica: Replica, clock: StandingClock) -> Verifier:
    """A verifier with and without its memory: every verdict holds for both."""
    return Verifier(replica, clock, remember=100 if request.param == "remembering" else 0)
