"""What the gates of a host were told last, to hold the rows of the database against (S5).

It lies with the host, where nobody reaches who can write to the database alone. So whoever puts an
older state of something back, seal and all, is noticed where it would give more than was told.
"""

from __future__ import annotations

from typing import Final, Protocol

from counterfoil.feed.event import AnyEvent

CHANGED: Final = "its row is not as it was sealed: somebody changed it in the database"
EARLIER: Final = "its row is of an earlier time: somebody put it back in the database"
"""Why something is closed that somebody else has written, as the trail says it."""


class Known(Protocol):
    """What a host was told."""

    def exceeded_by(self, event: AnyEvent) -> bool:
        """Say whether an event, as the rows would tell it now, gives more than was told."""
        ...

    def reach(self, position: int) -> bool:
        """Have the host be told everything up to a position of the feed; say whether it was."""
        ...


def is_put_back(known: Known, event: AnyEvent, head: int) -> bool:
    """Say for certain that rows are of an earlier time than what was told.

    Args:
        known: what was told.
        event: as the rows tell it.
        head: of the feed, which is held: nothing comes after it before this is over.
    """
    return known.reach(head) and known.exceeded_by(event)
