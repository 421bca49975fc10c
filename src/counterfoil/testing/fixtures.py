"""What pytest finds by the entry point `counterfoil`. It imports nothing before it is used."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from counterfoil.testing.memory_gate import MemoryGate


@pytest.fixture
def counterfoil_gate() -> Iterator[MemoryGate]:
    """A gate in memory that knows nobody yet; see `counterfoil.testing.MemoryGate`."""
    from counterfoil.testing.memory_gate import MemoryGate  # noqa: PLC0415 - for who uses it

    with MemoryGate() as gate:
        yield gate
