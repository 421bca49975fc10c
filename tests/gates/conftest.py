"""Two offices of one disk, for the tests of what a gate makes of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.forked import Both, copied


@pytest.fixture
def both(tmp_path: Path) -> Iterator[Both]:
    with copied(tmp_path) as it:
        yield it
