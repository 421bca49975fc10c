"""Two offices of one disk, for the tests of what a gate makes of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from counterfoil.runtime.database import Database
from support.forked import Both, copied
from support.handed import House, house_on


@pytest.fixture
def both(tmp_path: Path) -> Iterator[Both]:
    with copied(tmp_path) as it:
        yield it


@pytest.fixture
def house(database: Database, tmp_path: Path) -> Iterator[House]:
    with house_on(database, tmp_path) as it:
        yield it
