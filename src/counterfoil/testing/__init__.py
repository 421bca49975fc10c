"""For other people's tests: a gate in memory, and tokens that it knows.

    from counterfoil.testing import MemoryGate

    with MemoryGate() as gate:
        token = gate.token("orders:read")
        gate.decide(token, "orders:read")

What decides is the gate's own code on a replica of its own; only the office behind it is missing.
With pytest, the fixture `counterfoil_gate` is there as soon as Counterfoil is installed.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from counterfoil.testing.memory_gate import Member, MemoryGate
    from counterfoil.testing.movable_clock import MovableClock

__all__ = ["Member", "MemoryGate", "MovableClock"]

_WHERE: Final = {
    "Member": "memory_gate",
    "MemoryGate": "memory_gate",
    "MovableClock": "movable_clock",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever is asked for
    """Import the gate when it is asked for, since every run of pytest imports the fixture."""
    if name not in _WHERE:
        raise AttributeError(name)
    return getattr(import_module(f"counterfoil.testing.{_WHERE[name]}"), name)
