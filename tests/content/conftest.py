"""What the tests of content share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from counterfoil.kernel.entropy import Entropy
from counterfoil.office import Office
from counterfoil.runtime.database import Database
from counterfoil.runtime.files import Files
from support.content import Garden
from support.harbour import Harbour
from support.office import StandingClock, office_on
from support.twins import Twin


@pytest.fixture
def garden(office: Office) -> Garden:
    """A garden on the embedded database."""
    return Garden(office)


@pytest.fixture
def any_garden(
    any_database: Database, clock: StandingClock, entropy: Entropy, tmp_path: Path
) -> Garden:
    """A garden on each engine in turn."""
    files = Files(tmp_path / "files", entropy)
    return Garden(office_on(any_database, clock, entropy, files=files))


@pytest.fixture
def harbour(any_garden: Garden) -> Harbour:
    """Docks on each engine in turn."""
    return Harbour(any_garden)


@pytest.fixture
def plain(garden: Garden) -> Harbour:
    """Docks on the embedded database."""
    return Harbour(garden)


@pytest.fixture
def twins(tmp_path: Path) -> Iterator[tuple[Twin, Twin]]:
    poor, rich = (
        Twin(tmp_path / "poor.sqlite", rich=False),
        Twin(tmp_path / "rich.sqlite", rich=True),
    )
    yield poor, rich
    poor.database.close()
    rich.database.close()
