"""A bar on standard error for what takes long; nothing where nobody looks, or where it is quick.

Nobody looks where it is no terminal, nor where a program reads the result and is told everything
as data. There is no colour in it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final, TypeVar

from counterfoil.cli.output.choice import chosen
from counterfoil.kernel.clock import system_clock
from counterfoil.kernel.headway import Stage, Tell, nobody, told

T = TypeVar("T")

PATIENCE_S: Final = 0.3
"""So long nobody wonders."""
_WIDTH: Final = 24
_MEGA: Final = 1_000_000
_CLEAR: Final = "\r\x1b[K"


@contextmanager
def bar() -> Iterator[Tell]:
    """Give what is to be told how far work has come; what it drew is gone when the block ends."""
    if not _is_seen():
        yield nobody
        return
    try:
        yield _Bar().tell
    finally:
        wipe()


def progress(items: Iterable[T], label: str, total: int | None = None) -> Iterator[T]:
    """Yield the items, and show on a terminal how many are done, of how many if that is known."""
    with bar() as tell:
        yield from told(items, tell, Stage(label, total))


def wipe() -> None:
    """Take away what is drawn, so that a sentence can stand there."""
    if _line.is_taken:
        _line.draw("")


def _is_seen() -> bool:
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb" and not chosen().is_data


class _Bar:
    """Draws now and then, and for the first time when somebody may begin to wonder."""

    def __init__(self) -> None:
        self._next = system_clock.seconds() + PATIENCE_S

    def tell(self, stage: Stage, done: int) -> None:
        """Show how much is done, if it is time."""
        now = system_clock.seconds()
        if now >= self._next:
            _line.draw(_spelled(stage, done))
            self._next = now + PATIENCE_S


class _Line:
    """The last line of the terminal."""

    def __init__(self) -> None:
        self.is_taken = False

    def draw(self, text: str) -> None:
        """Put a text in the place of what was drawn before."""
        sys.stderr.write(f"{_CLEAR}{text}")
        sys.stderr.flush()
        self.is_taken = bool(text)


_line: Final = _Line()


def _spelled(stage: Stage, done: int) -> str:
    """Return `Importing ━━━━ 2/6`, or `Reading 2.5 MB` of who knows how many."""
    label, total, in_bytes = stage
    amounts = [done] if total is None else [done, total]
    told_ = "/".join(f"{one / _MEGA:.1f}" if in_bytes else str(one) for one in amounts)
    unit = " MB" if in_bytes else ""
    if total is None:
        return f"{label} {told_}{unit}"
    filled = min(_WIDTH, _WIDTH * done // max(total, 1))
    return f"{label} {'━' * filled}{' ' * (_WIDTH - filled)} {told_}{unit}"
