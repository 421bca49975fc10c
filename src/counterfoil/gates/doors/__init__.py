"""The doors at which gates on other hosts ask."""

from __future__ import annotations

from counterfoil.gates.doors.feed import doors, routes

__all__ = ["doors", "routes"]
