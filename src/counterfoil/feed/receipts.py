"""Who waits, after a commit, until what it took away is gone at the gates of other hosts too."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final, Protocol

from sqlalchemy.exc import SQLAlchemyError

from counterfoil.feed.event import AnyEvent
from counterfoil.kernel.errors import Code, Unserved

HERE: Final = "host"
"""Where a change holds of which it is not certain that it holds everywhere."""
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

    def begin(self, position: int) -> Callable[[], None]:
        """Look who has to know of what was committed there just now; return what waits for them.

        That returns when it holds, but for reads in the grace of an API: two seconds after this
        look at most, whatever was done in between.
        """
        ...

    def lingers_s(self, position: int) -> float:
        """Return after how many seconds no gate lets reads pass by what was before; 0 for now."""
        ...


def _nobody() -> None:
    """Wait for nobody."""


class NoGates:
    """There are no gates on other hosts."""

    reach = HERE

    def concern(self, events: Sequence[AnyEvent]) -> bool:
        """Say that nobody has to know."""
        del events
        return False

    def begin(self, position: int) -> Callable[[], None]:
        """Wait for nobody."""
        del position
        return _nobody

    def lingers_s(self, position: int) -> float:
        """Say that nobody goes by what was before."""
        del position
        return 0.0


NO_GATES: Final = NoGates()


class Deferred:
    """The gates of somebody who would not wait for them, but be told of them."""

    reach = HERE

    def __init__(self, receipts: Receipts) -> None:
        self._receipts = receipts

    def concern(self, events: Sequence[AnyEvent]) -> bool:
        """Say that nobody has to wait."""
        del events
        return False

    def begin(self, position: int) -> Callable[[], None]:
        """Wait for nobody."""
        del position
        return _nobody

    def lingers_s(self, position: int) -> float:
        """Say for how long gates may go by what was before."""
        return self._receipts.lingers_s(position)


def settle(receipts: Receipts, position: int) -> None:
    """Return when all up to a position holds: everywhere, as a rule.

    Raises:
        Unserved: if nobody can tell; what was committed stays.
    """
    _begun(receipts, position)()


def settling(receipts: Receipts, position: int, events: Sequence[AnyEvent]) -> Callable[[], int]:
    """Look who has to know of events that were committed just now; return what waits for them.

    That returns the position as `settle` does, or 0 if nobody had to know. So whatever is done in
    between is a part of the two seconds, and does not come on top of them.
    """
    if not receipts.concern(events):
        return int
    wait = _begun(receipts, position)

    def settle() -> int:
        wait()
        return position

    return settle


def _begun(receipts: Receipts, position: int) -> Callable[[], None]:
    begun: Callable[[], None] | SQLAlchemyError
    try:
        begun = receipts.begin(position)
    except SQLAlchemyError as error:
        begun = error

    def wait() -> None:
        with _told(position):
            if isinstance(begun, SQLAlchemyError):
                raise begun
            begun()

    return wait


def lingers_s(receipts: Receipts, position: int) -> float:
    """Return after how many seconds all up to a position holds for reads too; 0 if it does.

    Raises:
        Unserved: as `settle` says.
    """
    with _told(position):
        return receipts.lingers_s(position)


@contextmanager
def _told(position: int) -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        meta = {"committed": True, "position": position}
        raise Unserved(Code.NOT_READY, _UNSETTLED, meta=meta) from error
