"""Where a work stands once it is committed: in the feed, and in the audit trail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from counterfoil.audit.record import Act


class Committed(NamedTuple):
    """Where that is.

    Attributes:
        position: the feed's head.
        entry: the number of the entry in the audit trail that says so; None if nothing was done.
    """

    position: int
    entry: int | None


class Reading(Protocol):
    """What is known of an operation: whether it changes nothing."""

    @property
    def reads(self) -> bool:
        """Whether it changes nothing."""
        ...


def deed(acts: Sequence[Act], last: int, known: Mapping[str, Reading]) -> int | None:
    """Return the number of the entry that says what was done, of acts whose entries end at `last`.

    That is the first of them that did more than look; the first of all where none did. An operation
    that this process does not know counts as a deed: a command at the machine imports a part of the
    operations alone, and what it does is done all the same.
    """
    first = last - len(acts) + 1
    done = (at for at, act in enumerate(acts, first) if not _only_looked(known.get(act.operation)))
    return next(done, first if acts else None)


def _only_looked(operation: Reading | None) -> bool:
    return operation is not None and operation.reads
