"""A bar on standard error for what takes long; nothing where nobody looks, or where it is quick."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import Final, TypeVar

from counterfoil.kernel.clock import system_clock

T = TypeVar("T")

_PATIENCE_S: Final = 0.3
"""So long nobody wonders."""
_WIDTH: Final = 24
_CLEAR: Final = "\r\x1b[K"


def progress(items: Iterable[T], label: str, total: int | None = None) -> Iterator[T]:
    """Yield the items, and show on a terminal how many are done, of how many if that is known."""
    if not sys.stderr.isatty():
        yield from items
        return
    shown_at = system_clock.seconds() + _PATIENCE_S
    try:
        for done, item in enumerate(items):
            now = system_clock.seconds()
            if now >= shown_at:
                _show(f"{label} {done if total is None else _bar(done, total)}")
                shown_at = now + _PATIENCE_S
            yield item
    finally:
        _show("")


def _bar(done: int, total: int) -> str:
    filled = _WIDTH * done // max(total, 1)
    return "━" * filled + " " * (_WIDTH - filled) + f" {done}/{total}"


def _show(text: str) -> None:
    sys.stderr.write(f"{_CLEAR}{text}")
    sys.stderr.flush()
