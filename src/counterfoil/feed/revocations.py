"""The journal of revocations: what took power away, in files beside the database (R12).

A copy of the database does not know what was revoked after it was made. The journal does, so it
belongs on another disk, or is copied off the machine while it grows. It follows the feed as a
replica does: before the answer to a change leaves, what changed is in the journal, and on the disk.
How it is written down, and what shows that it was changed, stands in `journal.py`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from counterfoil.feed.codec import encode
from counterfoil.feed.event import (
    AnyEvent,
    EpochRecorded,
    OrganizationRecorded,
    TokenRecorded,
    TokenStruck,
)
from counterfoil.feed.journal import (
    FORMAT,
    SUFFIX,
    Line,
    Opening,
    Told,
    lines,
    segments,
)
from counterfoil.feed.source import Source
from counterfoil.kernel.clock import Clock, micros, system_clock
from counterfoil.runtime.chain import JournalError, append, chained, spelled
from counterfoil.runtime.hostlock import HostLock
from counterfoil.runtime.lasting import flush, make_folder

SEGMENT: Final = 4 << 20
"""A segment that has grown so large is followed by another."""
MOST: Final = 64
"""So many segments are kept: a backup that is older than the oldest of them is told too little."""
BATCH: Final = 500
_PRIVATE: Final = 0o700
_SESSION: Final = "o"


class Revocations:
    """The journal of one host, which its processes write together.

    Args:
        folder: where it lies.
        clock: what time it is.
    """

    def __init__(
        self, folder: Path, clock: Clock = system_clock, *, segment: int = SEGMENT
    ) -> None:
        self.folder = folder
        self._clock = clock
        self._largest = segment
        make_folder(folder)
        self._alone = HostLock(folder / "lock")
        self._path: Path | None = None
        self._read = 0
        self._chain = ""
        self._written = -1
        self.epoch = 0
        self.position = -1
        """Up to where this process has seen that everything is told; -1 before the first time."""

    def catch_up(self, source: Source, at_least: int | None = None) -> int:
        """Write what the source has told since, on the disk; return the position then.

        Raises:
            OSError, JournalError: if it cannot be written.
        """
        if at_least is not None and self.position >= at_least:
            return self.position
        with self._alone:
            self._look()
            if self._path is None:
                self._begin(source)
            while True:
                events = source.read_after(self.position, BATCH)
                self._write(events)
                if len(events) < BATCH:
                    return self.position

    def mark(self) -> None:
        """Write that nothing more took power away up to here, if that is not known yet."""
        with self._alone:
            self._look()
            if self._path is not None and self.position > self._written:
                self._append([Told(self.position, micros(self._clock()))])

    def known(self) -> tuple[int, int]:
        """Return the epoch and the position up to which it was told; zeros for an empty one."""
        with self._alone:
            self._look()
            return self.epoch, max(self.position, 0)

    def close(self) -> None:
        """Let the files go."""
        self._alone.close()

    def _look(self) -> None:
        """Read what other processes have written; a line that was cut short goes."""
        found = segments(self.folder)
        if not found:
            self._path = None
            return
        if self._path != found[-1]:
            self._path, self._read, self._chain = found[-1], 0, ""
        with self._path.open("r+b") as file:
            file.seek(self._read)
            raw = file.read()
            for line, chain, _ in lines(raw, self._chain):
                self._chain = chain
                self._keep(line)
            whole = raw.rfind(b"\n") + 1
            if whole < len(raw):
                file.truncate(self._read + whole)
            self._read += whole
        if self._read == 0:  # killed before its first line was whole
            self._path.unlink()
            self._path = None
            self._look()

    def _keep(self, line: Line) -> None:
        if isinstance(line, Opening):
            self.epoch, self.position = line.epoch, max(self.position, line.after)
            self._written = line.after
            return
        self._written = line.position
        self.position = max(self.position, line.position)
        if line.body is not None:
            event = msgspec.json.decode(line.body, type=_Kind)
            if event.kind == "epoch.recorded":
                self.epoch = event.epoch

    def _begin(self, source: Source) -> None:
        """Begin where the feed stands now: of what was before, every backup from now on knows."""
        with source.inventory() as now:
            self.epoch, self.position = now.epoch, now.position
        self._next("")

    def _next(self, before: str) -> None:
        found = segments(self.folder)
        number = int(found[-1].stem) + 1 if found else 1
        self._path = self.folder / f"{number:08d}{SUFFIX}"
        self._read, self._chain = 0, ""
        self._append([Opening(FORMAT, self.epoch, self.position, before)])
        flush(self.folder)
        for old in found[: max(0, len(found) + 1 - MOST)]:
            old.unlink(missing_ok=True)

    def _write(self, events: list[tuple[int, AnyEvent]]) -> None:
        if not events:
            return
        at, told = micros(self._clock()), [one for one in events if takes_power(one[1])]
        written: list[Line] = [
            Told(position, at, event=msgspec.Raw(encode(event))) for position, event in told
        ]
        if written:
            self._append(written)
        for _, event in events:
            if isinstance(event, EpochRecorded):
                self.epoch = event.epoch
        self.position = events[-1][0]
        if self._read > self._largest:
            self._next(self._chain)

    def _append(self, written: list[Line]) -> None:
        if self._path is None:
            message = "it was never begun"
            raise JournalError(message)
        chain, raw = self._chain, b""
        for line in written:
            body = msgspec.json.encode(line)
            chain = chained(chain, body)
            raw += spelled(chain, body)
        append(self._path, self._read, raw)
        self._chain, self._read = chain, self._read + len(raw)
        last = written[-1]
        self._written = last.after if isinstance(last, Opening) else last.position


class _Kind(msgspec.Struct):
    kind: str
    epoch: int = 0


def takes_power(event: AnyEvent) -> bool:
    """Say whether an event may have taken power away, as long as nobody looks closer.

    Sessions do not count, for a restore ends them all; nor do the limits of an organization.
    """
    if isinstance(event, TokenRecorded):
        return event.letter != _SESSION
    if isinstance(event, TokenStruck):
        return event.organization is not None
    return not isinstance(event, OrganizationRecorded)
