"""Who waits, after a commit, until what it took away is gone at the gates of other hosts too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

from sqlalchemy.exc import SQLAlchemyError

from counterfoil.feed.event import AnyEvent
from counterfoil.kernel.errors import Code, Unserved

_UNSETTLED: Final = (
    "This was committed, but the database does not say whether the gates of other hosts know: what "
    "it takes away is gone everywhere within two seconds. Do not ask again."
)


class Receipts(Protocol):
    """Waits for the gates of one office."""

    @property
    def reach(self) -> str:
        """Where a change holds after it was waited for: `everywhere`, or at this `host`."""
        ...

    def concern(self, events: Sequence[AnyEvent]) -> bool:
        """Say whether one of these may have taken power away."""
        ...

    def wait(self, position: int) -> None:
        """Return when what was committed there holds."""
        ...


class NoGates:
    """There are no gates on other hosts."""

    reach = "host"

    def concern(self, events: Sequence[AnyEvent]) -> bool:
        """Say that nobody has to know."""
        del events
        return False

    def wait(self, position: int) -> None:
        """Wait for nobody."""


NO_GATES: Final = NoGates()


def settle(receipts: Receipts, position: int) -> None:
    """Return when all up to a position holds: everywhere, as a rule.

    Raises:
        Unserved: if nobody can tell; what was committed stays.
    """
    try:
        receipts.wait(position)
    except SQLAlchemyError as error:
        meta = {"committed": True, "position": position}
        raise Unserved(Code.NOT_READY, _UNSETTLED, meta=meta) from error
