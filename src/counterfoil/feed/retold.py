"""Reading a journal of revocations back: all of it that came after a copy, or a reason why not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from counterfoil.feed.codec import UnknownEventError, decode
from counterfoil.feed.event import AnyEvent
from counterfoil.feed.journal import FORMAT, Line, Opening, Told, lines, segments
from counterfoil.kernel.plain import in_words
from counterfoil.runtime.chain import JournalError


class Tail(NamedTuple):
    """What a journal tells of what came after a position.

    Attributes:
        events: in order.
        position: up to where it was told.
        at: when the last line of it was written, in Unix microseconds; None if none was.
    """

    events: list[AnyEvent]
    position: int
    at: int | None


def tail(paths: Sequence[Path], position: int) -> Tail:
    """Return what journals tell of what came after a position.

    Of several hosts each has one, which tells of all of them up to where that host came: the one
    that goes furthest is taken.

    Args:
        paths: the folders.
        position: at which the copy ends.

    Raises:
        JournalError: naming the folder: for one that was changed, does not reach back so far, or
            is of another database.
    """
    found = [_tail(path, position) for path in paths]
    return max(found, key=lambda one: one.position)


def _tail(folder: Path, position: int) -> Tail:
    try:
        return _told(list(_read(folder)), position)
    except (JournalError, UnknownEventError, OSError) as error:
        message = f"{folder}: {in_words(error)}"
        raise JournalError(message) from error


def _read(folder: Path) -> Iterator[Line]:
    found = segments(folder)
    if not found:
        message = "there is no journal of revocations"
        raise JournalError(message)
    ended: str | None = None
    for segment in found:
        raw, chain = segment.read_bytes(), ""
        for line, after, _ in lines(raw, ""):
            chain = after
            if isinstance(line, Opening):
                if line.version != FORMAT:
                    message = f"{segment.name} is of format {line.version}: use a newer program"
                    raise JournalError(message)
                if ended is not None and line.chain != ended:
                    message = f"{segment.name} does not go on where the one before it ended"
                    raise JournalError(message)
            yield line
        if segment != found[-1] and not raw.endswith(b"\n"):
            message = f"{segment.name} was cut short"
            raise JournalError(message)
        ended = chain


def _told(found: list[Line], position: int) -> Tail:
    first = found[0] if found else None
    if not isinstance(first, Opening):
        message = "it has no beginning"
        raise JournalError(message)
    if first.after > position:
        message = f"it begins after position {first.after}, and the copy ends at {position}"
        raise JournalError(message)
    told = [line for line in found if isinstance(line, Told)]
    last = max((line.position for line in told), default=first.after)
    if last < position:
        message = f"it ends at position {last}, before the copy does: {position}"
        raise JournalError(message)
    events = [
        decode(line.version, line.body)
        for line in told
        if line.position > position and line.body is not None
    ]
    return Tail(events, last, told[-1].at if told else None)
