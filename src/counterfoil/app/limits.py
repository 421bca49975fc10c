"""PLACEHOLDER until gate/limits.py is there."""

from __future__ import annotations

from typing import Any


class Ledger:
    def __init__(self, *args: Any) -> None: ...
    def count(self, *args: Any) -> None: ...
    def close(self) -> None: ...
